"""Whom to average: known answers, a search of all small averages, and what must not matter."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from harness.statistics.ensembles import (
    PATIENCE,
    average,
    choose_members,
    choose_without_each,
)

TABLES = st.integers(0, 10_000).map(
    lambda seed: np.random.default_rng(seed).uniform(0.01, 0.99, (4, 30))
)


def loss_of(table, times):
    return -np.log(average(table, times)).mean()


def test_the_loss_is_scikit_learns():
    table = np.random.default_rng(0).uniform(0.01, 0.99, (4, 30))
    given = average(table, [3, 0, 1, 1])
    both = np.stack([1 - given, given], axis=1)
    expected = log_loss(np.ones(30), both, labels=[0, 1])
    assert loss_of(table, [3, 0, 1, 1]) == pytest.approx(expected)


def test_by_hand_two_that_err_on_different_clips_share_the_average():
    table = [[0.9, 0.9, 0.1, 0.1], [0.1, 0.1, 0.9, 0.9], [0.2, 0.2, 0.2, 0.2]]
    assert choose_members(table).tolist() == [1, 1, 0]


def test_the_best_alone_stays_alone_where_nobody_adds_anything():
    table = np.vstack([np.full(20, 0.9), np.full(20, 0.8), np.full(20, 0.5)])
    assert choose_members(table).tolist() == [1, 0, 0]


def test_who_is_far_better_counts_more():
    rng = np.random.default_rng(0)
    table = np.vstack([np.where(rng.random(500) < share, 0.9, 0.1) for share in (0.9, 0.7)])
    times = choose_members(table)
    assert times[0] > 1.5 * times[1] > 0


@settings(max_examples=10, deadline=None)
@given(TABLES)
def test_each_step_is_the_best_of_all_steps(table):
    times = np.zeros(len(table), int)
    path = []
    for _ in range(PATIENCE):
        steps = [loss_of(table, times + one) for one in np.eye(len(table), dtype=int)]
        times = times + np.eye(len(table), dtype=int)[int(np.argmin(steps))]
        path.append((min(steps), times))
    found = choose_members(table, rounds=PATIENCE)
    least = min(loss for loss, _ in path[:PATIENCE])
    assert loss_of(table, found) == pytest.approx(least, abs=1e-8)


@settings(max_examples=10, deadline=None)
@given(TABLES)
def test_no_single_cell_is_better_than_the_choice(table):
    alone = [loss_of(table, one) for one in np.eye(len(table))]
    assert loss_of(table, choose_members(table)) <= min(alone) + 1e-8


@settings(max_examples=10, deadline=None)
@given(TABLES, st.permutations(range(4)), st.permutations(range(30)))
def test_the_order_of_cells_and_of_clips_does_not_matter(table, cells, clips):
    shuffled = table[list(cells)][:, list(clips)]
    assert choose_members(shuffled).tolist() == choose_members(table)[list(cells)].tolist()


def test_it_is_near_the_best_of_all_averages():
    table = np.random.default_rng(3).beta(2, 1, (3, 40)).clip(0.01, 0.99)
    grid = [t for t in itertools.product(range(11), repeat=3) if sum(t) == 10]
    best = min(loss_of(table, np.array(times)) for times in grid)
    assert loss_of(table, choose_members(table)) < best + 0.002


@settings(max_examples=10, deadline=None)
@given(TABLES, st.integers(0, 4), st.integers(0, 10_000))
def test_a_fold_has_no_part_in_the_choice_of_who_judges_it(table, fold, seed):
    folds = np.arange(30) % 5
    before = choose_without_each(table, folds)
    changed = table.copy()
    noise = np.random.default_rng(seed).uniform(0.01, 0.99, changed[:, folds == fold].shape)
    changed[:, folds == fold] = noise
    after = choose_without_each(changed, folds)
    assert before.shape == (5, 4)
    assert after[fold].tolist() == before[fold].tolist()
    without = choose_members(table[:, folds != fold])
    assert before[fold].tolist() == without.tolist()


def test_choosing_flatters_and_leaving_the_fold_out_does_not():
    """Fifty cells that know nothing: an average of them seems to, on the clips that chose it."""
    rng = np.random.default_rng(5)
    seeming, honest = [], []
    folds = np.arange(100) % 5
    for _ in range(20):
        table = rng.beta(1, 1, (50, 100))
        seeming.append(np.log(average(table, choose_members(table))).mean())
        times = choose_without_each(table, folds)
        parts = [np.log(average(table[:, folds == f], times[f])) for f in range(5)]
        honest.append(np.concatenate(parts).mean())
    fair = np.log(0.5)
    assert np.mean(seeming) > fair + 0.02
    assert np.mean(honest) < np.mean(seeming) - 0.02
    assert np.mean(honest) < fair + 3 * np.std(honest) / np.sqrt(20)


def test_an_average_of_probabilities_by_hand():
    scores = [[[0.9, 0.1], [0.2, 0.8]], [[0.5, 0.5], [0.6, 0.4]]]
    assert average(scores, [3, 1]).tolist() == [
        [0.8, 0.2],
        [pytest.approx(0.3), pytest.approx(0.7)],
    ]


@pytest.mark.parametrize("table", [[], [[]], [0.5, 0.5], [[0.5, np.nan]]])
def test_what_cannot_be_chosen_from_is_refused(table):
    with pytest.raises(ValueError, match="needs probabilities"):
        choose_members(table)


def test_one_fold_leaves_nothing_to_choose_from():
    with pytest.raises(ValueError, match="two or more"):
        choose_without_each([[0.5, 0.6]], [0, 0])
