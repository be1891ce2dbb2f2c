from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, ttest_1samp

from harness.statistics.corrections import holm, holm_confidences
from harness.statistics.curves import learning_curve
from harness.statistics.dependence import judge_dependence
from harness.statistics.gains import gains, gains_overall, judge
from harness.statistics.intervals import wilson
from harness.statistics.paired import compare_pair
from harness.statistics.power import fewest_to_tell

CLASSIFIERS = ("forest", "line", "patches")


def at_most_five_percent(alarms: int, trials: int) -> bool:
    """True unless a rate of 5% would give so many alarms less than once in a thousand times."""
    return alarms <= binom.ppf(0.999, trials, 0.05)


def cells(
    accuracies: dict[str, tuple[float, ...]], n: int = 1500, seed: int = 0
) -> dict[tuple[str, str], NDArray[np.bool_]]:
    """Clips have a difficulty that all cells share, so that cells mostly agree.

    Accuracies are those given from 0.2 to 0.8, where the sum of both draws is uniform.
    """
    rng = np.random.default_rng(seed)
    difficulty = rng.random(n)
    return {
        (name, classifier): 0.8 * difficulty + 0.2 * rng.random(n) < accuracy
        for name, row in accuracies.items()
        for classifier, accuracy in zip(CLASSIFIERS, row, strict=False)
    }


PLAIN = (0.7, 0.6, 0.65)


def test_gains_are_judged_within_each_classifier() -> None:
    right = cells({"plain": PLAIN, "better": (0.8, 0.7, 0.75), "worse": (0.5, 0.4, 0.45),
                   "same": PLAIN})  # fmt: skip
    found = gains(right, "plain")
    assert [(gain.representation, gain.classifier) for gain in found] == [
        (name, classifier) for name in ("better", "worse", "same") for classifier in CLASSIFIERS
    ]
    verdicts = [gain.verdict for gain in found]
    assert verdicts == ["better"] * 3 + ["worse"] * 3 + ["no clear difference"] * 3
    one = compare_pair(right["better", "line"], right["plain", "line"])
    assert found[1].comparison == one
    expected = holm([gain.comparison.p for gain in found])
    np.testing.assert_allclose([gain.adjusted for gain in found], expected)


def test_intervals_and_verdicts_never_contradict_each_other() -> None:
    """Over many small tables, with groups and without: zero is outside where a gain is told."""
    told = 0
    for seed in range(60):
        shift = 0.03 * (seed % 5)
        right = cells({"plain": PLAIN, "mel": tuple(a + shift for a in PLAIN), "same": PLAIN}, 240,
                      seed)  # fmt: skip
        groups = [f"tape {clip % 12}" for clip in range(240)] if seed % 2 else None
        for gain in (*gains(right, "plain", groups), *gains_overall(right, "plain", groups)):
            outside = gain.low > 0 or gain.high < 0
            assert outside == (gain.verdict != "no clear difference")
            assert outside <= (gain.adjusted < 0.05)
            told += outside
    assert told > 20


def test_corrected_intervals_are_wider_and_one_alone_is_not() -> None:
    right = cells({"plain": PLAIN, "better": (0.8, 0.7, 0.75), "same": PLAIN})
    for gain in gains(right, "plain"):
        assert gain.low <= gain.comparison.low
        assert gain.high >= gain.comparison.high
    alone = {key: right[key] for key in (("plain", "line"), ("better", "line"))}
    (gain,) = gains(alone, "plain")
    assert (gain.low, gain.high) == pytest.approx((gain.comparison.low, gain.comparison.high))


def test_the_levels_of_holm_fit_its_p_values() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        p = rng.random(rng.integers(1, 12)) ** 4
        levels = 1 - holm_confidences(p)
        assert ((p < levels) == (holm(p) < 0.05)).all()
        assert ((levels >= 0.05 / len(p) - 1e-12) & (levels <= 0.05 + 1e-12)).all()
    assert holm_confidences([0.0, 0.0])[0] == pytest.approx(0.975)


def test_from_how_many_clips_on_a_difference_can_show() -> None:
    assert fewest_to_tell() == 6
    assert fewest_to_tell(190) == 13
    for comparisons in (1, 3, 20, 190):
        fewest = fewest_to_tell(comparisons)
        assert comparisons * 2 / 2**fewest < 0.05 <= comparisons * 2 / 2 ** (fewest - 1)


def test_missing_cells_are_left_out() -> None:
    right = cells({"plain": PLAIN, "mel": PLAIN, "lone": PLAIN})
    del right["plain", "line"], right["mel", "patches"]
    for classifier in ("forest", "patches"):
        del right["lone", classifier]
    found = [(gain.representation, gain.classifier) for gain in gains(right, "plain")]
    assert found == [("mel", "forest")]
    overall = gains_overall(right, "plain")
    assert [(each.representation, each.classifiers) for each in overall] == [("mel", ("forest",))]
    assert overall[0].dependence_p is overall[0].depends is None
    assert gains({}, "plain") == gains_overall({}, "plain") == ()


@pytest.mark.parametrize(
    ("low", "high", "adjusted", "verdict"),
    [
        (0.01, 0.03, 0.01, "better"),
        (-0.03, -0.01, 0.01, "worse"),
        (0.01, 0.03, 0.2, "no clear difference"),
        (-0.001, 0.03, 0.04, "no clear difference"),
    ],
)
def test_interval_and_test_must_agree(
    low: float, high: float, adjusted: float, verdict: str
) -> None:
    assert judge(low, high, adjusted) == verdict


def test_the_mean_gain_agrees_with_scipy() -> None:
    right = cells({"plain": PLAIN, "mel": (0.73, 0.62, 0.7)})
    (found,) = gains_overall(right, "plain")
    table = [right["mel", name] * 1.0 - right["plain", name] for name in CLASSIFIERS]
    expected = ttest_1samp(np.mean(table, axis=0), 0)
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert (found.difference, found.verdict) == (pytest.approx(np.mean(table)), "better")


def test_a_gain_that_depends_on_the_classifier_is_seen() -> None:
    right = cells({"plain": PLAIN, "mixed": (0.6, 0.7, 0.65), "even": (0.75, 0.65, 0.7)})
    mixed, even = gains_overall(right, "plain")
    assert (mixed.depends, even.depends) == (True, False)
    assert mixed.verdict == "no clear difference"
    assert even.verdict == "better"


def test_dependence_agrees_with_statsmodels() -> None:
    """Hotelling's T² of statsmodels, on the same contrasts."""
    from statsmodels.stats.multivariate import test_mvmean as hotelling_of_statsmodels

    table = np.random.default_rng(1).choice([-1.0, 0.0, 1.0], p=[0.1, 0.75, 0.15], size=(4, 300))
    table[2] += np.random.default_rng(2).random(300) < 0.05
    expected = hotelling_of_statsmodels((table[1:] - table[0]).T).pvalue
    assert judge_dependence(table) == pytest.approx(expected)
    assert judge_dependence(table[::-1]) == pytest.approx(expected)


def test_dependence_of_groups_agrees_with_counting_all_signs() -> None:
    """With eight groups and two classifiers, all 256 changes of sign can be listed."""
    rng = np.random.default_rng(3)
    numbers = np.arange(160) // 20
    table = rng.choice([-1.0, 0.0, 1.0], size=(2, 160), p=[0.1, 0.7, 0.2])
    table[1] += 0.2
    sums = np.bincount(numbers, weights=table[1] - table[0])
    signs = np.array([[1 if bits >> i & 1 else -1 for i in range(8)] for bits in range(256)])
    expected = (np.abs(signs @ sums) >= abs(sums.sum()) - 1e-9).mean()
    assert judge_dependence(table, numbers) == pytest.approx(expected, abs=0.03)


def test_six_groups_that_lean_one_way_are_no_more_than_two_in_64() -> None:
    table = np.zeros((2, 60))
    table[1] = 0.5 + 0.01 * (np.arange(60) // 10)
    assert judge_dependence(table, np.arange(60) // 10) == pytest.approx(2 / 64, abs=0.012)


def test_dependence_that_cannot_be_tested() -> None:
    assert judge_dependence(np.ones((1, 50))) is None
    assert judge_dependence(np.ones((3, 50))) == 1.0
    assert judge_dependence(np.eye(3), np.arange(3)) is not None
    assert judge_dependence(np.eye(4)[:, :2]) is None


@pytest.mark.parametrize("n", [200, 1600])
def test_dependence_keeps_its_promise_on_clips(n: int) -> None:
    rng = np.random.default_rng(n)
    alarms, trials = 0, 1000
    for _ in range(trials):
        table = rng.choice([-1.0, 0.0, 1.0], p=[0.03, 0.92, 0.05], size=(4, n))
        alarms += int((judge_dependence(table) or 0.0) < 0.05)
    assert at_most_five_percent(alarms, trials)
    assert alarms > 0


@pytest.mark.parametrize("count", [8, 20])
def test_dependence_keeps_its_promise_on_uneven_groups(count: int) -> None:
    rng = np.random.default_rng(count)
    alarms, trials = 0, 200
    for _ in range(trials):
        numbers = np.repeat(np.arange(count), rng.integers(10, 80, count))
        leaning = rng.normal(0.2, 0.05, (3, count))[:, numbers]
        table = (rng.random(leaning.shape) < leaning).astype(float)
        p = judge_dependence(table, numbers)
        alarms += int(p is not None and p < 0.05)
    assert at_most_five_percent(alarms, trials)
    assert alarms > 0


def test_gains_raise_no_more_alarms_than_promised() -> None:
    alarms, trials = 0, 200
    for seed in range(trials):
        right = cells({"plain": PLAIN, "mel": PLAIN, "cropped": PLAIN}, n=400, seed=seed)
        alarms += int(any(gain.verdict != "no clear difference" for gain in gains(right, "plain")))
    assert at_most_five_percent(alarms, trials)


def test_gains_by_group_speak_of_groups() -> None:
    right = cells({"plain": PLAIN, "mel": (0.8, 0.7, 0.75)}, n=600)
    groups = [f"tape {i % 12}" for i in range(600)]
    found = gains(right, "plain", groups)
    assert {gain.comparison.method for gain in found} == {"bootstrap over 12 groups"}
    (overall,) = gains_overall(right, "plain", groups)
    assert overall.verdict == "better"
    assert overall.low < overall.difference < overall.high
    assert overall.depends is False


def test_the_curve_names_the_smallest_size_that_is_enough() -> None:
    rng = np.random.default_rng(2)
    difficulty = rng.random(1600)
    sizes = [2800, 250, 500, 1000, 2000]
    accuracies = [0.9, 0.7, 0.8, 0.9, 0.9]
    right = [0.9 * difficulty + 0.1 * rng.random(1600) < accuracy for accuracy in accuracies]
    found = learning_curve(sizes, right)
    assert [point.size for point in found.points] == sorted(sizes)
    assert [point.told_apart for point in found.points] == [True, True, False, False, False]
    assert found.enough == 1000
    first, full = found.points[0], found.points[-1]
    assert (first.low, first.high) == wilson(int(right[1].sum()), 1600)
    assert first.difference == pytest.approx(right[1].mean() - right[0].mean())
    assert first.difference_low < first.difference < first.difference_high < 0
    assert (full.difference, full.difference_low, full.difference_high, full.adjusted) == (
        0,
        0,
        0,
        1,
    )


def test_a_lucky_small_size_between_bad_ones_is_not_enough() -> None:
    rng = np.random.default_rng(2)
    difficulty = rng.random(1600)
    right = [0.9 * difficulty + 0.1 * rng.random(1600) < level for level in (0.9, 0.7, 0.9)]
    assert learning_curve([100, 200, 300], right).enough == 300


def test_a_curve_of_one_point() -> None:
    assert learning_curve([100], np.ones((1, 20))).enough == 100


@pytest.mark.parametrize("sizes", [[], [100], [100, 100]])
def test_a_curve_needs_a_row_for_each_size(sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="different sizes"):
        learning_curve(sizes, np.ones((2, 20)))


def test_equal_sizes_raise_no_more_alarms_than_promised() -> None:
    rng = np.random.default_rng(13)
    alarms, trials = 0, 200
    for _ in range(trials):
        difficulty = rng.random(400)
        right = 0.7 * difficulty + 0.3 * rng.random((4, 400)) < 0.8
        alarms += int(learning_curve([1, 2, 3, 4], right).enough != 1)
    assert at_most_five_percent(alarms, trials)
