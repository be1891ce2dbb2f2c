"""Many cells: failures stay alone, what is done stays done, the same gives the same."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from harness.clips.splits import Split
from harness.errors import BadClips, DatasetError, Inapplicable, PlanError
from harness.results.scores import score
from harness.running.workers import open_workers


def test_a_cell_finds_the_tones(run_plan):
    run, (record,), _ = run_plan(representations=["spectrogram"])
    assert record.status == "ok"
    assert record.holdout.accuracy == 1.0
    assert record.cv.accuracy == 1.0
    assert len(record.cv.folds) == 3
    assert {"load", "represent", "draw", "features", "fit", "predict"} <= record.seconds.keys()
    assert run.record(record.cell) == record


def test_scores_come_from_the_saved_predictions(run_plan):
    run, (record,), _ = run_plan()
    holdout = run.predictions(record.cell).side("holdout")
    again = score(holdout.true, holdout.predictions)
    assert again == record.holdout
    split = run.split(0)
    assert holdout.predictions.ids == split.holdout
    cv = run.predictions(record.cell).side("cv")
    assert sorted(cv.predictions.ids) == sorted(split.train)
    folds = dict(zip(split.train, split.folds, strict=True))
    assert all(folds[i] == f for i, f in zip(cv.predictions.ids, cv.folds, strict=True))


def test_the_same_plan_goes_on_and_repeats_nothing(run_plan):
    run, first, silent = run_plan(classifiers=["nearest-mean", "majority"])
    assert silent.stages["running cells"] == 2
    again, second, silent = run_plan(classifiers=["nearest-mean", "majority"])
    assert again.name == run.name
    assert second == []
    assert silent.stages["running cells"] == 0
    assert silent.drawn == 0
    assert run.records() == sorted(first, key=run.records().index)


def test_what_was_killed_goes_on(run_plan):
    run, records, _ = run_plan(classifiers=["nearest-mean", "majority"])
    lost = run.folder / "cells" / run.cells[records[0].cell]
    for path in lost.iterdir():
        path.unlink()
    lost.rmdir()
    again, second, _ = run_plan(classifiers=["nearest-mean", "majority"])
    assert again.name == run.name
    assert [record.cell for record in second] == [records[0].cell]
    assert second[0].holdout == records[0].holdout


def test_another_representation_redraws_nothing(run_plan):
    run_plan(representations=["levels"])
    _, _, silent = run_plan(representations=["levels", "waveform"])
    assert silent.drawn == 60
    _, _, silent = run_plan(representations=["waveform"], classifiers=["majority"])
    assert silent.drawn == 0


def test_a_failed_cell_is_a_row_and_the_rest_goes_on(run_plan):
    run, records, _ = run_plan(classifiers=["nearest-mean[fault=raise]", "nearest-mean"])
    by_name = {str(record.cell.classifier): record for record in records}
    failed = by_name["nearest-mean[fault=raise]"]
    assert failed.status == "failed"
    assert failed.reason == "RuntimeError: [red]cannot learn[/red] on purpose"
    assert "cannot learn" in run.traceback(failed.cell).read_text()
    assert by_name["nearest-mean"].status == "ok"


def test_fail_fast_stops(run_plan, tmp_path):
    names = [f"nearest-mean[fault=raise,only_once='once:{tmp_path / n}']" for n in ("one", "other")]
    _, records, silent = run_plan(fail_fast=True, classifiers=["nearest-mean[fault=raise]", *names])
    assert len([r for r in records if r.status == "failed"]) == 1
    assert "fail-fast" in silent.lines[-1]


def test_a_failed_cell_is_tried_again_beside_the_old_one(run_plan, tmp_path):
    marker = str(tmp_path / "marker")
    choice = f"nearest-mean[fault=raise,only_once='once:{marker}']"
    run, (first,), _ = run_plan(classifiers=[choice])
    assert first.status == "failed"
    _, (second,), _ = run_plan(classifiers=[choice])
    assert second.status == "ok"
    assert run.record(first.cell).status == "ok"
    folders = sorted(path.name for path in (run.folder / "cells").iterdir())
    assert folders == [run.cells[first.cell], f"{run.cells[first.cell]}~2"]


def test_a_crash_costs_its_own_cell(run_plan):
    _, records, _ = run_plan(classifiers=["nearest-mean[fault=crash]", "nearest-mean"])
    by_name = {str(record.cell.classifier): record for record in records}
    crashed = by_name["nearest-mean[fault=crash]"]
    assert crashed.status == "failed"
    assert "SIGKILL" in crashed.reason
    assert by_name["nearest-mean"].status == "ok"


def test_a_crash_between_seeds_leaves_the_other_seeds(run_plan, tmp_path):
    choice = f"nearest-mean[fault=crash,only_once='once:{tmp_path / 'marker'}']"
    _, records, _ = run_plan(classifiers=[choice], seeds=3)
    assert sorted((r.cell.seed, r.status) for r in records) == [
        (0, "failed"),
        (1, "ok"),
        (2, "ok"),
    ]


def test_a_cell_that_hangs_is_stopped(run_plan):
    _, records, _ = run_plan(
        classifiers=["nearest-mean[fault=hang]", "nearest-mean"], timeout_s=4.0
    )
    by_name = {str(record.cell.classifier): record for record in records}
    assert by_name["nearest-mean[fault=hang]"].reason == "stopped after 4 s (--timeout)"
    assert by_name["nearest-mean"].status == "ok"


def test_a_drawing_that_fails_costs_its_own_cells(run_plan):
    _, records, _ = run_plan(representations=["levels[fault=raise]", "levels"])
    by_name = {str(record.cell.representation): record for record in records}
    assert by_name["levels[fault=raise]"].status == "failed"
    assert by_name["levels[fault=raise]"].reason == (
        "drawing failed: RuntimeError: cannot draw on purpose"
    )
    assert by_name["levels"].status == "ok"


def _write(path, samples):
    path.parent.mkdir(parents=True, exist_ok=True)
    wavfile.write(path, 8000, samples.astype(np.float32))


def _with_a_short_clip(folder, place):
    rng = np.random.default_rng(0)
    for number in range(12):
        label = "call" if number % 2 else "noise"
        _write(folder / f"{label}/m{number}.wav", rng.normal(0, 0.1, 2000))
    _write(folder / place, rng.normal(0, 0.1, 20))
    return f"labelled-folder[path={folder}]"


def test_the_clip_that_a_drawing_refuses_is_named_among_others(run_plan, tmp_path):
    folder = _with_a_short_clip(tmp_path / "in", "noise/z.wav")
    _, (record,), _ = run_plan(dataset=folder, representations=["blog-plot"])
    assert record.status == "failed"
    assert "at least 256 samples, its window; these have 20. The clip is " in record.reason
    assert record.reason.endswith("noise/z.wav.")


def test_the_first_clip_is_named_when_it_is_refused_before_the_run(run_plan, tmp_path):
    folder = _with_a_short_clip(tmp_path / "in", "call/a.wav")
    with pytest.raises(Inapplicable, match=r"these have 20\.\n.* first clip, .*call/a\.wav\.$"):
        run_plan(dataset=folder, representations=["blog-plot"])


def test_a_drawing_that_crashes_is_told_from_its_neighbour(run_plan):
    _, records, _ = run_plan(representations=["levels[fault=crash]", "levels"])
    by_name = {str(record.cell.representation): record for record in records}
    assert by_name["levels[fault=crash]"].status == "failed"
    assert "SIGKILL" in by_name["levels[fault=crash]"].reason
    assert by_name["levels"].status == "ok"


def test_predictions_out_of_order_are_refused(run_plan):
    _, (record,), _ = run_plan(classifiers=["nearest-mean[fault=disorder]"])
    assert record.status == "failed"
    assert "do not line up" in record.reason


def test_a_classifier_learns_from_clips_in_the_order_of_their_ids(run_plan):
    # The dataset lists tone-2 before tone-10.
    _, (record,), _ = run_plan(classifiers=["nearest-mean[fault=pedantic]"])
    assert record.status == "ok", record.reason


def test_what_is_away_is_skipped_with_its_reason(run_plan):
    _, (record,), _ = run_plan(classifiers=["nearest-mean[fault=away]"])
    assert (record.status, record.reason) == ("skipped", "is away on purpose")


def test_equal_pictures_on_both_sides_are_counted(run_plan):
    _, (record,), _ = run_plan(representations=["levels[fault=same]"])
    assert record.twins == record.clips.holdout


def test_bad_clips_stop_everything_and_all_are_listed(run_plan, tmp_path):
    with pytest.raises(BadClips) as caught:
        run_plan(dataset="tones[bad=3]")
    assert [fault.where for fault in caught.value.faults] == [
        "tones/0.wav",
        "tones/1.wav",
        "tones/2.wav",
    ]
    for number in range(3):
        assert f"tones/{number}.wav" in str(caught.value)
    assert "3 clips: is truncated on purpose" in str(caught.value)
    assert not (tmp_path / "results").exists()


def test_bad_clips_that_are_too_many_to_name_are_all_in_a_file(run_plan, tmp_path):
    with pytest.raises(BadClips) as caught:
        run_plan(dataset="tones[bad=20]")
    path = tmp_path / "results" / "bad-clips.csv"
    assert str(path) in str(caught.value)
    assert "and 17 more" in str(caught.value)
    with path.open(newline="") as file:
        heads, *rows = csv.reader(file)
    assert heads == ["where", "why"]
    assert rows == [[f"tones/{n}.wav", "is truncated on purpose"] for n in range(20)]


def test_skip_bad_goes_on_and_says_what_was_left_out(run_plan):
    run, (record,), _ = run_plan(dataset="tones[bad=3]", skip_bad=True)
    assert record.status == "ok"
    about = run.clips()
    assert about.clips == 57
    assert [fault.where for fault in about.left_out] == [f"tones/{n}.wav" for n in range(3)]


@pytest.mark.parametrize(
    ("dataset", "words"),
    [("tones[labels=one]", "one label"), ("tones[clips=0]", "lists no clips")],
)
def test_data_without_two_classes_is_refused(run_plan, dataset, words):
    with pytest.raises(DatasetError, match=words):
        run_plan(dataset=dataset)


def test_all_wrong_choices_are_told_at_once(run_plan):
    with pytest.raises(PlanError) as caught:
        run_plan(
            representations=["levls", "waveform+noise-removed"], classifiers=["pca-svm[nope=1]"]
        )
    message = str(caught.value)
    assert "did you mean 'levels'" in message
    assert "noise-removed needs a" in message
    assert "has no parameter 'nope'" in message


def test_splits_and_seeds_make_cells_of_their_own(run_plan):
    run, records, _ = run_plan(splits=2, seeds=2)
    assert sorted((r.cell.split, r.cell.seed) for r in records) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert run.split(0).holdout != run.split(1).holdout


def test_a_learning_curve_trains_on_nested_parts(run_plan):
    _, records, _ = run_plan(train_sizes=[10, 20])
    sizes = {record.cell.train_size: record for record in records}
    assert {size: sizes[size].clips.train for size in (10, 20)} == {10: 10, 20: 20}
    assert sizes[None].clips.train == 42
    assert sizes[10].cv is None


def test_one_worker_and_two_predict_the_same(run_plan):
    run, (record,), _ = run_plan(classifiers=["pixels-logistic"])
    first = run.predictions(record.cell)
    with open_workers(1) as alone:
        other, (again,), _ = run_plan(
            classifiers=["pixels-logistic"], pool=alone, folder="elsewhere"
        )
    second = other.predictions(again.cell)
    assert other != run
    np.testing.assert_array_equal(first.predictions.scores, second.predictions.scores)
    assert first.predictions.labels == second.predictions.labels


def test_a_saved_split_is_used_again(run_plan, tmp_path):
    import json

    run, (first,), _ = run_plan()
    saved = tmp_path / "saved.json"
    saved.write_text(json.dumps(run.split(0).to_json()))
    again, (second,), _ = run_plan(split=str(saved), classifiers=["majority"])
    assert again.split(0) == run.split(0)
    assert isinstance(again.split(0), Split)
    assert second.clips == first.clips


def test_paths_of_results_stay_inside(run_plan, tmp_path):
    run, _, _ = run_plan(
        classifiers=["nearest-mean[only_once='../../../../../etc/x y']"], dataset="tones"
    )
    cells = Path(run.folder / "cells")
    assert [path.parent for path in cells.iterdir()] == [cells]
    assert {path.name for path in cells.iterdir()} == set(run.cells.values())
