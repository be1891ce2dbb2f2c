"""What is kept between runs: believed when it fits, made again where it is damaged, bounded."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from harness.errors import StoreError
from harness.pictures import rows
from harness.pictures.gallery import Gallery
from harness.running import room
from harness.running.features import features_key
from tests.samples.damage import DAMAGES

CHOICES = {"representations": ["levels", "blog-plot"], "classifiers": ["nearest-mean", "majority"]}


def chunks(root: Path, what: str = "cache") -> list[Path]:
    return sorted(root.glob(f"{what}/*/chunk-*"))


def predictions(run, records):
    return {str(record.cell): run.predictions(record.cell) for record in records}


def assert_equal(found, expected):
    assert found.keys() == expected.keys()
    for cell, table in expected.items():
        assert found[cell].predictions.labels == table.predictions.labels
        np.testing.assert_array_equal(found[cell].predictions.scores, table.predictions.scores)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_cache_gives_the_figures_of_a_clean_one(run_plan, tmp_path, damage):
    run, records, _ = run_plan(**CHOICES)
    clean = predictions(run, records)
    sound = {path: rows.is_sound(path) for path in chunks(tmp_path)}
    assert len(sound) == 2
    assert all(sound.values())
    for path in sound:
        damage(path)
    again, second, _ = run_plan(**CHOICES, fresh_results="again")
    assert {record.status for record in second} == {"ok"}
    assert_equal(predictions(again, second), clean)
    assert [path for path in chunks(tmp_path) if not rows.is_sound(path)] == []


def test_damage_that_is_found_while_cells_run_is_told(run_plan, tmp_path):
    run_plan()
    data = chunks(tmp_path)[0].read_bytes()
    chunks(tmp_path)[0].write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    _, (record,), silent = run_plan(fresh_results="again")
    assert record.status == "ok"
    assert any("damaged or gone; they are drawn anew" in line for line in silent.lines)


def test_a_stack_whose_part_is_damaged_is_mended(run_plan, tmp_path):
    stacked = {"representations": ["stack(levels, waveform)"]}
    run, records, _ = run_plan(**stacked)
    clean = predictions(run, records)
    damaged = chunks(tmp_path)
    assert len(damaged) == 2
    data = damaged[1].read_bytes()
    damaged[1].write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    again, second, silent = run_plan(**stacked, fresh_results="again")
    assert any("damaged or gone; they are drawn anew" in line for line in silent.lines)
    assert_equal(predictions(again, second), clean)
    assert all(rows.is_sound(path) for path in chunks(tmp_path))


def test_a_picture_that_is_damaged_twice_fails_its_cells(run_plan, monkeypatch):
    """A disk that fails gives no figures: pictures are read as written, then are not."""
    from harness.running import cells

    real, calls = cells.draw, []

    def spoiling(ready, session, cells=None, fresh=None):
        albums = real(ready, session, cells, fresh)
        calls.append(fresh)
        for album in albums.values():
            for name in album.chunks:
                path = album.folder / name
                path.write_bytes(path.read_bytes()[:-1] + b"?")
        return albums

    monkeypatch.setattr(cells, "draw", spoiling)
    _, records, _ = run_plan(drawn_by=spoiling, classifiers=["nearest-mean", "majority"])
    assert {record.status for record in records} == {"failed"}
    assert all("sightbench cache clear" in record.reason for record in records)
    assert calls == [None, False]
    assert len(records) == 2


def test_fresh_draws_every_picture_anew(run_plan, tmp_path):
    run_plan(**CHOICES)
    before = {path: path.stat().st_mtime_ns for path in chunks(tmp_path)}
    _, records, silent = run_plan(**CHOICES, fresh=True)
    assert silent.drawn == 60
    assert len(records) == 4
    after = {path: path.stat().st_mtime_ns for path in chunks(tmp_path)}
    assert after.keys() == before.keys()
    assert all(after[path] > before[path] for path in before)


def test_a_run_says_what_disk_it_needs(run_plan, monkeypatch):
    _, _, silent = run_plan()
    assert "pictures will take about 1 MB of disk" in "\n".join(silent.lines)
    monkeypatch.setattr(Gallery, "free_bytes", lambda self: room.SPARE_BYTES)
    with pytest.raises(StoreError, match=r"disk that holds .* has 268 MB free.*--cache"):
        run_plan(representations=["waveform"])


def test_the_limit_holds_during_a_run(run_plan, tmp_path):
    run_plan(representations=["levels"])
    (old,) = chunks(tmp_path)
    os.utime(old, (0, 0))
    _, _, silent = run_plan(representations=["waveform"], limit_bytes=10_000)
    assert not old.exists()
    assert len(chunks(tmp_path)) == 1
    assert "over its limit" in silent.lines[-1]


def test_what_a_run_reads_is_never_thrown_out(run_plan, tmp_path):
    run_plan(representations=["levels"])
    (old,) = chunks(tmp_path)
    os.utime(old, (0, 0))
    _, records, silent = run_plan(
        representations=["levels", "waveform"], limit_bytes=10_000, fresh_results="again"
    )
    assert {record.status for record in records} == {"ok"}
    assert old.exists()
    assert time.time() - old.stat().st_mtime < 600
    assert silent.drawn == 60


def test_a_disk_that_is_full_is_said(run_plan, monkeypatch, tmp_path):
    def full(*_, **given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rows, "write_whole", full)
    with pytest.raises(StoreError, match=r"cannot be kept in .*No space left.*--cache"):
        Gallery(tmp_path).features.add("key", rows.Rows(("a",), (b"x",), {}))


class TestFeatures:
    """Of a classifier that wants them kept."""

    def calls(self, root: Path) -> int:
        log = root / "calls"
        return sum(map(int, log.read_text().split())) if log.exists() else 0

    def choice(self, root: Path, **more: object) -> str:
        written = ",".join(f"{name}={value!r}" for name, value in more.items())
        return f"seer[log='{root / 'calls'}'{',' if written else ''}{written}]"

    def test_they_are_computed_once_for_all_heads_folds_splits_and_runs(self, run_plan, tmp_path):
        one, other = self.choice(tmp_path), self.choice(tmp_path, nearness=2.0)
        run_plan(classifiers=[one], fresh_results="first")
        looked_at = self.calls(tmp_path)
        assert 60 <= looked_at <= 62, "60 pictures, and one of each block again, alone"
        run, records, _ = run_plan(
            classifiers=[one, other], folds=4, splits=2, seed=3, fresh_results="second"
        )
        assert {record.status for record in records} == {"ok"}
        assert self.calls(tmp_path) == looked_at
        assert all(record.seconds["features"].clips == 60 for record in records)
        assert run.predictions(records[0].cell)

    def test_they_give_the_predictions_of_a_classifier_that_keeps_none(self, run_plan, tmp_path):
        run, (record,), _ = run_plan(classifiers=["nearest-mean"])
        for _ in range(2):
            again, (kept,), _ = run_plan(classifiers=[self.choice(tmp_path)], fresh=True)
            expected = run.predictions(record.cell).predictions
            found = again.predictions(kept.cell).predictions
            np.testing.assert_array_equal(found.scores, expected.scores)

    def test_other_parameters_other_features(self, run_plan, tmp_path):
        run_plan(classifiers=[self.choice(tmp_path)])
        before = self.calls(tmp_path)
        run_plan(classifiers=[self.choice(tmp_path, channel=0)])
        assert self.calls(tmp_path) >= before + 60

    def test_they_are_found_for_any_subset_of_clips(self, run_plan, tmp_path):
        run_plan(classifiers=[self.choice(tmp_path)])
        before = self.calls(tmp_path)
        run_plan(classifiers=[self.choice(tmp_path)], dataset="tones[clips=30]")
        assert self.calls(tmp_path) == before
        run_plan(classifiers=[self.choice(tmp_path)], dataset="tones[clips=70]")
        assert before + 10 <= self.calls(tmp_path) <= before + 12

    @pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
    def test_damaged_ones_are_computed_again(self, run_plan, tmp_path, damage):
        choice = self.choice(tmp_path)
        run, records, _ = run_plan(classifiers=[choice])
        before = self.calls(tmp_path)
        (path,) = chunks(tmp_path, "features")
        damage(path)
        again, second, _ = run_plan(classifiers=[choice], fresh_results="again")
        assert_equal(predictions(again, second), predictions(run, records))
        assert self.calls(tmp_path) >= before + 60
        assert [rows.is_sound(each) for each in chunks(tmp_path, "features")] == [True]

    def test_damaged_pictures_under_features_that_are_lacking(self, run_plan, tmp_path):
        run, (record,), _ = run_plan()
        (path,) = chunks(tmp_path)
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        again, (kept,), _ = run_plan(classifiers=[self.choice(tmp_path)])
        np.testing.assert_array_equal(
            again.predictions(kept.cell).predictions.scores,
            run.predictions(record.cell).predictions.scores,
        )
        assert len(chunks(tmp_path, "features")) == 1

    def test_fresh_computes_them_anew(self, run_plan, tmp_path):
        run_plan(classifiers=[self.choice(tmp_path)])
        before = self.calls(tmp_path)
        run_plan(classifiers=[self.choice(tmp_path)], fresh=True)
        assert self.calls(tmp_path) >= before + 60
        assert len(chunks(tmp_path, "features")) == 1

    @pytest.mark.parametrize(
        ("fault", "words"),
        [("raise", "cannot see on purpose"), ("crash", "SIGKILL"), ("words", "")],
    )
    def test_features_that_fail_cost_their_own_cells(self, run_plan, tmp_path, fault, words):
        _, records, _ = run_plan(classifiers=[self.choice(tmp_path, fault=fault), "nearest-mean"])
        by_name = {record.cell.classifier.name: record for record in records}
        assert by_name["nearest-mean"].status == "ok"
        assert by_name["seer"].status == ("failed" if words else "ok")
        assert words in by_name["seer"].reason
        assert chunks(tmp_path, "features") == []

    def test_those_of_a_stack_are_kept_too(self, run_plan, tmp_path):
        log = tmp_path / "log"
        ways = ["stack(levels, waveform)", "stack(waveform, levels)", "levels"]
        choices = {"representations": ways, "classifiers": [f"seer[log={str(log)!r}]"]}
        run, records, _ = run_plan(**choices)
        looked = log.read_text()
        assert len(chunks(tmp_path, "features")) == 3
        again, second, _ = run_plan(**choices, fresh_results="again")
        assert log.read_text() == looked
        assert_equal(predictions(again, second), predictions(run, records))

    def test_the_key_leaves_out_the_head(self, plugins):
        seer = plugins.catalogue.find("classifier", "seer")
        key = features_key("drawing", seer())
        assert key == features_key("drawing", seer(nearness=2.0))
        assert key != features_key("drawing", seer(channel=0))
        assert key != features_key("other", seer())


def test_groups_and_positions_reach_learning_alone(run_plan):
    _, (record,), _ = run_plan(classifiers=["nearest-mean[fault=neighbours]"])
    assert record.status == "ok", record.reason
