"""A race drops what is clearly worse, and keeps the better half of the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.searching.race import cost, judge, places, stages


@given(st.integers(2, 30))
def test_stages_run_every_fold_once_and_begin_with_one(folds: int) -> None:
    found = stages(folds)
    assert [fold for stage in found for fold in stage] == list(range(folds))
    assert found[0] == (0,)
    assert all(found)


@pytest.mark.parametrize(
    ("folds", "cells"), [(5, 8 + 4 + 2 * 3), (2, 8 + 4), (10, 8 + 4 * 4 + 2 * 5)]
)
def test_a_race_of_eight_costs_so_much(folds: int, cells: int) -> None:
    assert cost(8, folds) == cells


@given(st.integers(1, 40), st.integers(0, 4))
def test_each_stage_has_half_the_places_of_the_last_and_one_at_least(n: int, at: int) -> None:
    assert places(n, 0) == n
    assert 1 <= places(n, at + 1) <= places(n, at)
    assert places(n, at + 1) >= places(n, at) / 2


def right(*shares: float, clips: int = 400) -> np.ndarray:
    """Say of cells which clips are right: the first so and so many."""
    return np.array([np.arange(clips) < share * clips for share in shares])


def test_what_is_clearly_worse_than_the_leader_is_dropped_with_its_p() -> None:
    worse, alike, leader = judge(right(0.6, 0.895, 0.9), [0.6, 0.895, 0.9], None, 3, go_on=3)
    assert not worse.goes_on
    assert worse.p is not None
    assert worse.p < 1e-6
    assert alike.goes_on
    assert leader.goes_on
    assert alike.p is leader.p is None


def test_of_what_cannot_be_told_apart_the_better_half_goes_on() -> None:
    verdicts = judge(right(0.9, 0.8975, 0.895, 0.8925), [4, 3, 2, 1], None, 4, go_on=2)
    assert [each.goes_on for each in verdicts] == [True, True, False, False]
    assert all(each.p is None for each in verdicts)


def test_candidates_race_against_what_ran_on_all_folds_before() -> None:
    (only,) = judge(right(0.6, 0.9), [0.6, 0.9], None, 1, go_on=1)
    assert not only.goes_on
    assert only.p is not None


def test_groups_are_drawn_whole() -> None:
    """A difference that one group alone makes is no proof."""
    table = right(0.5, 0.6, clips=100)
    groups = [f"g{place // 10}" for place in range(100)]
    (alone,) = judge(table, [0.5, 0.6], None, 1, go_on=1)
    (grouped,) = judge(table, [0.5, 0.6], groups, 1, go_on=1)
    assert alone.p is not None
    assert grouped.p is None
    assert grouped.goes_on


@given(st.lists(st.floats(0.3, 1.0), min_size=1, max_size=9), st.integers(1, 9), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_never_more_go_on_than_may_and_the_leader_does(
    shares: list[float], go_on: int, seed: int
) -> None:
    table = np.random.default_rng(seed).random((len(shares), 60)) < np.array(shares)[:, None]
    figures = table.mean(axis=1).tolist()
    verdicts = judge(table, figures, None, len(shares), go_on)
    assert sum(each.goes_on for each in verdicts) <= go_on
    assert verdicts[int(np.argmax(figures))].goes_on


def test_the_more_are_compared_the_surer_a_difference_must_be() -> None:
    few = judge(right(0.9, 0.885), [2, 1], None, 2, go_on=2)
    many = judge(right(0.9, *[0.885] * 9), [2, *[1] * 9], None, 10, go_on=10)
    assert not few[1].goes_on
    assert all(each.goes_on for each in many)
