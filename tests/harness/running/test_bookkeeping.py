"""The control that sees only what is not the signal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from harness.analysis.summary import summarise
from harness.reporting.tables.glance import print_glance
from harness.reporting.wording import clips as wording


def printed(summary):
    console = Console(file=io.StringIO(), width=100, no_color=True, highlight=False)
    print_glance(summary, console)
    return " ".join(console.file.getvalue().split())


def test_where_length_gives_the_class_away_it_is_said_before_and_behind_the_figures(run_plan):
    run, records, _ = run_plan(
        dataset="tones[longer=high]", classifiers=["nearest-mean", "bookkeeping"]
    )
    control = records[-1] if records[-1].control else records[0]
    assert control.holdout.accuracy == control.cv.accuracy == 1.0
    assert len(run.predictions(control.cell).side("holdout").true) == control.clips.holdout
    text = printed(summarise(run))
    block = text.index("length alone 100.0%")
    assert block < text.index("nearest-mean") < text.index("Warning: bookkeeping")
    assert summarise(run).choice.row.classifier == "nearest-mean"


def test_where_nothing_gives_the_class_away_nothing_is_said(run_plan):
    run, (record,), _ = run_plan(classifiers=["bookkeeping"])
    assert 0.2 < record.holdout.accuracy < 0.8
    summary = summarise(run)
    assert list(wording.bookkeeping(summary)) == []
    assert not any("alone" in line for line in wording.block(summary))


def test_it_is_asked_anew_where_what_it_sees_changed_and_only_then(run_plan):
    run, (first,), _ = run_plan(classifiers=["bookkeeping"])
    again, _, _ = run_plan(classifiers=["bookkeeping"])
    other, (changed,), _ = run_plan(dataset="tones[longer=high]", classifiers=["bookkeeping"])
    assert again.cells == run.cells
    assert again.attempts(first.cell) == 1
    assert other.cells[changed.cell] != run.cells[first.cell]
    assert changed.made.clips == first.made.clips  # the samples are the same


def test_folds_hold_every_clip_out_once_and_pool_the_figures(run_plan):
    run, records, _ = run_plan(split="folds[count=4]", folds=0)
    assert [record.cell.split for record in records] == [0, 1, 2, 3]
    summary = summarise(run)
    (row,) = summary.rows
    right = held = 0
    asked = set()
    for record in records:
        table = run.predictions(record.cell).side("holdout")
        asked |= set(table.predictions.ids)
        held += len(table.true)
        right += sum(a == b for a, b in zip(table.true, table.predictions.labels, strict=True))
    assert held == len(asked) == 60
    assert row.accuracy == pytest.approx(right / 60)
    assert row.spread.values == pytest.approx([record.holdout.accuracy for record in records])
    assert summary.split.each_once
    assert "each clip held out once" in printed(summary)


def test_the_same_folds_again_repeat_nothing(run_plan):
    run, records, _ = run_plan(split="folds[count=4]", folds=0)
    again, _, _ = run_plan(split="folds[count=4]", folds=0)
    assert again.asked.key == run.asked.key
    assert all(again.attempts(record.cell) == 1 for record in records)


def test_official_folds_make_a_split_each(run_plan):
    run, records, _ = run_plan(split="folds[by=fold]", folds=0)
    assert len(records) == 4
    assert "official folds part" in " ".join(summarise(run).split.remarks)
