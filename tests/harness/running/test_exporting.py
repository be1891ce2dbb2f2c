"""Pictures of a split as files; each is compared with what the gallery holds."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness.errors import PlanError, StoreError
from harness.pictures.gallery import Gallery
from harness.pictures.naming import pixel_hash
from harness.planning.plan import make_plan
from harness.registry.discovery import Plugins
from harness.registry.resolution import resolve
from harness.results.predictions import unshield
from harness.running.exporting import MANIFEST, Exported, export
from harness.running.options import Options, Session
from harness.running.workers import Workers


class Nobody:
    def stage(self, name: str, total: int | None, before: int = 0) -> None: ...
    def advance(self, steps: int = 1) -> None: ...
    def tell(self, line: str) -> None: ...
    def busy(self, cells: Any) -> None: ...
    def remote(self, cell: str, done: int, total: int, what: str) -> None: ...


def exported(
    root: Path, plugins: Plugins, workers: Workers, kind: str = "png", **choices: Any
) -> Exported:
    chosen = {
        "dataset": "tones[clips=30]", "representations": ["levels"], "classifiers": ["majority"],
        "split": "stratified", "folds": 3, "picture_height": 16, "picture_width": 24, **choices,
    }  # fmt: skip
    plan = make_plan(chosen, plugins.catalogue.is_improvement)
    options = Options(root / "results", Gallery(root / "cache"), jobs=2)
    session = Session(options, workers, Nobody(), plugins.hook)
    return export(resolve(plan, plugins), root / "out", kind, session)


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / MANIFEST).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_clip_of_the_split_has_its_picture(
    tmp_path: Path, plugins: Plugins, workers: Workers
) -> None:
    written = exported(tmp_path, plugins, workers)
    rows = manifest(tmp_path / "out")
    assert len(rows) == written.train + written.holdout == 30
    on_disk = {p.relative_to(tmp_path / "out").as_posix() for p in tmp_path.glob("out/*/*/*")}
    assert on_disk == {row["path"] for row in rows}
    for row in rows:
        assert row["path"].startswith(f"{row['side']}/{row['label']}/{row['id']}-")
        pixels = np.asarray(Image.open(tmp_path / "out" / row["path"]))
        assert pixels.shape == (16, 24, 3)
        assert pixel_hash(pixels) == row["picture"]
        assert (row["fold"] == "") == (row["side"] == "holdout")
    assert not (tmp_path / "results").exists()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"train", "holdout", MANIFEST}


def test_jpegs_are_jpegs(tmp_path: Path, plugins: Plugins, workers: Workers) -> None:
    exported(tmp_path, plugins, workers, kind="jpeg")
    rows = manifest(tmp_path / "out")
    assert {Image.open(tmp_path / "out" / row["path"]).format for row in rows} == {"JPEG"}


def test_strangers_labels_stay_inside_and_apart(
    tmp_path: Path, plugins: Plugins, workers: Workers
) -> None:
    labels = "../../up,Dog,dog,=1+1"
    exported(tmp_path, plugins, workers, dataset=f"tones[clips=40,labels='{labels}']")
    rows = manifest(tmp_path / "out")
    assert {unshield(row["label"]) for row in rows} == set(labels.split(","))
    assert not any(row["label"].startswith("=") for row in rows)
    folders = {unshield(row["label"]): row["path"].split("/")[1] for row in rows}
    assert len({each.casefold() for each in folders.values()}) == 4
    for row in rows:
        place = (tmp_path / "out" / row["path"]).resolve()
        assert place.is_relative_to((tmp_path / "out").resolve())
        assert place.exists()
    assert not list(tmp_path.glob("up*"))


def test_a_folder_that_holds_something_is_left_alone(
    tmp_path: Path, plugins: Plugins, workers: Workers
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("kept")
    with pytest.raises(StoreError, match="is there already"):
        exported(tmp_path, plugins, workers)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(tmp_path: Path, plugins: Plugins, workers: Workers) -> None:
    (tmp_path / "out").mkdir()
    exported(tmp_path, plugins, workers)
    assert len(manifest(tmp_path / "out")) == 30


def test_what_fails_leaves_nothing(
    tmp_path: Path, plugins: Plugins, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("harness.running.exporting._write", full)
    with pytest.raises(StoreError, match="No space left"):
        exported(tmp_path, plugins, workers)
    assert {path.name for path in tmp_path.iterdir()} <= {"cache"}


def test_one_representation_at_a_time(tmp_path: Path, plugins: Plugins, workers: Workers) -> None:
    with pytest.raises(PlanError, match="2 representations are chosen"):
        exported(tmp_path, plugins, workers, representations=["levels", "waveform"])


def test_what_cannot_be_drawn_says_why(tmp_path: Path, plugins: Plugins, workers: Workers) -> None:
    with pytest.raises(PlanError, match="cannot draw on purpose"):
        exported(tmp_path, plugins, workers, representations=["levels[fault=raise]"])
    assert not (tmp_path / "out").exists()


def test_a_stack_is_exported_whatever_the_classifiers_look_at(
    tmp_path: Path, plugins: Plugins, workers: Workers
) -> None:
    stacked = ["stack(levels, waveform)"]
    written = exported(
        tmp_path, plugins, workers, representations=stacked, classifiers=["nearest-spectrum"]
    )
    assert written.train + written.holdout == 30
    (first, *_) = sorted(tmp_path.glob("out/*/*/*.png"))
    pixels = np.asarray(Image.open(first))
    assert pixels.shape == (16, 24, 3)
    assert not pixels[..., 2].any()  # of two parts there is no blue
    assert pixels[..., :2].any()
