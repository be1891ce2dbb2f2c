"""Calibration learnt inside training: two numbers that keep the order."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from harness.statistics.calibration import reliability
from harness.statistics.scaling import Scaling, fit_scaling


def overconfident(count=4000, seed=1):
    rng = np.random.default_rng(seed)
    honest = rng.uniform(0.02, 0.98, count)
    positive = rng.random(count) < honest
    return Scaling(3.0, 1.0).scaled(honest), honest, positive


def test_it_undoes_what_made_probabilities_too_sure():
    said, honest, positive = overconfident()
    scaled = fit_scaling(said, positive).scaled(said)
    assert np.abs(scaled - honest).max() < 0.06
    before, after = (
        reliability(each, positive).expected_calibration_error for each in (said, scaled)
    )
    assert after < before / 3


def test_it_agrees_with_scikit_learn():
    said, _, positive = overconfident()
    logit = np.log(said / (1 - said))[:, None]
    wanted = LogisticRegression(C=np.inf, tol=1e-9).fit(logit, positive)
    found = fit_scaling(said, positive)
    np.testing.assert_allclose(
        [found.slope, found.offset], [wanted.coef_[0, 0], wanted.intercept_[0]], rtol=0.01
    )


def test_a_clip_that_stands_for_three_counts_as_three():
    said, _, positive = overconfident(300)
    weights = np.where(positive, 1, 3)
    again = np.repeat(said, weights), np.repeat(positive, weights)
    found, wanted = fit_scaling(said, positive, weights), fit_scaling(*again)
    np.testing.assert_allclose(
        [found.slope, found.offset], [wanted.slope, wanted.offset], rtol=1e-3
    )


def test_classes_that_are_wholly_parted_stay_finite():
    found = fit_scaling([0.0, 0.1, 0.9, 1.0], [False, False, True, True])
    scaled = found.scaled([0.0, 0.1, 0.9, 1.0])
    assert np.isfinite([found.slope, found.offset]).all()
    assert (np.diff(scaled) >= 0).all()


def test_scores_that_say_nothing_or_the_opposite_stay_as_they_are():
    assert fit_scaling([0.1, 0.9], [True, False]) == Scaling()
    assert fit_scaling([0.1, 0.9], [True, True]) == Scaling()
    assert np.isnan(Scaling().scaled([np.nan])).all()


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20, unique=True), st.floats(0.1, 5))
def test_the_order_stays(probabilities, slope):
    order = np.sort(probabilities)
    assert (np.diff(Scaling(slope, 0.5).scaled(order)) >= 0).all()
