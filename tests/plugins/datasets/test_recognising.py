"""Which dataset knows which path at sight."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from harness.errors import DatasetError
from harness.registry.discovery import load
from harness.registry.guessing import guess_dataset

CATALOGUE = load().catalogue


def place(root: Path, *names: str, text: str = "") -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def guessed(path: Path) -> str:
    return guess_dataset(CATALOGUE, path).name


def test_a_folder_a_class(tmp_path: Path) -> None:
    assert guessed(place(tmp_path, "a/1.wav", "b/2.flac")) == "labelled-folder"


def test_a_zip_of_them(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "clips.zip", "w") as file:
        file.writestr("a/1.wav", b"")
        file.writestr("b/1.wav", b"")
    assert guessed(tmp_path / "clips.zip") == "labelled-folder"


@pytest.mark.parametrize("head", ["path,label", "label;path;site", "\ufeffpath\tlabel"])
def test_a_table_of_paths_and_labels(tmp_path: Path, head: str) -> None:
    table = tmp_path / "labels.csv"
    table.write_text(f"{head}\n", encoding="utf-8")
    assert guessed(table) == "manifest"


def test_kaggles_whales_as_downloaded_and_as_sampled(tmp_path: Path) -> None:
    whole = place(tmp_path / "whole", "data/train/train1.aiff", "data/train.csv")
    sample = place(tmp_path / "sample", "right_whale/1.aif", "no_right_whale/2.aif")
    assert guessed(whole) == guessed(sample) == "right-whale"


def test_series_and_pairs_of_them(tmp_path: Path) -> None:
    place(tmp_path, "Gun_TRAIN.ts", "Gun_TEST.ts", text="@problemName Gun\n")
    assert guessed(tmp_path / "Gun_TRAIN.ts") == "time-series"
    assert guessed(tmp_path / "Gun") == "time-series"


def test_a_video_is_no_series(tmp_path: Path) -> None:
    (tmp_path / "film.ts").write_bytes(b"\x47\x40\x11\x10" * 100)
    with pytest.raises(DatasetError, match="no dataset that is known"):
        guessed(tmp_path / "film.ts")


def test_recordings_with_tables_beside_them(tmp_path: Path) -> None:
    place(tmp_path, "tape.flac", "tape.Table.1.selections.txt")
    assert guessed(tmp_path) == guessed(tmp_path / "tape.flac") == "annotated"


def test_hidden_files_and_others_are_nothing(tmp_path: Path) -> None:
    place(tmp_path, ".a/1.wav", "notes.md")
    with pytest.raises(DatasetError, match="no dataset that is known"):
        guessed(tmp_path)
