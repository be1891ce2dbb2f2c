from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom, ttest_1samp
from statsmodels.stats.proportion import proportion_confint

from harness.statistics import groups
from harness.statistics.groups import (
    MINIMUM_GROUPS,
    draw_means,
    explain_groups,
    judge_estimates,
    number_groups,
    standard_errors,
)
from harness.statistics.intervals import accuracy_interval, spread_of_repetitions, wilson
from harness.statistics.paired import compare_pair
from harness.statistics.ties import compare_all


def at_most_five_percent(alarms: int, trials: int) -> bool:
    """True unless a rate of 5% would give so many alarms less than once in a thousand times."""
    return alarms <= binom.ppf(0.999, trials, 0.05)


def uneven_groups(rng: np.random.Generator, count: int) -> NDArray[np.intp]:
    return np.repeat(np.arange(count), rng.integers(10, 80, count))


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(1, 50))
def test_wilson_agrees_with_statsmodels(successes: int, n: int) -> None:
    successes = min(successes, n)
    expected = proportion_confint(successes, n, method="wilson")
    assert wilson(successes, n) == pytest.approx(expected, abs=1e-12)


def test_wilson_of_a_published_example() -> None:
    """Newcombe (1998), "Two-sided confidence intervals for the single proportion", Statistics
    in Medicine 17, table I: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def test_groups_are_drawn_only_where_there_are_enough() -> None:
    few = [str(i % (MINIMUM_GROUPS - 1)) for i in range(40)]
    enough = [str(i % MINIMUM_GROUPS) for i in range(40)]
    assert number_groups(None) is None
    assert number_groups([None] * 40) is None
    assert number_groups(few) is None
    numbers = number_groups(enough)
    assert numbers is not None
    assert numbers.tolist() == [int(group) for group in enough]
    assert explain_groups([None] * 3) == explain_groups(None) == "new clips like these"
    assert explain_groups(["a", "a"]) == "new clips of the same 1 group, too few to draw from"
    assert explain_groups(few) == "new clips of the same 5 groups, too few to draw from"
    assert explain_groups(enough) == "new groups"


def test_a_clip_without_group_is_a_group_of_its_own() -> None:
    numbers = number_groups(["a", "a", None, None, "2", "b", "c"])
    assert numbers is not None
    assert len(set(numbers.tolist())) == 6
    assert numbers[0] == numbers[1]


def test_draws_are_the_same_for_all_cells_and_for_the_same_seed() -> None:
    rng = np.random.default_rng(0)
    right = rng.random(200) < 0.8
    numbers = np.arange(200) // 20
    means = draw_means([right, right, ~right], numbers, draws=50, seed=3)
    np.testing.assert_array_equal(means[:, 0], means[:, 1])
    np.testing.assert_allclose(means[:, 0] + means[:, 2], 1)
    np.testing.assert_array_equal(
        means, draw_means([right, right, ~right], numbers, draws=50, seed=3)
    )
    assert (means != draw_means([right, right, ~right], numbers, draws=50, seed=4)).any()


def test_draws_do_not_depend_on_how_many_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    right, numbers = rng.random((3, 200)) < 0.8, np.arange(200) // 20
    together = draw_means(right, numbers, draws=50)
    monkeypatch.setattr(groups, "_TABLE_CELLS", 70)  # seven draws of ten groups
    np.testing.assert_array_equal(draw_means(right, numbers, draws=50), together)


@pytest.mark.parametrize("count", [8, 40])
def test_standard_error_agrees_with_cluster_robust_regression(count: int) -> None:
    """statsmodels' ordinary least squares on a constant, covariance clustered by group."""
    from statsmodels.api import OLS

    rng = np.random.default_rng(count)
    numbers = uneven_groups(rng, count)
    bias = rng.normal(0, 0.1, (2, count))[:, numbers]
    right = rng.random(bias.shape) < 0.8 + bias
    fitted = OLS(right[0] * 1.0 - right[1], np.ones(len(numbers))).fit(
        cov_type="cluster", cov_kwds={"groups": numbers}
    )
    found = standard_errors(draw_means(right, numbers, draws=4000), count)[0, 1]
    assert found == pytest.approx(fitted.bse[0], rel=0.1)


def test_without_groups_the_interval_is_wilsons() -> None:
    right = np.arange(100) < 83
    found = accuracy_interval(right)
    assert (found.low, found.high) == wilson(83, 100)
    assert (found.estimate, found.method) == (0.83, "Wilson")
    assert accuracy_interval(right, ["one"] * 100).method == "Wilson"


def test_groups_that_differ_widen_the_interval() -> None:
    right = np.repeat([1, 1, 1, 1, 0, 1, 1, 0, 1, 1], 30)
    groups = [str(i // 30) for i in range(300)]
    found, plain = accuracy_interval(right, groups), accuracy_interval(right)
    assert found.low < plain.low < plain.high < found.high <= 1
    assert (found.method, found.about) == ("bootstrap over 10 groups", "new groups")


def test_groups_that_are_all_perfect_still_leave_doubt() -> None:
    found = accuracy_interval(np.ones(60), [str(i // 10) for i in range(60)])
    assert (found.low, found.high) == wilson(6, 6)


def test_an_interval_needs_clips() -> None:
    with pytest.raises(ValueError, match="row of clips"):
        accuracy_interval([])


@pytest.mark.parametrize("count", [6, 10, 30])
def test_a_bootstrap_over_groups_keeps_its_promise(count: int) -> None:
    """Each group has its own difficulty and its own leaning to one cell, none on average."""
    rng = np.random.default_rng(count)
    alarms, trials = 0, 400
    for _ in range(trials):
        numbers = uneven_groups(rng, count)
        logits = rng.normal(1.5, 0.7, count) + rng.normal(0, 0.5, (2, count))
        right = rng.random((2, len(numbers))) < 1 / (1 + np.exp(-logits[:, numbers]))
        errors = standard_errors(draw_means(right, numbers, draws=300), count)
        difference = right[0].mean() - right[1].mean()
        alarms += int(judge_estimates(difference, errors[0, 1], count)[2] < 0.05)
    assert at_most_five_percent(alarms, trials)
    assert alarms > 0


def test_mcnemar_would_break_its_promise_on_those_groups() -> None:
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(200):
        numbers = uneven_groups(rng, 10)
        logits = rng.normal(1.5, 0.7, 10) + rng.normal(0, 0.8, (2, 10))
        right = rng.random((2, len(numbers))) < 1 / (1 + np.exp(-logits[:, numbers]))
        alarms += int(compare_pair(right[0], right[1]).p < 0.05)
    assert not at_most_five_percent(alarms, 200)


def test_cells_with_groups_are_compared_by_group() -> None:
    rng = np.random.default_rng(5)
    right = rng.random((3, 240)) < np.array([0.9, 0.6, 0.6])[:, None]
    groups = [f"tape {i // 24}" for i in range(240)]
    found = compare_all(right, groups)
    assert found.method == "bootstrap over 10 groups"
    assert found.about == "new groups"
    assert found.letters[0] == "a"
    assert found.letters[1] == found.letters[2] == "b"
    pair = compare_pair(right[0], right[1], groups)
    assert pair.p == pytest.approx(found.p[0, 1])
    assert pair.low < pair.difference < pair.high
    assert found.detectable is not None
    assert 0 < found.detectable < 0.3


def test_groups_that_all_lean_one_way_alike_are_judged_by_their_number() -> None:
    low, high, p = judge_estimates(0.1, 0.0, 8)
    assert (float(low), float(high), float(p)) == (0.1, 0.1, 2**-7)
    assert float(judge_estimates(0.0, 0.0, 8)[2]) == 1.0


def test_the_corrected_resampled_t_of_a_published_example() -> None:
    """scikit-learn's example "Statistical comparison of models using grid search" prints
    a corrected one-sided p-value of 0.227 for 10 times 10-fold cross-validation."""
    from sklearn.datasets import make_moons
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
    from sklearn.svm import SVC

    clips, labels = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    curved, straight = (
        cross_val_score(SVC(kernel=kernel), clips, labels, scoring="roc_auc", cv=folds)
        for kernel in ("rbf", "linear")
    )
    found = spread_of_repetitions(curved - straight, holdout_to_train=1 / 9)
    assert found.p is not None
    assert found.p / 2 == pytest.approx(0.227, abs=5e-4)


def test_seeds_give_the_ordinary_t_interval() -> None:
    values = [0.85, 0.87, 0.86, 0.9, 0.84]
    found, expected = spread_of_repetitions(values), ttest_1samp(values, 0)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.smallest, found.largest, found.mean) == (0.84, 0.9, pytest.approx(0.864))
    assert found.values == tuple(values)


def test_one_split_shows_no_spread() -> None:
    found = spread_of_repetitions([0.8])
    assert (found.mean, found.smallest, found.largest) == (0.8, 0.8, 0.8)
    assert found.deviation is found.low is found.high is found.p is None


def test_splits_that_agree_exactly() -> None:
    assert spread_of_repetitions([0.0, 0.0]).p == 1.0
    assert spread_of_repetitions([0.1, 0.1]).p == 0.0


@pytest.mark.parametrize("values", [[], [0.5, np.nan], [[0.5]]])
def test_spread_refuses_missing_figures(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        spread_of_repetitions(values)


def test_overlapping_splits_keep_their_promise_only_when_corrected() -> None:
    """30 blocks of recordings, none better for either cell on average; five splits hold out a
    third of them at random, so the splits share blocks."""
    rng = np.random.default_rng(7)
    corrected, plain, trials = 0, 0, 600
    for _ in range(trials):
        blocks = rng.normal(0, 0.05, 30)
        values = [blocks[rng.permutation(30)[:10]].mean() for _ in range(5)]
        one = spread_of_repetitions(values, holdout_to_train=10 / 20)
        other = spread_of_repetitions(values)
        corrected += int(one.p is not None and one.p < 0.05)
        plain += int(other.p is not None and other.p < 0.05)
    assert at_most_five_percent(corrected, trials)
    assert not at_most_five_percent(plain, trials)


def test_interval_and_p_value_of_groups_agree() -> None:
    """2.571 is the 97.5% point of Student's t with 5 degrees of freedom in any table."""
    low, _, p = judge_estimates(2.571, 1.0, 6)
    assert float(low) == pytest.approx(0, abs=1e-3)
    assert float(p) == pytest.approx(0.05, abs=1e-4)


def test_standard_error_of_groups_of_one_size_is_that_of_their_means() -> None:
    values = np.repeat([0.2, 0.9, 0.4, 0.8, 0.5, 0.1], 10)
    means = draw_means([values, np.zeros(60)], np.arange(60) // 10, draws=20_000)
    expected = np.std(values[::10], ddof=1) / np.sqrt(6)
    assert standard_errors(means, 6)[0, 1] == pytest.approx(expected, rel=0.03)


def test_an_interval_of_shares_does_not_leave_them():
    shares = [1.0, 0.98, 0.9]
    free = spread_of_repetitions(shares, holdout_to_train=0.4)
    kept = spread_of_repetitions(shares, holdout_to_train=0.4, within=(0.0, 1.0))
    assert free.high > 1
    assert (kept.low, kept.high, kept.mean) == (free.low, 1.0, free.mean)
