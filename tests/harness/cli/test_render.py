from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Call = Callable[..., tuple[int, str, str]]

SMALL = ("-r", "waveform", "--picture-size", "16")


def test_a_bad_clip_is_named(verb: Call, tmp_path: Path, clips: Callable[..., Path]) -> None:
    folder = clips(tmp_path / "data", ["a", "b"], each=2)
    (folder / "b" / "1.wav").write_bytes(b"RIFF, but no more")
    status, _, errors = verb(
        *("render", "-d", "labelled-folder", "--path", folder, "--count", "4", *SMALL),
        *("-o", tmp_path / "pictures"),
    )
    assert status == 2
    assert "b/1.wav" in errors
    assert not (tmp_path / "pictures").exists()


def test_paths_that_are_all_wrong_are_a_sentence(verb: Call, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    rows = [f"nowhere/{number}.wav,{'ab'[number % 2]}\n" for number in range(8)]
    table.write_text("path,label\n" + "".join(rows))
    status, _, errors = verb(
        *("render", "-d", "manifest", "--path", table, *SMALL, "-o", tmp_path / "p")
    )
    assert status == 2
    assert errors.startswith("sightbench: ")
    assert "None of the 8 files" in errors
    assert "root=" in errors


def test_a_clip_that_is_not_there_is_named(
    verb: Call, tmp_path: Path, clips: Callable[..., Path]
) -> None:
    folder = clips(tmp_path / "data", ["a", "b"], each=2)
    status, _, errors = verb(
        "render", "-d", "labelled-folder", "--path", folder, "--clip", "nosuch", *SMALL
    )
    assert status == 2
    assert "has no clip nosuch; the first one that it has is " in errors
