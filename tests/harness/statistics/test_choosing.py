"""What a choice is worth: known answers, and agreement with scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from harness.statistics.choosing import (
    AreaFigures,
    BalancedFigures,
    MeanFigures,
    correct_choice,
    weighted_area,
)

CELLS, CLIPS, TRUE = 30, 120, 0.7


def test_of_many_equal_cells_the_corrected_figure_is_unbiased():
    """Thirty cells that are all right in 70% of cases: the best looks like 79%, and is 70%."""
    rng = np.random.default_rng(1)
    flattered, corrected = [], []
    for _ in range(150):
        table = rng.random((CELLS, CLIPS)) < TRUE
        flattered.append(table.mean(axis=1).max())
        corrected.append(correct_choice(table, draws=150).estimate)
    error = np.std(corrected) / np.sqrt(len(corrected))
    assert np.mean(flattered) > TRUE + 0.06
    assert abs(np.mean(corrected) - TRUE) < 4 * error < 0.01


def test_a_cell_that_is_clearly_best_keeps_its_figure():
    rng = np.random.default_rng(2)
    table = np.vstack([rng.random(400) < 0.95, rng.random((5, 400)) < 0.5])
    found = correct_choice(table)
    assert found.estimate == pytest.approx(table[0].mean(), abs=0.005)
    assert found.low < found.estimate < found.high


def test_groups_are_drawn_whole():
    """Each cell is right in whole groups: left-out groups tell nothing of those that chose."""
    rng = np.random.default_rng(3)
    groups = [f"tape {number}" for number in range(20) for _ in range(10)]
    estimates = {True: [], False: []}
    for _ in range(40):
        table = np.repeat(rng.random((20, 20)) < 0.5, 10, axis=1)
        for whole in (True, False):
            found = correct_choice(table, groups=groups if whole else None, draws=100)
            estimates[whole].append(found.estimate)
    assert np.mean(estimates[True]) == pytest.approx(0.5, abs=0.05)
    assert np.mean(estimates[False]) > 0.6  # clips of one group on both sides leak


def test_a_single_cell_keeps_its_accuracy_however_unequal_the_groups_are():
    sizes = [5, 10, 20, 40, 80, 160, 5, 10]
    groups = [f"tape {number}" for number, size in enumerate(sizes) for _ in range(size)]
    right = np.concatenate([np.full(size, size > 20) for size in sizes])
    found = correct_choice(right[None], groups=groups, draws=4000)
    assert found.estimate == pytest.approx(right.mean(), abs=0.01)


def test_it_is_the_same_every_time():
    table = np.random.default_rng(4).random((5, 50)) < 0.6
    assert correct_choice(table) == correct_choice(table)
    assert correct_choice(table, seed=1) != correct_choice(table)


@pytest.mark.parametrize("shape", [(0, 5), (3, 1), (5,)])
def test_nothing_to_choose_from_is_refused(shape):
    with pytest.raises(ValueError, match="needs right or wrong"):
        correct_choice(np.ones(shape))


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_the_weighted_area_is_that_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 5, 30) / 4  # with ties
    positive = rng.random(30) < 0.4
    weights = rng.integers(0, 4, (3, 30)).astype(float)
    for weight, area in zip(weights, weighted_area(scores, positive, weights), strict=True):
        if len(set(positive[weight > 0])) == 2:
            assert area == pytest.approx(roc_auc_score(positive, scores, sample_weight=weight))
        else:
            assert np.isnan(area)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_the_figures_are_those_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    truth = np.r_[0, 1, 2, rng.integers(0, 3, 27)]
    scores = rng.random((2, 30, 3))
    said = scores.argmax(axis=2)
    weights = rng.integers(1, 4, (2, 30)).astype(float)
    correct = (said == truth).astype(float)
    balanced, mean, area = (
        figures(weights)
        for figures in (
            BalancedFigures(correct, truth), MeanFigures(correct), AreaFigures(scores, truth),
        )
    )  # fmt: skip
    for draw, weight in enumerate(weights):
        for cell in range(2):
            assert balanced[draw, cell] == pytest.approx(
                balanced_accuracy_score(truth, said[cell], sample_weight=weight)
            )
            assert mean[draw, cell] == pytest.approx(np.average(correct[cell], weights=weight))
            areas = [
                roc_auc_score(truth == each, scores[cell, :, each], sample_weight=weight)
                for each in range(3)
            ]
            assert area[draw, cell] == pytest.approx(np.mean(areas))
