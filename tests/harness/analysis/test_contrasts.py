"""Two cells judged by events: figures of each alone, differences of the same draws."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

import harness
from harness.analysis import contrasts as module
from harness.analysis.contrasts import (
    AT_RECALL,
    RANKED_BY,
    Asking,
    Difference,
    contrast_cells,
    contrast_runs,
)
from harness.analysis.judging import RECALLS, Confirmed, judge
from harness.analysis.summary import summarise
from harness.analysis.thresholds import Promise
from harness.api.results import Results
from harness.cli.dispatch import dispatch
from harness.errors import PlanError, StoreError
from harness.reporting.exports.contrasts import contrast_json, contrast_markdown
from harness.reporting.tables.comparison import print_contrast
from harness.reporting.wording import contrasts as words
from tests.harness.analysis.test_judging import run_soundscape

FIRST, SECOND = "spectrogram/majority", "spectrogram/nearest-mean"
ASKING = Asking(Promise.parse("recall=0.7"))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("contrasts")


@pytest.fixture(scope="module")
def summary(run_in, root):
    return summarise(run_soundscape(run_in, root))


@pytest.fixture(scope="module")
def rows(summary):
    return {row.classifier: row for row in summary.rows}


@pytest.fixture(scope="module")
def found(summary, rows):
    return contrast_cells(summary, rows["majority"], rows["nearest-mean"], ASKING)


def test_figures_are_those_of_each_cell_alone(summary, found):
    judged = judge(summary.run, summary.rows, ASKING.promise)
    one, other = (
        next(row for row in judged.rows if row.classifier == name)
        for name in ("majority", "nearest-mean")
    )
    told = {each.figure: each for each in found.differences}
    for place, recall in enumerate(RECALLS):
        each = told[f"{AT_RECALL}{recall:g}"]
        for value, row in ((each.first, one), (each.second, other)):
            expected = row.per_hour[place]
            assert value == (None if expected is None else expected.value)
    assert told["average_precision"].second == other.average_precision.value
    assert isinstance(other.at, Confirmed)
    assert told["recall"].second == other.at.recall.value
    assert told["alarms_per_hour"].second == other.at.per_hour.value
    assert (found.units, found.about) == (judged.units, judged.about)


def test_differences_are_second_minus_first(found):
    for each in found.differences:
        if each.difference is not None:
            assert each.difference == pytest.approx(each.second - each.first)


def test_the_other_way_round_better_becomes_worse(summary, rows, found):
    turned = contrast_cells(summary, rows["nearest-mean"], rows["majority"], ASKING)
    opposite = {"better": "worse", "worse": "better"}
    for one, other in zip(found.differences, turned.differences, strict=True):
        assert one.figure == other.figure
        assert other.verdict == opposite.get(one.verdict, one.verdict)
        if one.low is not None:
            assert (other.low, other.high) == pytest.approx((-one.high, -one.low))


def drawn(values):
    return float(np.mean(values)), np.asarray(values, dtype=np.float64)


def paired(figure, one, other, units=10):
    each = Difference("a → b", "call", figure, module._known(one), module._known(other))
    return module._paired(each, one, other, units)


def test_what_moves_both_in_a_draw_is_no_difference():
    noise = np.random.default_rng(0).normal(0, 50, 500)
    found = paired(RANKED_BY, drawn(100 + noise), drawn(90 + noise))
    assert found.difference == pytest.approx(-10)
    assert found.high - found.low < 1e-9
    apart = paired(RANKED_BY, drawn(100 + noise), drawn(90 + noise[::-1]))
    assert apart.high - apart.low > 100


def test_fewer_alarms_are_better_and_less_recall_is_worse():
    spread = np.random.default_rng(1).normal(0, 1, (2, 500))
    fewer = paired("alarms_per_hour", drawn(100 + spread[0]), drawn(60 + spread[1]))
    less = paired("recall", drawn(0.9 + spread[0] / 100), drawn(0.5 + spread[1] / 100))
    assert [each.verdict for each in module._corrected([fewer, less], 10)] == ["better", "worse"]


def test_many_figures_are_held_to_more():
    spread = np.random.default_rng(1).normal(0, 1, (2, 500))
    one = paired("recall", drawn(0.5 + spread[0] / 10), drawn(0.9 + spread[1] / 10))
    (alone,) = module._corrected([one], 20)
    several = module._corrected([one] * 12, 20)[0]
    assert several.adjusted > alone.adjusted
    assert several.corrected_low < alone.corrected_low == pytest.approx(alone.low)


def test_what_is_not_reached_is_said():
    some, none = drawn([1.0, 2.0]), (float("nan"), np.array([np.nan, np.nan]))
    assert paired(RANKED_BY, some, none).reason == "the second never reaches that recall"
    assert paired(RANKED_BY, none, none).reason == "neither reaches that recall"
    half = (1.0, np.array([1.0, 2.0, 3.0, np.nan]))
    assert "25% of the draws" in paired(RANKED_BY, half, half).reason
    assert paired("recall", some, some, units=3).reason == "too little to draw from"
    told = module._corrected([paired(RANKED_BY, some, none)], 10)[0]
    assert told.verdict is None
    assert words.figures(told)[3:] == ["1.50", "not reached", "", "", told.reason]


def test_cells_without_a_pair_are_refused(summary, rows):
    with pytest.raises(StoreError, match="compared with itself"):
        contrast_cells(summary, rows["majority"], rows["majority"])


def test_clips_of_no_recordings_are_refused(run_in, tmp_path, capsys):
    run_in(tmp_path)(representations=["levels"], classifiers=["nearest-mean", "majority"])
    said = compare(tmp_path, "levels/majority", "levels/nearest-mean", "--judge", "events")
    assert said == 2
    assert "no events to judge" in re.sub(r"\s+", " ", capsys.readouterr().err)


def test_runs_share_cells(run_in, summary, tmp_path):
    other = summarise(run_soundscape(run_in, tmp_path, classifiers=["nearest-mean"]))
    found = contrast_runs(summary, other, ASKING)
    assert {each.name for each in found.differences} == {"spectrogram × nearest-mean"}
    assert all(not each.difference for each in found.differences)
    assert {each.verdict for each in found.differences} <= {"no clear difference", None}
    assert not found.regressions


def compare(root, *words):
    return dispatch(["compare", "--results", str(root / "results"), *words])


def test_terminal_json_and_markdown_say_the_same(summary, root, found, capsys):
    asked = (FIRST, SECOND, "--at", "recall=0.7")
    assert compare(root, *asked) == 0
    shown = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert re.sub(r"\s+", " ", words.headline(found)) in shown
    assert compare(root, *asked, "--format", "json") == 0
    values = json.loads(capsys.readouterr().out)
    assert values == json.loads(contrast_json(found))
    assert values["promise"] == "recall=0.7"
    assert compare(root, *asked, "--format", "markdown") == 0
    told = capsys.readouterr().out
    assert told == contrast_markdown(found, everything=False)
    for each in found.differences:
        figures = words.figures(each)
        assert f"| {' | '.join(figures[1:])} |" in told
        assert all(part in shown for figure in figures[2:6] for part in figure.split())


def test_a_loss_ends_with_status_1_where_that_is_asked_for(root, found, capsys):
    lost = bool(found.regressions)
    turned = (SECOND, FIRST) if not lost else (FIRST, SECOND)
    status = compare(root, *turned, "--at", "recall=0.7", "--fail-on-regression")
    out = capsys.readouterr().out
    assert status == int("regression:" in out)


def test_ranks_are_not_by_events(root, capsys):
    assert compare(root, FIRST, SECOND, "--judge", "events", "--ranks") == 2
    assert "ranks by accuracy" in re.sub(r"\s+", " ", capsys.readouterr().err)


def test_strangers_words_are_shown_not_obeyed(found):
    evil = "[red]\x1b[2J<b>"
    hostile = replace(
        found, differences=tuple(replace(e, name=evil, label=evil) for e in found.differences)
    )
    console = Console(width=100, file=io.StringIO(), color_system=None)
    print_contrast(hostile, True, console)
    assert "\x1b" not in console.file.getvalue()
    assert "<b>" not in contrast_markdown(hostile, True)


def test_python_says_the_same(summary, found, capsys):
    results = Results(summary.run)
    assert results.compare_events(FIRST, SECOND, "recall=0.7") == found
    judged = results.judge("recall=0.7")
    frame = results.events("recall=0.7")
    assert len(frame) == len(judged.rows)
    for line, row in zip(frame, judged.rows, strict=True):
        assert (line["classifier"], line["class"]) == (row.classifier, row.label)
        if isinstance(row.at, Confirmed):
            assert line["recall"] == row.at.recall.value
    assert frame.to_arrow().num_rows == len(frame)
    with pytest.raises(PlanError, match="1 window or more"):
        results.judge(shortest=0)
    with pytest.raises(PlanError, match="say precision"):
        results.events("precision")
    assert harness.open_results  # the door through which such results come
