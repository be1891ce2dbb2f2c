"""Rows that average cells: by hand, chosen inside training, and wherever cells are shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from harness.analysis.cell_names import find_row, named_average, names_cells
from harness.analysis.comparison import compare_cells
from harness.analysis.disagreement import find_disagreement
from harness.analysis.ensembles import with_ensembles, with_named
from harness.analysis.mistakes import find_mistakes
from harness.analysis.redrawing import Redrawing
from harness.analysis.rows import Row
from harness.analysis.summary import summarise
from harness.api.results import Results
from harness.cli.dispatch import dispatch
from harness.errors import SpecError, StoreError
from harness.pictures.gallery import Gallery
from harness.reporting.exports.summary import to_csv, to_json, to_latex, to_markdown
from harness.reporting.html import Subject, render_report
from harness.reporting.wording.ensembles import ensemble_remarks
from harness.results.store import Run
from harness.statistics.ensembles import choose_members
from harness.values import Predictions

SEER, MEAN = "seer[channel=0]", "nearest-mean"
HAND = f"average(levels/{MEAN}, noise-removed/{SEER}, signal/nearest-spectrum)"
WRITTEN = HAND.replace("noise-removed", "spectrogram+noise-removed")


@pytest.fixture(scope="module")
def ran(run_in, tmp_path_factory):
    root = tmp_path_factory.mktemp("ensembles")
    run, records, _ = run_in(root)(
        dataset="tones[clips=72]",
        representations=["levels", "noise-removed"],
        classifiers=[MEAN, SEER, "nearest-spectrum", "majority"],
        picture_height=56,
        picture_width=56,
        splits=2,
    )
    assert {record.status for record in records} == {"ok"}
    return run, root


@pytest.fixture(scope="module")
def summary(ran):
    return summarise(with_ensembles(ran[0], chosen=True, named=[HAND]))


@dataclass(frozen=True)
class Told(Run):
    """A run in which cells of one classifier say something else of themselves."""

    classifier: str = ""
    change: object = field(default=lambda table: table)

    def predictions(self, cell):
        table = super().predictions(cell)
        return self.change(table) if str(cell.classifier) == self.classifier else table


def test_an_average_by_hand_is_the_mean_of_what_its_cells_said(ran, summary):
    run, _ = ran
    row = summary.row(WRITTEN, "mean")
    members = [find_row(summary.rows, name, "") for name in named_average(HAND)]
    for record in row.records:
        tables = [
            run.predictions(own.cell)
            for member in members
            for own in member.records
            if own.cell.split == record.cell.split
        ]
        said = summary.run.predictions(record.cell)
        assert said.predictions.classes == tables[0].predictions.classes
        assert said.predictions.ids == tables[0].predictions.ids
        assert (said.sides, said.folds, said.true) == (
            tables[0].sides, tables[0].folds, tables[0].true,
        )  # fmt: skip
        mean = np.mean([table.predictions.scores for table in tables], axis=0)
        np.testing.assert_allclose(said.predictions.scores, mean, atol=1e-12)
        right = np.array(said.predictions.classes)[mean.argmax(axis=1)] == np.array(said.true)
        holdout = np.array(said.sides) == "holdout"
        assert record.holdout.accuracy == pytest.approx(right[holdout].mean())
        assert record.cv.accuracy == pytest.approx(right[~holdout].mean())


def test_a_cell_named_twice_counts_twice(ran):
    run, _ = ran
    name = f"average(levels/{MEAN}, levels/{MEAN}, levels/{SEER})"
    (ensemble,) = with_ensembles(run, named=[name]).ensembles
    assert [round(each.weight, 3) for each in ensemble.members()] == [0.667, 0.333]
    record = ensemble.averages[0].record
    one, other = (
        run.predictions(replace(record.cell, representation=way, classifier=spec))
        for way, spec in (
            (c.representation, c.classifier)
            for c in run.cells
            if str(c.representation) == "levels" and str(c.classifier) in (MEAN, SEER)
            if c.split == record.cell.split
        )
    )
    expected = (2 * one.predictions.scores + other.predictions.scores) / 3
    np.testing.assert_allclose(ensemble.averages[0].table.predictions.scores, expected)


@dataclass(frozen=True)
class Noisy(Run):
    """A run whose cells know something, each with errors of its own."""

    def predictions(self, cell):
        table = super().predictions(cell)
        said, rng = table.predictions, np.random.default_rng(len(str(cell)))
        true = np.array([[name == label for name in said.classes] for label in table.true])
        scores = 0.3 * true + 0.7 * rng.dirichlet((1, 1), len(said))
        told = Predictions.from_scores(said.ids, said.classes, scores)
        return replace(table, predictions=told)


def test_members_are_chosen_inside_training_by_the_greedy_rule(ran):
    run = Noisy(ran[0].folder, ran[0].asked)
    (ensemble,) = with_ensembles(run, chosen=True).ensembles
    assert len(ensemble.members()) > 1
    real = [r for r in run.records() if not r.control]
    assert ensemble.candidates == len(real) / 2 == 5
    for average in ensemble.averages:
        mine = [r for r in real if r.cell.split == average.record.cell.split]
        given = []
        for record in mine:
            table = run.predictions(record.cell).side("cv")
            column = {name: i for i, name in enumerate(table.predictions.classes)}
            rows = range(len(table.true))
            given.append(table.predictions.scores[rows, [column[name] for name in table.true]])
        times = choose_members(given)
        expected = {
            (str(r.cell.representation), str(r.cell.classifier)): share
            for r, share in zip(mine, times / times.sum(), strict=True)
            if share
        }
        found = {(m.representation, m.classifier): m.weight for m in average.members}
        assert found == pytest.approx(expected)
        assert sum(found.values()) == pytest.approx(1)


def test_the_holdout_has_no_part_in_the_choice(ran):
    """Whatever the cells say of the holdout, the members and the figure in training stay."""
    run, _ = ran

    def turned(table):
        held = np.array(table.sides) == "holdout"
        scores = np.where(
            held[:, None], table.predictions.scores[:, ::-1], table.predictions.scores
        )
        said = table.predictions
        labels = tuple(said.classes[row.argmax()] for row in scores)
        return replace(table, predictions=replace(said, scores=scores, labels=labels))

    other = Told(run.folder, run.asked, "nearest-spectrum", turned)
    (before,) = with_ensembles(run, chosen=True).ensembles
    (after,) = with_ensembles(other, chosen=True).ensembles
    assert before.members() == after.members()
    for one, changed in zip(before.averages, after.averages, strict=True):
        assert one.record.cv == changed.record.cv
        assert one.record.holdout != changed.record.holdout


def test_controls_are_no_members(summary):
    assert all("majority" not in each.classifier for each in summary.ensembles[0].members())


def test_it_is_a_row_like_any_other(summary):
    row = summary.row("ensemble", "mean")
    assert row.letters
    assert row in summary.compared
    assert row.low <= row.accuracy <= row.high
    assert summary.choice.others == 6
    assert summary.finished == summary.planned == 14
    other = summary.row("levels", MEAN)
    assert compare_cells(summary, row, other).changes[0].first == row.accuracy
    assert find_disagreement(summary.run, row, other).clips == len(summary.run.split(0).holdout)
    wrong = find_mistakes(summary.run, row)
    assert len(wrong.found) == round((1 - row.records[0].accuracy) * wrong.clips)


def test_it_costs_what_its_members_cost_together(ran):
    run, _ = ran
    names = [f"levels/{MEAN}", f"levels/{SEER}"]
    (ensemble,) = with_ensembles(run, named=[f"average({', '.join(names)})"]).ensembles
    record = ensemble.averages[0].record
    mine = [
        r for r in run.records()
        if r.cell.split == record.cell.split and str(r.cell.representation) == "levels"
        and str(r.cell.classifier) in (MEAN, SEER)
    ]  # fmt: skip
    fit = sum(r.seconds["fit"].total_s for r in mine)
    assert record.seconds["fit"].total_s == pytest.approx(fit)
    drawn = [r.seconds["draw"].total_s for r in mine if "draw" in r.seconds]
    assert record.seconds["draw"].total_s in [pytest.approx(each) for each in drawn]


def test_tables_and_files_tell_its_members(summary):
    remarks = " ".join(ensemble_remarks(summary))
    assert "averages" in remarks
    assert "chosen inside training by log loss, the mean of 2 choices" in remarks
    assert "chosen without the fold that is judged" in remarks
    values = json.loads(to_json(summary))
    chosen, hand = values["ensembles"]
    assert chosen["representation"] == "ensemble"
    assert chosen["chosen_from"] == 5
    assert [sum(m["weight"] for m in a["members"]) for a in chosen["averages"]] == [
        pytest.approx(1.0), pytest.approx(1.0),
    ]  # fmt: skip
    assert hand["representation"] == WRITTEN
    assert {round(m["weight"], 9) for m in hand["averages"][0]["members"]} == {0.333333333}
    cells = [cell for cell in values["cells"] if cell["classifier"] == "mean"]
    assert len(cells) == 4
    assert all(cell["ties"] for cell in cells)
    for text in (to_markdown(summary), to_csv(summary), to_latex(summary)):
        assert "ensemble" in text
        assert "average(" in text
    assert remarks.split(".")[0] in to_markdown(summary).replace("\\", "")


def test_the_report_shows_it(ran, summary, plugins):
    _, root = ran
    source = Redrawing(summary.run, plugins, Gallery(root / "cache"))
    page = render_report([Subject(summary, source)], 2)
    html = page.html
    assert not page.missing
    assert "ensemble" in html
    assert "chosen inside training by log loss" in html


def test_cells_that_cannot_be_members_are_told_apart(ran):
    run, _ = ran

    def without_folds(table):
        return replace(table, folds=(None,) * len(table.folds))

    def other_folds(table):
        return replace(table, folds=tuple(None if f is None else 2 - f for f in table.folds))

    def unsure(table):
        scores = table.predictions.scores.copy()
        scores[:3] = np.nan
        return replace(table, predictions=replace(table.predictions, scores=scores))

    for change, reason in (
        (without_folds, "it was cross-validated on folds of its own"),
        (other_folds, "it was cross-validated on other folds than those of the split"),
        (unsure, "it gave no probabilities for 3 of 72 clips"),
        (lambda table: table.side("holdout"), "it has no cross-validated predictions"),
    ):
        told = Told(run.folder, run.asked, "nearest-spectrum", change)
        summary = summarise(with_ensembles(told, chosen=True))
        (ensemble,) = summary.ensembles
        assert ensemble.candidates == 4
        assert ensemble.left_out == (f"signal/nearest-spectrum: {reason}",)
        assert f"Not in the ensemble: signal/nearest-spectrum: {reason}." in [
            *ensemble_remarks(summary)
        ]


def test_what_gave_no_probabilities_cannot_be_averaged_by_hand(ran):
    run, _ = ran

    def unsure(table):
        scores = np.full_like(table.predictions.scores, np.nan)
        return replace(table, predictions=replace(table.predictions, scores=scores))

    told = Told(run.folder, run.asked, "nearest-spectrum", unsure)
    with pytest.raises(StoreError, match="nearest-spectrum cannot be averaged: it gave no prob"):
        with_ensembles(told, named=[HAND])


def test_without_the_same_folds_an_average_by_hand_has_no_figure_in_training(ran):
    run, _ = ran
    change = lambda table: replace(table, folds=(None,) * len(table.folds))  # noqa: E731
    summary = summarise(
        with_ensembles(Told(run.folder, run.asked, "nearest-spectrum", change), named=[HAND])
    )
    row = summary.row(WRITTEN, "mean")
    assert row.mean("cv", "accuracy") is None
    assert row.accuracy is not None
    assert any("has no cross-validated figure" in line for line in ensemble_remarks(summary))


def test_without_folds_or_with_one_cell_there_is_none_and_that_is_said(run_in, tmp_path):
    run, _, _ = run_in(tmp_path)(folds=0, classifiers=[MEAN, SEER], experiment="none")
    summary = summarise(with_ensembles(run, chosen=True))
    assert summary.row("ensemble", "mean") is None
    assert "No ensemble: members are chosen by cross-validated predictions" in " ".join(
        ensemble_remarks(summary)
    )
    one, _, _ = run_in(tmp_path)(experiment="one")
    assert "1 cell could be averaged, and two are needed" in " ".join(
        ensemble_remarks(summarise(with_ensembles(one, chosen=True)))
    )
    with pytest.raises(StoreError, match="has no ensemble: 1 cell could be averaged"):
        with_named(one, ["ensemble", f"levels/{MEAN}"])


@pytest.mark.parametrize(
    ("written", "error", "words"),
    [
        ("average(levels/nearest-mean)", SpecError, "needs two or more cells"),
        ("average(levels/nearest-mean, )", SpecError, "needs two or more cells"),
        ("average(levels, spectrogram)", SpecError, "names no cell"),
        ("levels/nearest-mean", SpecError, "is no average"),
        (f"average(levels/{MEAN}, levels/nearest-meen)", StoreError, "Did you mean"),
        (f"average(ensemble/mean, levels/{MEAN})", StoreError, "has no cell"),
    ],
)
def test_names_that_are_no_averages(ran, written, error, words):
    with pytest.raises(error, match=words):
        with_ensembles(ran[0], named=[written])


def test_commas_inside_brackets_are_no_commas_of_the_average(tmp_path):
    cells = ["stack(mel[n_mels=32,64], waveform)/pca-svm", "mel/x[a='p,q)',b=2]"]
    assert named_average(f"average({cells[0]},  {cells[1]} )") == cells
    assert names_cells([f"average({', '.join(cells)})", "ensemble"], tmp_path)
    assert not names_cells(["average(mel)", "ensemble"], tmp_path)


def test_an_average_is_found_as_a_person_writes_it(summary):
    for written in (HAND, WRITTEN, f" {HAND} ".replace(", ", ",")):
        assert find_row(summary.rows, written, "").representation == WRITTEN
    with pytest.raises(StoreError, match="has no row 'average"):
        find_row(summary.rows, f"average(levels/{MEAN}, levels/{MEAN})", "it")


def test_a_number_may_be_written_otherwise_than_the_record_has_it():
    kept = "noise-removed[floor_db=0.0]"
    rows = [
        Row(f"spectrogram+{kept}", "a", ()),
        Row(f"average(mel/a, spectrogram+{kept}/b)", "mean", ()),
    ]
    for name, row in zip(("{}/a", "average(mel/a,{}/b)"), rows, strict=True):
        assert find_row(rows, name.format("noise-removed[floor_db=0]"), "") is row
        with pytest.raises(StoreError):
            find_row(rows, name.format("noise-removed[floor_db=1]"), "")


def test_a_folder_keeps_nothing_of_it(ran):
    run, _ = ran
    before = sorted(run.folder.rglob("*"))
    summarise(with_ensembles(run, chosen=True, named=[HAND]))
    assert sorted(run.folder.rglob("*")) == before


def test_from_python_it_is_a_result_like_any_other(ran):
    run, _ = ran
    found = Results(run).ensemble()
    assert found.row("ensemble").accuracy is not None
    assert set(found.predictions("ensemble").columns["representation"]) == {"ensemble"}
    assert Results(run).ensemble(HAND).row(HAND).representation == WRITTEN


@pytest.mark.parametrize(
    "command",
    [
        ["show", "--ensemble"],
        ["show", "--add", HAND, "--ranked"],
        ["show", "--ensemble", "--format", "json"],
        ["compare", "ensemble", f"levels/{MEAN}"],
        ["compare", HAND, "signal/nearest-spectrum", "--format", "markdown"],
        ["mistakes", "ensemble"],
        ["mistakes", HAND],
        ["disagree", HAND, "ensemble"],
        ["report", "--ensemble", "--clips", "0"],
    ],
)
def test_every_verb_that_names_cells_takes_it(ran, command, capsys, monkeypatch):
    _, root = ran
    monkeypatch.setenv("SIGHTBENCH_RESULTS", str(root / "results"))
    assert dispatch([*command, "--results", str(root / "results")]) == 0
    out = capsys.readouterr().out
    assert "ensemble" in out or "average(" in out or command[0] == "report"


def test_an_ensemble_of_a_run_without_folds_is_refused_before_anything_runs(capsys, tmp_path):
    arguments = ["run", "-r", "spectrogram", "-c", "pca-svm", "--folds", "0", "--ensemble"]
    assert dispatch([*arguments, "--results", str(tmp_path)]) != 0
    assert "--ensemble chooses by cross-validated predictions" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
