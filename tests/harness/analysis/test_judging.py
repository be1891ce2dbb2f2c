"""A run judged by events, from what it saved: counted by hand, ranked blind, told when thinned."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.hearing import Scene
from harness.analysis.judging import RECALLS, Confirmed, judge
from harness.analysis.summary import summarise
from harness.analysis.thresholds import Promise
from harness.analysis.units import choose_units
from harness.cli.dispatch import dispatch
from harness.errors import PlanError
from harness.reporting.exports.events import to_csv, to_json, to_latex, to_markdown
from harness.reporting.tables.events import print_judgement
from harness.results.predictions import PredictionTable
from harness.results.recordings import Recordings, Window
from harness.statistics.events import Joining
from harness.statistics.precision import average_precision
from harness.values import Missing, Predictions, Selection

SOUNDSCAPE = "soundscape[recordings=6,minutes=1,sites=3,calls_per_hour=400{more}]"


def run_soundscape(run_in, root, more="", **choices):
    run, records, _ = run_in(root)(
        dataset=SOUNDSCAPE.format(more=more),
        representations=["spectrogram"],
        picture_height=16,
        picture_width=16,
        **{
            "classifiers": ["nearest-mean", "majority"],
            "split": "folds[by=group]",
            "folds": 2,
            **choices,
        },
    )
    assert {record.status for record in records} == {"ok"}
    return run


@pytest.fixture(scope="module")
def finished(run_in, tmp_path_factory):
    root = tmp_path_factory.mktemp("judging")
    return run_soundscape(run_in, root), root


@pytest.fixture(scope="module")
def summary(finished):
    return summarise(finished[0])


@pytest.fixture(scope="module")
def judged(finished, summary):
    return judge(finished[0], summary.rows, Promise.parse("recall=0.7"))


def scene():
    """Two recordings of 10 windows; a call in each, and a ship in the second."""
    windows = tuple(
        Window(f"{name}@{at}", name, at, at + 2, 1.0) for name in ("a", "b") for at in range(10)
    )
    marks = (
        Selection("a", 2.2, 3.8, "call"),
        Selection("b", 6.2, 7.8, "call"),
        Selection("b", 1.2, 2.8, "ship"),
    )
    return Scene(Recordings(windows, marks))


def predictions(ids, labels, scores):
    columns = np.array([[s, 0.0, 1 - s] for s in scores])
    said = Predictions(tuple(ids), tuple(labels), ("call", "ship", "background"), columns)
    return PredictionTable(("holdout",) * len(ids), (None,) * len(ids), tuple(labels), said)


def test_predictions_are_laid_along_recordings_in_order_of_time():
    ids = ["b@1", "a@3", "a@2"]
    heard = scene().heard(predictions(ids, ["ship", "call", "call"], [0.1, 0.2, 0.3]), "call")
    assert heard.windows.recordings.tolist() == [0, 0, 1]
    assert heard.windows.start_s.tolist() == [2, 3, 1]
    assert heard.scores.tolist() == [0.3, 0.2, 0.1]
    assert heard.positive.tolist() == [True, True, False]
    assert heard.seconds.tolist() == [1, 1, 1]


def test_a_selection_belongs_to_the_side_of_the_window_nearest_to_it():
    ids = [f"a@{at}" for at in range(10)]
    heard = scene().heard(predictions(ids, ["background"] * 10, [0.5] * 10), "call")
    assert heard.marks.recordings.tolist() == [0, 1]
    assert heard.mark_units.tolist() == [0, -1]
    other = scene().heard(predictions(["b@9"], ["background"], [0.5]), "call")
    assert other.mark_units.tolist() == [-1, -1]


def test_a_clip_of_no_recording_is_refused():
    with pytest.raises(PlanError, match="'c@0' was predicted"):
        scene().heard(predictions(["c@0"], ["call"], [0.5]), "call")


def test_windows_that_say_nothing_of_their_time_stand_for_what_they_cover():
    windows = tuple(Window(f"a@{at}", "a", at, at + 2) for at in (0, 1, 5))
    bare = Scene(Recordings(windows, (Selection("a", 0, 1, "call"),)))
    heard = bare.heard(predictions(["a@0", "a@1", "a@5"], ["call"] * 3, [0.5] * 3), "call")
    assert heard.seconds.tolist() == [1, 2, 2]
    assert not heard.thinned


def test_a_class_that_was_not_learnt_scores_zero():
    heard = scene().heard(predictions(["a@0"], ["background"], [0.5]), "whistle")
    assert heard.scores.tolist() == [0]


def test_figures_are_drawn_from_the_largest_of_which_there_are_enough():
    windows = tuple(
        Window(f"{r}@{at}", r, at, at + 2, 1.0) for r in "abcdef" for at in range(0, 600, 2)
    )
    found = Scene(Recordings(windows, (Selection("a", 0, 1, "call"),)))
    ids = list(found.rows)
    by_group = choose_units(found, ids, {id: id for id in ids})
    assert (by_group.kind, by_group.about) == ("groups", "new groups")
    sites = choose_units(found, ids, dict.fromkeys(ids, "one"))
    assert (sites.kind, sites.count, sites.about) == ("recordings", 6, "new recordings")
    few = choose_units(found, [id for id in ids if id[0] in "ab"], {})
    assert (few.kind, few.count) == ("stretches of 100 s", 12)
    assert few.about == "other hours of the same 2 recordings"


def test_the_average_precision_is_that_of_the_saved_predictions(run_in, tmp_path):
    run = run_soundscape(run_in, tmp_path, split="grouped", folds=2)
    rows = summarise(run).rows
    for row in judge(run, rows).rows:
        record = next(r for r in run.records() if str(r.cell.classifier) == row.classifier)
        table = run.predictions(record.cell).side("holdout")
        column = table.predictions.classes.index("upcall")
        truth = [label == "upcall" for label in table.true]
        wanted = average_precision(table.predictions.scores[:, column], truth)
        assert row.average_precision.value == pytest.approx(wanted, abs=1e-12)


def test_a_run_is_judged_over_all_its_splits(finished, judged):
    marks = finished[0].recordings().selections
    (listened,) = judged.listened
    assert listened.label == "upcall"
    assert listened.recordings == 6
    assert listened.selections == len(marks)
    assert 0.08 < listened.hours <= 0.1
    assert judged.background == ("background",)
    assert judged.longest_s == 10
    assert not judged.thinned
    assert (judged.units, judged.about) == ("recordings", "new recordings")
    assert [row.control for row in judged.rows] == [False, True]


def test_curves_rise_and_their_figures_are_those_told(judged):
    for row in judged.rows:
        recall = [point.recall for point in row.curve]
        assert recall == sorted(recall)
        assert row.most_recall == pytest.approx(recall[-1])
        for wanted, found in zip(RECALLS, row.per_hour, strict=True):
            reached = [p.per_hour for p in row.curve if p.recall >= wanted - 1e-9]
            assert found.value == pytest.approx(reached[0])
            assert found.low <= found.value
            assert found.high is None or found.value <= found.high


def test_a_threshold_is_chosen_in_each_training_and_confirmed_once(judged):
    at = judged.rows[0].at
    assert isinstance(at, Confirmed)
    assert len(at.thresholds) == 3
    assert all(each.inside.recall >= 0.7 for each in at.thresholds)
    assert at.recall.value == pytest.approx(at.found / judged.listened[0].selections)
    kept = at.recall.value >= 0.7
    assert (at.verdict == "kept") is kept
    assert at.right + at.false > 0


def test_a_lone_detector_keeps_no_promise(finished, summary):
    rows = judge(finished[0], summary.rows, Promise.parse("precision=0.99")).rows
    control = rows[-1]
    assert isinstance(control.at, Missing)
    assert "precision=0.99" in control.at.reason


def test_without_folds_there_is_no_threshold_and_the_rank_is_told_to_flatter(run_in, tmp_path):
    run = run_soundscape(run_in, tmp_path, folds=0)
    found = judge(run, summarise(run).rows)
    assert all(isinstance(row.at, Missing) for row in found.rows)
    text = to_markdown(found)
    assert "no folds inside training" in text
    assert "flatters the first" in text


def test_thinned_background_is_weighed_and_told(run_in, finished, judged, tmp_path):
    run = run_soundscape(run_in, tmp_path, more=",background_per_call=1")
    found = judge(run, summarise(run).rows)
    assert found.thinned
    assert "Background was thinned" in to_markdown(found)
    assert found.listened[0].hours == pytest.approx(judged.listened[0].hours)
    always = found.rows[-1].per_hour[0].value
    assert always >= judged.rows[-1].per_hour[0].value


def test_rules_change_what_an_event_is(finished, summary):
    plain = judge(finished[0], summary.rows, None, Joining())
    short = judge(finished[0], summary.rows, None, Joining(longest_s=2.0))
    control = [each.rows[-1].per_hour[0].value for each in (plain, short)]
    assert control[1] > 2 * control[0]
    assert short.longest_s == 2


def test_each_class_but_the_background_is_judged_by_itself(finished, summary):
    found = judge(finished[0], summary.rows)
    twice = replace(
        found,
        rows=tuple(replace(row, label=label) for label in ("ship", "upcall") for row in found.rows),
        listened=tuple(replace(found.listened[0], label=label) for label in ("ship", "upcall")),
    )
    text = to_markdown(twice)
    assert "ship: false alarms an hour" in text
    assert "upcall: false alarms an hour" in text
    assert len(twice.of("ship")) == len(found.rows)


def test_json_says_all_and_has_no_nan(judged):
    values = json.loads(to_json(judged))
    assert values["promise"] == "recall=0.7"
    assert values["recalls"] == list(RECALLS)
    row = values["rows"][0]
    assert row["at"]["thresholds"][0]["promise"] == "recall=0.7"
    assert 0 <= row["at"]["thresholds"][0]["calibrated"] <= 1
    assert row["curve"][-1]["recall"] == pytest.approx(row["most_recall"])


def test_csv_has_a_row_a_cell(judged):
    rows = list(csv.DictReader(io.StringIO(to_csv(judged))))
    assert [row["classifier"] for row in rows] == ["nearest-mean", "majority"]
    assert float(rows[0]["alarms_per_hour_at_recall_0.8"]) == judged.rows[0].per_hour[1].value


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_terminal_is_never_too_narrow(judged, width):
    from rich.console import Console

    console = Console(width=width, file=io.StringIO(), color_system=None)
    print_judgement(judged, console)
    text = console.file.getvalue()
    assert all(len(line.rstrip()) <= width for line in text.splitlines())
    flat = " ".join(text.split())
    assert "upcall: false alarms an hour, by recall" in flat
    assert "recall=0.7, as chosen inside training, is kept on the holdout by" in flat


def test_names_of_strangers_are_shown_and_not_obeyed(judged):
    from rich.console import Console

    evil = "[red]\x1b[31m=1+1|<b>"
    found = replace(
        judged,
        rows=tuple(replace(row, label=evil, representation=evil) for row in judged.rows),
        listened=tuple(replace(each, label=evil) for each in judged.listened),
    )
    console = Console(width=100, file=io.StringIO(), color_system=None)
    print_judgement(found, console)
    assert "\x1b" not in console.file.getvalue()
    assert "[red]" in console.file.getvalue()
    assert "<b>" not in to_markdown(found)
    read_in = replace(judged, rows=(replace(judged.rows[0], representation=r"\input{a&b}"),))
    assert r"\textbackslash{}input\{a\&b\}" in to_latex(read_in)
    assert not [line for line in to_csv(found).splitlines()[1:] if line.startswith("=")]


def test_latex_has_a_row_a_cell_with_the_figures_of_the_terminal(judged):
    from harness.reporting.wording import events as wording

    latex = to_latex(judged)
    assert latex.count("\\begin{tabular}") == len(judged.listened)
    lines = [line for line in latex.splitlines() if line.endswith("\\\\")][1:]
    assert len(lines) == len(judged.rows)
    for row, line in zip(judged.rows, lines, strict=True):
        figures = (*wording.alarm_figures(row), *wording.threshold_figures(row))
        expected = [row.representation, row.classifier, *figures]
        told = line.removesuffix(" \\\\").replace("--", "–").replace("\\", "").split(" & ")
        assert told == expected


def show(root, *words):
    return dispatch(["show", "--results", str(root / "results"), *words])


def test_the_verb_shows_it(finished, capsys):
    _, root = finished
    assert show(root, "--judge", "events") == 0
    out = capsys.readouterr().out
    assert "false alarms an hour" in out
    assert "Left out" not in out
    assert show(root, "--at", "recall=0.7", "--format", "json", "--gap", "1") == 0
    values = json.loads(capsys.readouterr().out)
    assert values["rules"] == {"gap_s": 1.0, "shortest": 1, "longest_s": None}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--at", "precision"], "say precision=0.9"),
        (["--at", "hits=3"], "or false-alarms-per-hour=2"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(finished, capsys, words, told):
    assert show(finished[1], *words) == 2
    assert told in re.sub(r"\s+", " ", capsys.readouterr().err)


def test_clips_of_no_recordings_are_refused_in_a_sentence(run_in, tmp_path, capsys):
    run_in(tmp_path)(representations=["levels"], classifiers=["nearest-mean"])
    assert show(tmp_path, "--judge", "events") == 2
    assert "no events to judge" in re.sub(r"\s+", " ", capsys.readouterr().err)
