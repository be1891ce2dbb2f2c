"""Intervals of shares and of rates, by drawing units."""

from __future__ import annotations

import numpy as np
import pytest

from harness.statistics.drawn import draw_units, rate_estimate, share_estimate


def test_every_draw_has_as_many_units_and_they_average_one_each():
    draws = draw_units(8, 4000)
    assert (draws.sum(axis=1) == 8).all()
    np.testing.assert_allclose(draws.mean(axis=0), 1, atol=0.06)


def test_the_interval_of_a_rate_covers_the_true_one():
    rng = np.random.default_rng(5)
    covered, trials = 0, 200
    for trial in range(trials):
        counts = rng.poisson(6.0, 12).astype(float)  # an hour each
        draws = draw_units(12, 400, trial)
        found = rate_estimate(counts.mean(), draws @ counts / 12, 12, 12.0)
        covered += found.low <= 6.0 <= found.high
    assert 0.9 <= covered / trials <= 0.995


def test_the_interval_of_a_share_covers_the_true_one():
    rng = np.random.default_rng(6)
    covered, trials = 0, 200
    for trial in range(trials):
        right = rng.binomial(20, 0.7, 10).astype(float)
        draws = draw_units(10, 400, trial)
        found = share_estimate(right.mean() / 20, draws @ right / 200, 10)
        covered += found.low <= 0.7 <= found.high
    assert 0.9 <= covered / trials <= 0.995


def test_no_alarm_in_ten_hours_may_still_be_one_in_three():
    found = rate_estimate(0.0, np.zeros(100), 10, 10.0)
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(0.369, abs=0.001)


def test_a_recall_that_many_draws_do_not_reach_leaves_the_end_open():
    drawn = np.where(np.arange(100) < 10, np.nan, np.linspace(1, 3, 100))
    found = rate_estimate(2.0, drawn, 10, 10.0)
    assert found.high is None
    assert 0 < found.low < 2


def test_too_few_units_have_no_interval_and_nothing_is_no_figure():
    assert share_estimate(0.5, np.array([0.4, 0.6]), 5).low is None
    assert rate_estimate(5.0, np.array([4.0, 6.0]), 5, 1.0).high is None
    assert share_estimate(np.nan, np.array([0.5]), 10) is None
    assert rate_estimate(np.nan, np.array([0.5]), 10, 1.0) is None


def test_units_that_are_all_the_same_are_observations_of_their_own():
    found = share_estimate(1.0, np.ones(100), 10)
    assert found.high == 1
    assert 0.6 < found.low < 0.8
