"""Which cell is chosen: inside training by each figure, else on the holdout and corrected."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from harness.analysis.choice import Criterion, choose
from harness.analysis.summary import summarise
from harness.cli.dispatch import dispatch
from harness.cli.formats import ChooseBy
from harness.reporting.wording.summary import headline
from harness.results.store import everything


@pytest.fixture(scope="module")
def run(tmp_path_factory, run_in):
    run, _, _ = run_in(tmp_path_factory.mktemp("choice"))(
        dataset="tones[clips=120]",
        representations=["levels", "spectrogram"],
        classifiers=["nearest-mean", "pixels-logistic", "majority"],
        picture_height=32,
        picture_width=32,
    )
    return run


@pytest.fixture(scope="module")
def unfolded(tmp_path_factory, run_in):
    run, _, _ = run_in(tmp_path_factory.mktemp("unfolded"))(
        dataset="tones[clips=120]",
        representations=["levels", "spectrogram"],
        classifiers=["nearest-mean", "pixels-logistic"],
        picture_height=32,
        picture_width=32,
        folds=0,
    )
    return run


def with_cv(row, **figures):
    """Give a row other cross-validated figures; None takes the cross-validation away."""
    records = tuple(
        dataclasses.replace(
            record, cv=dataclasses.replace(record.cv, **figures) if figures else None
        )
        for record in row.records
    )
    return dataclasses.replace(row, records=records)


class Silent:
    """Evidence of nothing: what a choice inside training needs of the holdout."""

    def independent(self, records):
        return 100


@pytest.mark.parametrize("by", list(Criterion))
def test_each_figure_chooses_by_itself(run, by):
    """Four rows, each the best by one of the figures alone."""
    row = summarise(run).choice.row
    middling = {"accuracy": 0.5, "balanced_accuracy": 0.5, "roc_auc": 0.5, "log_loss": 0.5}
    rows = [
        dataclasses.replace(
            with_cv(row, **{**middling, each.figure: 0.1 if each is Criterion.log_loss else 0.9}),
            representation=each.value,
        )
        for each in Criterion
    ]
    found = choose(rows, [row.records for row in rows], None, Silent(), by)
    assert found.row.representation == by.value
    assert found.side == "cv"
    assert found.value == pytest.approx(0.1 if by is Criterion.log_loss else 0.9)
    assert found.corrected is None


def test_the_holdout_does_not_choose(run):
    row = summarise(run).choice.row
    rows = [
        dataclasses.replace(with_cv(row, accuracy=cv), representation=name, accuracy=holdout)
        for name, cv, holdout in (("steady", 0.9, 0.6), ("lucky", 0.7, 0.99))
    ]
    found = choose(rows, [row.records for row in rows], None, Silent())
    assert (found.row.representation, found.highest.representation) == ("steady", "lucky")


def test_rows_without_cross_validation_are_no_candidates(run):
    row = summarise(run).choice.row
    lone = dataclasses.replace(with_cv(row), representation="service without folds", accuracy=1.0)
    found = choose([lone, row], [lone.records, row.records], None, Silent())
    assert found.row is row
    assert found.unjudged == 1


def test_the_choice_of_a_run_is_that_of_its_records(run):
    summary = summarise(run)
    real = [row for row in summary.rows if not row.control]
    best = max(real, key=lambda row: row.mean("cv", "accuracy"))
    assert summary.choice.row.title == best.title
    assert summary.choice.value == best.mean("cv", "accuracy")
    text = headline(summary)
    assert text.startswith(f"Chosen in training: {best.title} (cross-validated")
    assert f"On the holdout: {100 * best.accuracy:.1f}%" in text


@pytest.mark.parametrize("by", list(Criterion))
def test_without_folds_the_figure_is_corrected(unfolded, by):
    summary = summarise(unfolded, by)
    choice = summary.choice
    assert choice.side == "holdout"
    assert 0 <= choice.corrected.low <= choice.corrected.estimate <= choice.corrected.high <= 1
    highest = max(row.accuracy for row in summary.rows)
    assert choice.corrected.estimate <= highest + 0.02
    text = headline(summary)
    assert "Picked on the holdout" in text
    assert f"Corrected for having looked: {100 * choice.corrected.estimate:.1f}%" in text


def test_ties_are_those_of_the_choice(run):
    summary = summarise(run)
    place = [row.title for row in summary.compared].index(summary.choice.row.title)
    different = summary.comparisons.different[place]
    expected = {
        row.title
        for other, row in enumerate(summary.compared)
        if other != place and not different[other]
    }
    assert {row.title for row in summary.choice.ties} == expected


def test_the_command_line_offers_the_same_figures():
    assert [each.value for each in ChooseBy] == [each.value for each in Criterion]


def test_seeds_that_change_nothing_are_no_interval(tmp_path, run_in):
    run, _, _ = run_in(tmp_path)(representations=["spectrogram"], seeds=3)
    (row,) = summarise(run).rows
    assert len(row.records) == 3
    assert row.spread is None
    assert row.about == "new clips like these"
    assert row.low < row.accuracy < row.high or row.accuracy in (0, 1)
    assert row.high - row.low > 0.05


def test_equal_splits_are_no_certainty(tmp_path, run_in):
    """Two splits with the very same accuracy have no spread, and an interval all the same."""
    run, _, _ = run_in(tmp_path)(representations=["spectrogram"], splits=2, folds=0)
    summary = summarise(run)
    (row,) = summary.rows
    if row.spread.deviation == 0:
        assert row.low < row.high
    assert 0 <= row.low <= row.accuracy <= row.high <= 1


def test_cells_of_other_commands_are_counted_and_can_be_shown(tmp_path, run_in):
    place = run_in(tmp_path)
    place(representations=["spectrogram"], seeds=1)
    run, _, _ = place(representations=["levels"])
    alone, together = summarise(run), summarise(everything(run))
    assert (alone.others, together.others) == (1, 0)
    assert len(alone.rows) == 1
    assert {row.representation for row in together.compared} == {"levels", "spectrogram"}
    assert together.comparisons is not None


def test_rows_of_other_seeds_are_compared_on_what_they_share(tmp_path, run_in):
    place = run_in(tmp_path)
    place(representations=["spectrogram"], classifiers=["pixels-logistic"], seeds=3)
    run, _, _ = place(representations=["spectrogram", "levels"])
    summary = summarise(everything(run))
    assert len(summary.compared) == 3
    assert np.isfinite(summary.comparisons.p).all()


def test_verbs_take_cells_of_different_commands(tmp_path, run_in, capsys, tones):
    place = run_in(tmp_path)
    place(representations=["spectrogram"])
    place(representations=["levels"])
    options = ["--results", str(tmp_path / "results")]
    for verb in ("compare", "disagree"):
        assert dispatch([verb, "levels/nearest-mean", "spectrogram/nearest-mean", *options]) == 0
    assert dispatch(["mistakes", "spectrogram/nearest-mean", *options]) == 0
    capsys.readouterr()
    assert dispatch(["show", *options]) == 0
    shown = capsys.readouterr().out
    assert "1 more cell on the same clips and split: show --all" in shown
    assert dispatch(["show", "--all", "--ranked", *options]) == 0
    shown = capsys.readouterr().out
    assert "spectrogram" in shown
    assert "levels" in shown


def test_show_prints_the_parts_that_are_asked_for(run, capsys):
    results = str(run.folder.parents[1])
    for flags, words in (
        (["--ranked"], "Ranked"),
        (["--gains"], "Gain over spectrogram"),
        (["--details"], "Figures on the holdout"),
        (["--curves"], "There is no learning curve"),
        (["--costs"], "No service was asked"),
        (["--choose-by", "auc"], "cross-validated AUC"),
    ):
        assert dispatch(["show", *flags, "--results", results]) == 0
        assert words in " ".join(capsys.readouterr().out.split())
