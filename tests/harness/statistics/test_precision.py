"""Average precision: as scikit-learn has it, with weights, with ties, drawn again."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from harness.statistics.precision import average_precision, draw_average_precision

clip = st.tuples(st.integers(0, 9).map(lambda n: n / 9), st.booleans(), st.integers(1, 4))


@given(st.lists(clip, min_size=1, max_size=40).filter(lambda clips: any(c[1] for c in clips)))
@settings(deadline=None)
def test_it_agrees_with_scikit_learn(clips):
    scores, positive, weights = map(np.array, zip(*clips, strict=True))
    wanted = average_precision_score(positive, scores, sample_weight=weights)
    found = average_precision(scores, positive, weights)
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    np.testing.assert_allclose(
        average_precision(scores, positive), average_precision_score(positive, scores), atol=1e-12
    )


def test_known_answers():
    assert average_precision([0.9, 0.8, 0.1], [True, True, False]) == 1.0
    assert average_precision([0.9, 0.8, 0.1], [False, True, False]) == 0.5
    assert average_precision([0.9, 0.8], [False, False]) is None
    assert average_precision([np.nan, 0.8], [True, False]) == 0.5


def test_draws_are_those_of_the_units_that_are_drawn():
    rng = np.random.default_rng(0)
    scores, positive, units = rng.random(50).round(1), rng.random(50) < 0.3, np.arange(50) % 7
    draws = rng.multinomial(7, np.full(7, 1 / 7), 20).astype(float)
    found = draw_average_precision(scores, positive, np.ones(50), units, draws)
    for draw, value in zip(draws, found, strict=True):
        rows = np.repeat(np.arange(50), draw[units].astype(int))
        wanted = average_precision_score(positive[rows], scores[rows])
        np.testing.assert_allclose(value, wanted, atol=1e-12)
    nothing = draw_average_precision([], [], np.ones(0), np.zeros(0, int), np.ones((2, 1)))
    assert np.isnan(nothing).tolist() == [True, True]
