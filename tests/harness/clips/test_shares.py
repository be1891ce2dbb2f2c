"""Whole units nearest a share."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clips.shares import draw_nearest


def draw(tallies, share, seed=0):
    tallies = np.array(tallies, float)
    least = np.ones(tallies.shape[1])
    return draw_nearest(tallies, share, least, np.random.default_rng(seed))


def missed(tallies, held, share):
    """How far a choice is, class by class and over all, in squared shares."""
    counts, totals = tallies[held].sum(axis=0), tallies.sum(axis=0)
    overall = counts.sum() / totals.sum() - share
    return overall**2 * len(totals) + ((counts / totals - share) ** 2).sum()


def test_a_share_that_can_be_reached_is_reached():
    """One site of 140 clips and twenty of 10: three tenths are ten small ones, never the big."""
    tallies = [[70, 70]] + [[5, 5]] * 20
    for seed in range(10):
        held, whole = draw(tallies, 102 / 340, seed)
        assert whole
        assert not held[0]
        assert held.sum() == 10


def test_the_seed_decides_which_units():
    tallies = [[5, 5]] * 30
    first, again, other = (
        draw(tallies, 0.3, 1)[0],
        draw(tallies, 0.3, 1)[0],
        draw(tallies, 0.3, 2)[0],
    )
    assert (first == again).all()
    assert (first != other).any()


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=9),
    st.sampled_from([0.1, 0.3, 0.5]),
)
@settings(max_examples=60, deadline=None)
def test_it_comes_about_as_near_as_the_best_of_all_choices(pairs, share):
    tallies = np.array([pair for pair in pairs if sum(pair)] + [(1, 1), (2, 2)], float)
    choices = [np.array(bits, bool) for bits in product([0, 1], repeat=len(tallies))]
    sound = [
        held
        for held in choices
        if (tallies[held].sum(axis=0) >= 1).all() and (tallies[~held].sum(axis=0) >= 1).all()
    ]
    best = min(missed(tallies, held, share) for held in sound)
    held, whole = draw(tallies, share)
    assert whole
    assert missed(tallies, held, share) <= best + 0.01


def test_a_class_of_one_unit_cannot_be_on_both_sides():
    _, whole = draw([[5, 0], [5, 0], [5, 7]], 0.3)
    assert not whole


def test_ten_thousand_groups_are_drawn_near():
    rng = np.random.default_rng(5)
    tallies = rng.multinomial(4, [0.5, 0.3, 0.2], 10_000).astype(float)
    held, whole = draw(tallies, 0.3)
    assert whole
    np.testing.assert_allclose(tallies[held].sum(axis=0) / tallies.sum(axis=0), 0.3, atol=0.003)
