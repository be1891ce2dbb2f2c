"""Classifiers that look at the same pictures look together; nothing else changes."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from harness import Classifier, Pictures
from harness.errors import Spoilt
from harness.measuring.timing import Lap, Stopwatch
from harness.pictures.painted import Painted
from harness.running import sharing
from harness.running.computed import Computed
from harness.running.sharing import LookingTask, look_at_block
from harness.values import Levels

CHOICES = {
    "representations": ["levels", "waveform"],
    "classifiers": ["pixels-logistic", "pca-svm", "majority", "bookkeeping"],
}


class Means(Classifier):
    """Sees the mean of each picture."""

    name = "means"

    def features(self, pictures):
        return pictures.pixels.mean(axis=(1, 2), dtype=np.float64)

    def fit(self, features, labels, rng):
        raise NotImplementedError


class Failing(Means):
    """Cannot look."""

    name = "failing"

    def features(self, pictures):
        raise SystemExit("cannot look")


class Whole(Means):
    """Sees all of a picture, 27 kB."""

    name = "whole"

    def features(self, pictures):
        return pictures.pixels


class Names(Means):
    """Sees what is no number."""

    name = "names"

    def features(self, pictures):
        return np.array([[object()] for _ in pictures.ids])


class Shown:
    """An album that counts what is read of it."""

    def __init__(self, count: int, spoilt: bool = False) -> None:
        self.pixels = np.random.default_rng(0).integers(0, 256, (count, 90, 100, 3), np.uint8)
        self.spoilt = spoilt
        self.read: list[int] = []

    def __len__(self) -> int:
        return len(self.pixels)

    def pictures(self, rows):
        if self.spoilt:
            raise Spoilt("a picture is gone")
        self.read += rows
        return Pictures(self.pixels[rows.start : rows.stop], tuple(map(str, rows)))


def _task(album: Shown, folder: Path, **classifiers: Classifier) -> LookingTask:
    return LookingTask(classifiers, album, 0, folder)  # type: ignore[arg-type]


def _predictions(run, records):
    return {
        str(record.cell): (each.predictions.labels, each.predictions.scores.tobytes())
        for record in records
        for each in [run.predictions(record.cell)]
    }


def test_together_gives_what_alone_gives(run_plan, monkeypatch):
    monkeypatch.setattr(sharing, "BLOCK", 25)
    run, records, silent = run_plan(**CHOICES)
    assert silent.stages["looking at pictures"] == 2 * 60
    together = _predictions(run, records)
    monkeypatch.setattr(sharing, "MOST_PICTURES", 100)
    run, records, silent = run_plan(**CHOICES, fresh_results="again")
    assert "looking at pictures" not in silent.stages
    assert len(records) == 8
    assert _predictions(run, records) == together
    seen = {r.cell.classifier.name: "features" in r.seconds for r in records}
    assert seen == {
        "pixels-logistic": True,
        "pca-svm": True,
        "majority": True,
        "bookkeeping": False,
    }


def test_the_times_of_features_are_those_of_each_classifier(run_plan):
    _, records, _ = run_plan(classifiers=["pixels-logistic", "majority"])
    for record in records:
        assert record.seconds["features"].clips == 60
        assert len(record.seconds["features"].hosts) == 1


@pytest.mark.parametrize("choices", [{"timeout_s": 60.0}, {"classifiers": ["pixels-logistic"]}])
def test_who_has_a_time_limit_or_nobody_beside_looks_alone(run_plan, choices):
    _, records, silent = run_plan(**{"classifiers": ["pixels-logistic", "pca-svm"], **choices})
    assert {record.status for record in records} == {"ok"}
    assert "looking at pictures" not in silent.stages


def test_each_picture_is_read_once_and_who_fails_fails_alone(tmp_path):
    album = Shown(100)
    task = _task(album, tmp_path, a=Means(), b=Failing(), c=Whole(), d=Names(), e=Means())
    seen = look_at_block(task)
    assert seen.keys() == {"a", "e"}
    assert album.read == list(range(100))
    assert sum(lap.clips for lap in seen["a"]) == 100
    watch = Stopwatch()
    found = Computed((tmp_path / "a-0.npy",), seen["a"]).read(100, watch, tmp_path)
    np.testing.assert_array_equal(found, album.pixels.mean(axis=(1, 2)))
    assert watch.laps["features"] == list(seen["a"])


def test_each_classifier_paints_for_itself(tmp_path, monkeypatch):
    painted = []
    monkeypatch.setattr(
        "harness.pictures.painted.colour",
        lambda planes, table: painted.append(len(planes)) or table[planes],
    )
    levels = Levels(np.zeros((5, 6, 7), np.uint8), np.zeros((256, 3), np.uint8))
    album = Shown(5)
    album.pictures = lambda rows: Painted(levels, tuple("abcde"))
    assert look_at_block(_task(album, tmp_path, a=Means(), b=Means())).keys() == {"a", "b"}
    assert painted == [5, 5]


def test_a_damaged_picture_is_left_to_the_cells(tmp_path):
    assert look_at_block(_task(Shown(3, spoilt=True), tmp_path, a=Means(), b=Means())) == {}
    assert list(tmp_path.iterdir()) == []


def test_features_that_are_gone_or_cut_are_none(tmp_path):
    watch, laps = Stopwatch(), [Lap(1.0, 4)]
    np.save(tmp_path / "one.npy", np.ones((4, 2)))
    files = (tmp_path / "one.npy", tmp_path / "other.npy")
    assert Computed(files, laps).read(8, watch, tmp_path) is None
    assert Computed(files[:1], laps).read(8, watch, tmp_path) is None
    files[1].write_bytes(files[0].read_bytes()[:-1])
    assert Computed(files, laps).read(8, watch, tmp_path) is None
    assert watch.laps == {}
    assert Computed(files[:1], laps).read(4, watch, tmp_path) is not None


class Slow(Means):
    """Makes what others make as well, in a time that can be told."""

    name = "slow"

    def features(self, pictures):
        return pictures.once(slow_means)


def slow_means(pictures):
    time.sleep(0.02)
    return pictures.pixels.mean(axis=(1, 2), dtype=np.float64)


class Levelled(Shown):
    """An album of one plane each."""

    def pictures(self, rows):
        colours = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
        planes = self.pixels[rows.start : rows.stop, :, :, 0]
        return Painted(Levels(planes, colours), tuple(map(str, rows)))


def test_what_is_made_once_for_all_costs_each_what_it_would_have_cost(tmp_path):
    seen = look_at_block(_task(Levelled(3), tmp_path, one=Slow(), other=Slow()))
    assert all(lap.seconds >= 0.02 for laps in seen.values() for lap in laps)
    found = [np.load(sharing.file_of(tmp_path, name, 0)) for name in ("one", "other")]
    np.testing.assert_array_equal(*found)
