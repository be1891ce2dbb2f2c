from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.places import expect_folder, expect_place, writing
from harness.errors import StoreError

Call = Callable[..., tuple[int, str, str]]

FEW = ("-d", "upcalls[clips=40]", "-r", "waveform", "--picture-size", "16")


@pytest.fixture
def wall(tmp_path: Path) -> Path:
    """A file where a folder should be."""
    file = tmp_path / "wall"
    file.write_text("a wall")
    return file


def test_a_file_in_the_way_is_told(wall: Path) -> None:
    for check in (expect_place, expect_folder):
        with pytest.raises(StoreError, match=r"wall is a file. Name another place: --output\."):
            check(wall / "deep" / "down", "--output")
    with pytest.raises(StoreError, match="a file has this name"):
        expect_folder(wall, "--output")


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    expect_folder(tmp_path / "a" / "b", "--output")
    expect_place(tmp_path / "a" / "b.json", "--output")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="File name too long"):
        expect_place(tmp_path / ("x" * 300), "--output")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreError, match=r"No space left on device\. Name another place: --cache"),
        writing(tmp_path, "--cache"),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("place", ["in the way", "too long"])
@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["run", *FEW, "-c", "majority", "--results"], "--results"),
        (["run", *FEW, "-c", "majority", "--cache"], "--cache"),
        (["split", "make", *FEW[:2]], "another FILE.json"),
        (["render", *FEW, "-o"], "--output"),
        (["new", "improvement", "my-filter", "--folder"], "--folder"),
        (["check", "waveform", "--store", "--outputs"], "--outputs"),
    ],
)
def test_every_verb_tells_where_it_cannot_write(
    verb: Call, wall: Path, arguments: list[str], option: str, place: str
) -> None:
    target = wall / "x.json" if place == "in the way" else wall.parent / f"{'x' * 300}.json"
    before = sorted(wall.parent.rglob("*"))
    status, shown, errors = verb(*arguments, target)
    assert (status, shown) == (2, ""), errors
    assert errors.startswith("sightbench: ")
    assert errors.count("\n") == 1
    assert option in errors
    assert sorted(wall.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "-o"],
        ["disagree", "waveform/pixels-logistic", "spectrogram/pixels-logistic", "--pictures"],
    ],
)
def test_verbs_on_a_run_tell_where_they_cannot_write(
    verb: Call, hostile: Path, wall: Path, arguments: list[str]
) -> None:
    status, _, errors = verb(*arguments, wall / "x", "--results", hostile / "results")
    assert status == 2
    assert arguments[-1] in errors or "--output" in errors


def test_no_picture_stays_where_one_cannot_be_written(
    verb: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harness.files import whole
    from harness.reporting.sheets import clips

    written: list[Path] = []

    def fill(path: Path, content: bytes, *, durable: bool = True) -> None:
        if len(written) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(path)
        whole.write_whole(path, content, durable=durable)

    monkeypatch.setattr(clips, "write_whole", fill)
    status, _, errors = verb("render", *FEW, "-o", tmp_path / "pictures")
    assert status == 2
    assert "No space left on device. Name another place: --output." in errors
    assert len(written) == 3
    assert list((tmp_path / "pictures").iterdir()) == []


def test_a_worker_that_finds_no_place_for_pictures_is_a_sentence(
    verb: Call, tmp_path: Path, clips: Callable[..., Path]
) -> None:
    from harness.pictures.keys import drawing_key
    from harness.planning.plan import make_plan
    from harness.registry.discovery import load
    from harness.registry.resolution import resolve

    plugins = load()
    folder = clips(tmp_path / "data", ["a", "b"])
    chosen = {"representations": ["waveform"], "picture_height": 16, "picture_width": 16}
    plan = make_plan(
        {"dataset": f"labelled-folder[path={folder}]", "classifiers": ["majority"], **chosen},
        plugins.catalogue.is_improvement,
    )
    (drawing,) = resolve(plan, plugins).drawings.values()
    home = tmp_path / "cache" / "pictures"
    home.mkdir(parents=True)
    (home / drawing_key(drawing)).write_text("in the way")  # type: ignore[arg-type]
    status, shown, errors = verb(
        *("run", "-d", "labelled-folder", "--path", folder, "-r", "waveform", "-c", "majority"),
        *("--picture-size", "16", "--folds", "0", "-j", "1"),
        *("--results", tmp_path / "results", "--cache", tmp_path / "cache"),
    )
    assert (status, shown) == (2, "")
    assert "Traceback" not in errors
    assert "--cache" in errors.splitlines()[-1]
