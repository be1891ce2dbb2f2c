"""Stacks and signals in finished runs: named, drawn again, shown in the report."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from harness.analysis.cell_names import find_row, names_cells, split_cell_name
from harness.analysis.disagreement import find_disagreement
from harness.analysis.redrawing import Redrawing
from harness.analysis.summary import summarise
from harness.errors import StoreError
from harness.pictures.gallery import Gallery
from harness.reporting.html.scenes import set_scenes
from harness.reporting.sheets.disagreement import write_pictures

STACK = "stack(levels, spectrogram+noise-removed)"


@pytest.fixture(scope="module")
def ran(run_in, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ways")
    run, _, _ = run_in(folder)(
        representations=[STACK, "levels"], classifiers=["nearest-mean", "nearest-spectrum"]
    )
    return run, folder


@pytest.mark.parametrize(
    "written",
    [
        "stack(levels, spectrogram+noise-removed)/nearest-mean",
        "stack(levels,noise-removed)/nearest-mean",
        "stack( levels , noise-removed ) × nearest-mean",
    ],
)
def test_a_stack_is_named_as_a_person_writes_it(ran, written):
    row = find_row(summarise(ran[0]).rows, written, "the run")
    assert (row.representation, row.classifier) == (STACK, "nearest-mean")


def test_signals_and_stacks_are_names_of_cells(ran, tmp_path):
    rows = summarise(ran[0]).rows
    assert find_row(rows, "signal/nearest-spectrum", "the run").representation == "signal"
    assert names_cells(["signal/nearest-spectrum", f"{STACK}/nearest-mean"], tmp_path)
    assert split_cell_name("stack(a[x='p/q'], b[y=r/s])/c") == ("stack(a[x='p/q'], b[y=r/s])", "c")
    with pytest.raises(StoreError, match=re.escape("Did you mean 'stack(levels, spectrogram")):
        find_row(rows, "stack(levels, noise-remove)/nearest-mean", "the run")


def test_a_stack_is_drawn_again_as_the_run_drew_it(ran, plugins):
    run, folder = ran
    ids = run.split(0).holdout[:3]
    kept = Redrawing(run, plugins, Gallery(folder / "cache"))
    anew = Redrawing(run, plugins, Gallery(folder / "empty"))
    pairs = zip(kept.draw(STACK, ids), anew.draw(STACK, ids), strict=True)
    for one, other in pairs:
        np.testing.assert_array_equal(one, other)
        assert not one[..., 2].any()
        assert one[..., 1].any()


def test_pictures_of_another_version_of_a_part_are_refused(ran, plugins, monkeypatch):
    run, folder = ran
    cls = plugins.catalogue.find("improvement", "noise-removed")
    monkeypatch.setattr(cls, "version", "of another day")
    with pytest.raises(StoreError, match="noise-removed version"):
        Redrawing(run, plugins, Gallery(folder / "cache")).draw(STACK, run.split(0).holdout[:1])


def test_a_stack_has_the_axes_that_its_parts_share(ran, plugins):
    run, folder = ran
    source = Redrawing(run, plugins, Gallery(folder / "cache"))
    ids = run.split(0).holdout[:2]
    alike = source.axes("stack(spectrogram, spectrogram+noise-removed)", ids)
    assert [(rows.name, columns.name) for rows, columns in alike] == [("frequency", "time")] * 2
    assert all(rows is None for rows, _ in source.axes(STACK, ids))


def test_a_signal_has_no_picture_and_that_is_said(ran, plugins):
    run, folder = ran
    source = Redrawing(run, plugins, Gallery(folder / "cache"))
    with pytest.raises(StoreError, match="no picture to show"):
        source.draw("signal", run.split(0).holdout[:1])


def test_the_report_shows_the_stack_and_leaves_out_the_signal(ran, plugins):
    run, folder = ran
    source = Redrawing(run, plugins, Gallery(folder / "cache"))
    summary = summarise(run)
    scenes = set_scenes(summary, source, "", 4)
    assert [head for head, _ in scenes.gallery.heads] == [STACK, "levels"]
    only = [row for row in summary.rows if row.representation == "signal"]
    alone = set_scenes(dataclasses.replace(summary, rows=tuple(only)), source, "", 4)
    assert alone.gallery is None
    assert alone.missing == "no classifier looked at pictures"


def test_what_a_signal_and_a_picture_judge_differently_is_shown_in_the_pictures(
    ran, plugins, tmp_path
):
    run, folder = ran
    rows = summarise(run).rows
    signal = find_row(rows, "signal/nearest-spectrum", "the run")
    picture = find_row(rows, "levels/nearest-mean", "the run")
    source = Redrawing(run, plugins, Gallery(folder / "cache"))
    found = find_disagreement(run, signal, picture, 0)
    paths = write_pictures(tmp_path, found, 2, source)
    assert len(paths) == sum(min(2, len(clips)) for _, clips in found.sections())
