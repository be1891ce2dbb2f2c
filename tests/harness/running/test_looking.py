"""What classifiers look at: stacks, rasters and signals, from clips to records."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from harness.cli.completion import complete_representations
from harness.clips.blocks import content_hash
from harness.errors import DatasetError, PlanError
from harness.measuring.timing import Lap, Stopwatch, summarise
from harness.pictures.gallery import Gallery
from harness.pictures.keys import SIGNAL_KEY
from harness.pictures.stacks import StackedAlbum, gather, plugins_of, summed, way_key
from harness.planning.plan import make_plan
from harness.registry.resolution import resolve
from harness.running.drawing import draw
from harness.running.looking import Recordings
from harness.running.options import Options, Session
from harness.running.preparation import prepare
from harness.values import Pictures, Signals

STACK = "stack(levels, waveform, spectrogram+noise-removed)"


class Quiet:
    def stage(self, name, total):
        pass

    def advance(self, steps=1):
        pass

    def tell(self, words):
        pass


def choices(**more):
    return {
        "dataset": "tones",
        "representations": [STACK],
        "classifiers": ["nearest-mean"],
        "folds": 3,
        "split": "stratified",
        **more,
    }


@pytest.fixture
def resolved(plugins):
    plan = make_plan(choices(), plugins.catalogue.is_improvement)
    return resolve(plan, plugins)


def some_clips(resolved, count=5):
    clips = [resolved.dataset.read(entry) for entry in resolved.dataset.entries()[:count]]
    return Signals(np.stack([clip.samples for clip in clips]), clips[0].rate)


def test_a_stacks_channels_are_the_levels_of_its_parts(resolved):
    (stack,) = resolved.drawings.values()
    signals = some_clips(resolved)
    pixels = stack.pixels(signals)
    for channel, part in enumerate(stack.parts):
        np.testing.assert_array_equal(pixels[..., channel], part.planes(signals))
    two = dataclasses.replace(stack, parts=stack.parts[:2])
    assert not two.pixels(signals)[..., 2].any()
    np.testing.assert_array_equal(two.pixels(signals)[..., :2], pixels[..., :2])


def test_an_album_of_a_stack_has_the_same_pictures_as_drawing_it(resolved, plugins, workers,
                                                                 tmp_path):  # fmt: skip
    options = Options(tmp_path / "results", Gallery(tmp_path / "cache"), jobs=2)
    session = Session(options, workers, Quiet(), plugins.hook)
    ready = prepare(resolved, session)
    (album,) = draw(ready, session).values()
    assert isinstance(album, StackedAlbum)
    assert len(album) == 60
    (stack,) = resolved.drawings.values()
    rows = [7, 0, 33]
    by_id = {entry.id: entry for entry in resolved.dataset.entries()}
    clips = [resolved.dataset.read(by_id[album.ids[row]]) for row in rows]
    signals = Signals(np.stack([clip.samples for clip in clips]), clips[0].rate)
    found = album.pictures(rows)
    assert isinstance(found, Pictures)
    np.testing.assert_array_equal(found.pixels, stack.pixels(signals))
    whole = np.concatenate([batch.pixels for batch in album.batches()])
    np.testing.assert_array_equal(whole[rows], found.pixels)
    assert len(set(album.hashes().values())) == 60
    parts = [part.laps() for part in album.parts]
    seconds = sum(lap.seconds for laps in parts for lap in laps["represent"])
    assert sum(lap.seconds for lap in album.laps()["represent"]) == pytest.approx(seconds)
    # Nothing of the stack itself lies on disk.
    kept = sorted(path.name for path in options.gallery.folder.iterdir())
    assert len(kept) == 3
    assert way_key(stack) not in kept
    assert len(gather(options.gallery, stack, album.ids, [
        ready.collection.contents[id] for id in album.ids])) == 60  # fmt: skip


def test_what_is_drawn_already_is_not_drawn_again(run_plan):
    _, (record,), silent = run_plan(representations=["stack(levels, waveform)"])
    assert record.status == "ok", record.reason
    assert silent.drawn == 60
    assert {"load", "represent", "draw", "features"} <= record.seconds.keys()
    ways = ["stack(waveform, levels)", "stack(levels, levels)", "levels", "waveform"]
    _, records, silent = run_plan(representations=ways)
    assert [each.status for each in records] == ["ok"] * 4
    assert silent.drawn == 0
    _, records, silent = run_plan(representations=["stack(levels, waveform, spectrogram)"])
    assert silent.drawn == 60


def test_a_stack_is_told_from_another_order_and_another_size(plugins):
    def key(way, **more):
        plan = make_plan(choices(representations=[way], **more), plugins.catalogue.is_improvement)
        return way_key(*resolve(plan, plugins).drawings.values())

    keys = [
        key("stack(levels, waveform)"),
        key("stack(waveform, levels)"),
        key("stack(levels, waveform, waveform)"),
        key("stack(levels, waveform)", picture_height=64),
        key("levels"),
    ]
    assert len(set(keys)) == 5
    assert key("stack( levels,waveform )") == keys[0]


def test_a_finished_picture_is_no_part_of_a_stack(run_plan):
    with pytest.raises(PlanError, match=r"blog-plot makes finished pictures.*stack"):
        run_plan(representations=["stack(levels, blog-plot)"])


def test_a_part_that_cannot_be_improved_so_is_refused(run_plan):
    with pytest.raises(PlanError, match=r"stack\(levels, waveform\+noise-removed\): noise-removed"):
        run_plan(representations=["stack(levels, waveform+noise-removed)"])


def test_a_part_that_fails_costs_its_stack_and_nothing_else(run_plan):
    ways = ["stack(levels[fault=raise], waveform)", "waveform"]
    _, records, _ = run_plan(representations=ways)
    status = {str(record.cell.representation): record.status for record in records}
    assert status == {ways[0]: "failed", ways[1]: "ok"}


def test_the_versions_of_all_parts_are_on_record(run_plan, resolved):
    run, (record,), _ = run_plan(representations=[STACK])
    (stack,) = resolved.drawings.values()
    assert {plugin.name for plugin in plugins_of(stack)} <= record.versions.keys()
    assert run.record(record.cell) == record


def test_drawing_a_stack_takes_what_its_parts_take_together():
    parts = [[Lap(2.0, 4), Lap(1.0, 1)], [Lap(0.5, 5), Lap(0.0, 0)]]
    total = summarise(summed(parts))
    assert total.total_s == pytest.approx(3.5)
    assert total.median_ms == pytest.approx(500 + 100)
    assert summed([[], []]) == []
    assert summarise(summed([parts[0], []])).total_s == pytest.approx(3.0)


def test_a_classifier_of_signals_gives_one_row_whatever_is_drawn(run_plan):
    run, records, silent = run_plan(
        representations=["levels", "waveform"], classifiers=["nearest-spectrum", "nearest-mean"]
    )
    titles = [f"{record.cell.representation} × {record.cell.classifier}" for record in records]
    assert sorted(titles) == [
        "levels × nearest-mean", "signal × nearest-spectrum", "waveform × nearest-mean",
    ]  # fmt: skip
    record = next(r for r in records if str(r.cell.representation) == "signal")
    assert record.status == "ok", record.reason
    assert record.holdout.accuracy == 1.0
    assert len(record.cv.folds) == 3
    assert record.made.drawing == SIGNAL_KEY
    assert record.versions.keys() == {"tones", "nearest-spectrum"}
    assert {"load", "features", "fit", "predict"} == record.seconds.keys()
    assert run.record(record.cell) == record
    again, second, silent = run_plan(classifiers=["nearest-spectrum"])
    assert second == []
    assert silent.stages == {"reading clips": 60, "drawing pictures": 0, "running cells": 0}
    assert again.folder == run.folder


def test_signals_alone_need_no_drawing(run_plan):
    _, (record,), silent = run_plan(
        representations=["levels[fault=raise]"], classifiers=["nearest-spectrum"]
    )
    assert record.status == "ok"
    assert silent.drawn == 0


def test_signals_have_splits_seeds_and_sizes_as_pictures_have(run_plan):
    _, records, _ = run_plan(classifiers=["nearest-spectrum"], splits=2, seeds=2, train_sizes=[10])
    cells = {(r.cell.split, r.cell.seed, r.cell.train_size): r.status for r in records}
    assert len(cells) == 8
    assert set(cells.values()) == {"ok"}


def test_clips_of_unequal_length_come_in_batches_of_one_shape(run_plan):
    _, (record,), _ = run_plan(dataset="tones[uneven=100]", classifiers=["nearest-spectrum"])
    assert record.status == "ok", record.reason
    assert record.holdout.accuracy > 0.9


def test_features_in_the_order_of_the_clips_whatever_their_batches(run_plan):
    run, (record,), _ = run_plan(dataset="tones[uneven=100]", classifiers=["nearest-spectrum"])
    said = run.predictions(record.cell).side("holdout")
    wrong = [t for t, p in zip(said.true, said.predictions.labels, strict=True) if t != p]
    assert len(wrong) <= 1


def test_rows_of_unequal_width_are_refused_in_a_sentence(run_plan):
    _, (record,), _ = run_plan(
        dataset="tones[uneven=100]", classifiers=["nearest-spectrum[fault=width]"]
    )
    assert record.status == "failed"
    assert "nearest-spectrum: the features of tone-0 have the shape (501,)" in record.reason
    assert "have (551,), for the clips differ in length" in record.reason


def test_a_look_at_neighbouring_signals_is_refused(run_plan):
    _, (record,), _ = run_plan(classifiers=["nearest-spectrum[fault=neighbours]"])
    assert record.status == "failed"
    assert "depend on the others in its batch" in record.reason


def test_a_classifier_of_rasters_sees_every_representation_as_numbers(run_plan):
    _, records, silent = run_plan(
        representations=["spectrogram", "spectrogram+noise-removed"],
        classifiers=["nearest-raster"],
    )
    assert [record.status for record in records] == ["ok", "ok"]
    assert records[0].holdout.accuracy == 1.0
    assert silent.drawn == 0
    assert {"load", "represent", "features", "fit", "predict"} == records[0].seconds.keys()
    assert len({record.made.drawing for record in records}) == 2
    # Numbers have no size in pixels: another one changes nothing.
    _, second, _ = run_plan(
        representations=["spectrogram"], classifiers=["nearest-raster"], picture_height=64
    )
    assert second == []


def test_where_there_is_no_raster_the_cell_is_skipped_with_the_reason(run_plan):
    _, records, _ = run_plan(
        representations=["blog-plot", "stack(levels, waveform)", "levels"],
        classifiers=["nearest-raster"],
    )
    reasons = {str(r.cell.representation): (r.status, r.reason) for r in records}
    assert reasons["blog-plot"][0] == "skipped"
    assert "blog-plot makes finished pictures" in reasons["blog-plot"][1]
    assert "a stack is made of several" in reasons["stack(levels, waveform)"][1]
    assert reasons["levels"][0] == "ok"


def test_equal_signals_on_both_sides_are_counted(run_plan):
    # Copies share a content, and a split would keep them together: equal rasters are told too.
    _, (record,), _ = run_plan(
        representations=["levels[fault=same]"], classifiers=["nearest-raster"]
    )
    assert record.twins == record.clips.holdout


def test_all_kinds_beside_each_other_in_one_table(run_plan):
    run, records, _ = run_plan(
        representations=["levels", STACK],
        classifiers=["nearest-mean", "nearest-raster", "nearest-spectrum", "majority"],
    )
    by_status = {str(r.cell): r.status for r in records}
    assert by_status.pop(f"{STACK} × nearest-raster") == "skipped"
    assert set(by_status.values()) == {"ok"}
    from harness.analysis.summary import summarise as summary_of

    summary = summary_of(run)
    assert {row.representation for row in summary.rows} == {"levels", STACK, "signal"}
    assert summary.baseline == "levels"


def test_a_classifier_of_signals_that_is_not_to_be_had_gives_one_skipped_row(
    run_plan, plugins, monkeypatch
):
    cls = plugins.catalogue.find("classifier", "nearest-spectrum")
    monkeypatch.setattr(cls, "requires", ("no_such_package",))
    _, (record,), _ = run_plan(
        representations=["levels", "waveform"], classifiers=["nearest-spectrum"]
    )
    assert str(record.cell) == "signal × nearest-spectrum"
    assert record.status == "skipped"
    assert "no_such_package" in record.reason


@pytest.mark.parametrize("way", [None, "levels"])
def test_clips_that_changed_since_they_were_read_are_refused(resolved, plugins, way):
    entries = tuple(resolved.dataset.entries()[:3])
    contents = [content_hash(resolved.dataset.read(entry)) for entry in entries]
    drawing = None if way is None else next(iter(resolved.drawings.values())).parts[0]
    whole = Recordings(resolved.dataset, entries, tuple(contents), drawing)
    ((places, seen),) = whole.batches(Stopwatch())
    assert places == [0, 1, 2]
    assert len(seen) == 3
    changed = dataclasses.replace(whole, contents=(*contents[:2], "other"))
    with pytest.raises(DatasetError, match=r"tones/2\.wav changed while the run"):
        list(changed.batches(Stopwatch()))


@pytest.mark.parametrize(
    ("begun", "completed", "not_offered"),
    [
        ("stack(mel+fre", "stack(mel+frequency-cropped", "stack(mel+mel"),
        ("stack(mel, wavef", "stack(mel, waveform", "stack(mel, pca-svm"),
        ("stack(noise-r", "stack(noise-removed", "stack(stack("),
        ("sta", "stack(", "mel"),
        ("mel+noise", "mel+noise-removed", "mel+spectrogram"),
    ],
)
def test_stacks_are_completed_part_by_part(begun, completed, not_offered):
    found = complete_representations(begun)
    assert completed in found
    assert not_offered not in found
    assert all(each.startswith(begun) for each in found)
