"""Thresholds chosen inside training for what a person wants: kept there, or refused with why."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.hearing import clips_heard
from harness.analysis.thresholds import Promise, Threshold, choose
from harness.errors import PlanError
from harness.results.predictions import PredictionTable
from harness.statistics.alarms import Heard
from harness.statistics.events import Joining, Marks, Windows
from harness.values import Missing, Predictions


def detector(hours=1.0, strength=2.5, seed=0, calls=60):
    """Return a detector of moderate skill on windows without overlap."""
    rng = np.random.default_rng(seed)
    count = int(hours * 1800)
    starts = np.arange(count) * 2.0
    positive = np.zeros(count, bool)
    positive[rng.choice(count, min(calls, count), replace=False)] = True
    scores = 1 / (1 + np.exp(-(rng.normal(size=count) + strength * positive - 3)))
    zeros = np.zeros(count, int)
    marks = Marks(zeros[positive], starts[positive] + 0.5, starts[positive] + 1.5)
    return Heard(
        Windows(zeros, starts, starts + 2), scores, positive, np.ones(count),
        np.full(count, 2.0), zeros, marks, zeros[positive], 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "figure", "value"),
    [
        ("precision=0.9", "precision", 0.9),
        (" recall = 1 ", "recall", 1.0),
        ("false-alarms-per-hour=2.5", "false-alarms-per-hour", 2.5),
    ],
)
def test_promises_are_read(written, figure, value):
    found = Promise.parse(written)
    assert (found.figure, found.value) == (figure, value)
    assert Promise.parse(str(found)) == found


@pytest.mark.parametrize(
    "written",
    ["", "precision", "precision=", "precision=2", "recall=0", "recall=nan", "f1=0.5",
     "false-alarms-per-hour=inf", "false-alarms-per-hour=-1", "=0.5"],
)  # fmt: skip
def test_what_is_no_promise_is_refused_with_what_to_say(written):
    with pytest.raises(PlanError, match=r"say precision=0\.9"):
        Promise.parse(written)


@pytest.mark.parametrize(
    "written",
    ["precision=0.7", "recall=0.8", "false-alarms-per-hour=2", "false-alarms-per-hour=60"],
)
def test_a_promise_is_kept_where_it_is_chosen(written):
    promise = Promise.parse(written)
    found = choose(detector(), "call", promise)
    assert isinstance(found, Threshold)
    figures = {
        "precision": found.inside.precision,
        "recall": found.inside.recall,
        "false-alarms-per-hour": found.inside.per_hour,
    }
    assert promise.kept_by(figures[promise.figure])


def test_more_alarms_allowed_find_more():
    few, many = (
        choose(detector(), "call", Promise("false-alarms-per-hour", rate)) for rate in (2, 60)
    )
    assert few.value > many.value
    assert few.inside.recall < many.inside.recall


def test_without_a_promise_it_is_the_best_f1():
    found = choose(detector(), "call", None)
    best = 2 * found.inside.precision * found.inside.recall
    best /= found.inside.precision + found.inside.recall
    for recall in (0.3, 0.5, 0.7, 0.9):
        other = choose(detector(), "call", Promise("recall", recall)).inside
        f1 = 2 * other.precision * other.recall / (other.precision + other.recall)
        assert f1 <= best + 1e-12


def test_a_threshold_as_a_probability_says_how_many_such_windows_are_calls():
    heard = detector(hours=20, calls=2000)
    found = choose(heard, "call", Promise("precision", 0.8))
    near = np.abs(found.scaling.scaled(heard.scores) - found.calibrated) < 0.05
    assert heard.positive[near].mean() == pytest.approx(found.calibrated, abs=0.06)


def test_what_cannot_be_promised_is_told_with_the_nearest():
    found = choose(detector(strength=0.0), "call", Promise("precision", 0.9))
    assert isinstance(found, Missing)
    assert "no threshold has precision=0.9 inside training" in found.reason
    assert "the nearest is" in found.reason
    nothing = choose(detector(calls=0), "call", None)
    assert isinstance(nothing, Missing)
    assert "nothing is marked as call" in nothing.reason


def test_longer_events_change_what_is_chosen():
    one = choose(detector(), "call", Promise("recall", 0.8), Joining())
    two = choose(detector(), "call", Promise("recall", 0.8), Joining(shortest=2))
    assert one.value > two.value


def test_clips_of_no_recordings_have_precision_and_recall_but_no_hours():
    rng = np.random.default_rng(2)
    true = np.where(rng.random(400) < 0.5, "call", "noise")
    scores = np.clip(rng.normal(0.5, 0.2, 400) + np.where(true == "call", 0.2, -0.2), 0, 1)
    ids = tuple(map(str, range(400)))
    said = Predictions.from_scores(ids, ("call", "noise"), np.stack([scores, 1 - scores], 1))
    table = PredictionTable(("cv",) * 400, (0,) * 400, tuple(true.tolist()), said)
    heard = clips_heard(table, "call")
    found = choose(heard, "call", Promise("precision", 0.9))
    chosen = scores >= found.value
    assert found.inside.precision == pytest.approx((true[chosen] == "call").mean())
    assert found.inside.recall == pytest.approx(chosen[true == "call"].mean())
    assert found.inside.per_hour is None
    refused = choose(heard, "call", Promise("false-alarms-per-hour", 2))
    assert isinstance(refused, Missing)
    assert "no hours" in refused.reason
