from __future__ import annotations

import itertools
from math import ceil, comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_of_statsmodels
from statsmodels.stats.multitest import multipletests

from harness.statistics.corrections import holm
from harness.statistics.letters import letter_rows
from harness.statistics.mcnemar import FEW_DISAGREEMENTS, difference_interval, mcnemar
from harness.statistics.paired import compare_pair
from harness.statistics.power import (
    detectable_from_error,
    mcnemar_power,
    smallest_detectable_difference,
)
from harness.statistics.ties import compare_all


def at_most_five_percent(alarms: int, trials: int) -> bool:
    """True unless a rate of 5% would give so many alarms less than once in a thousand times."""
    return alarms <= binom.ppf(0.999, trials, 0.05)


def pair(both: int, first: int, second: int, neither: int) -> NDArray[np.bool_]:
    one = [True] * (both + first) + [False] * (second + neither)
    other = [True] * both + [False] * first + [True] * second + [False] * neither
    return np.array([one, other])


@pytest.mark.parametrize(("first", "second", "p"), [(1, 7, 0.0703), (6, 16, 0.0525)])
def test_exact_p_of_published_examples(first: int, second: int, p: float) -> None:
    """Both tables of Fagerland et al. (2013), BMC Medical Research Methodology 13:91."""
    assert float(mcnemar(first, second)) == pytest.approx(p, abs=5e-5)


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 40))
def test_p_agrees_with_statsmodels(first: int, second: int) -> None:
    exact = mcnemar_of_statsmodels([[3, first], [second, 4]], exact=True).pvalue
    total = first + second
    if total >= FEW_DISAGREEMENTS:  # mid-p takes half the weight of the two observed tails
        exact -= comb(total, first) / 2**total
        if first == second:
            exact = 1.0
    assert float(mcnemar(first, second)) == pytest.approx(exact, abs=1e-12)
    assert float(mcnemar(first, second)) == float(mcnemar(second, first))


def test_p_of_very_many_disagreements_is_that_of_the_large_sample_test() -> None:
    found = mcnemar_of_statsmodels([[0, 5200], [5000, 0]], exact=False, correction=False)
    assert float(mcnemar(5200, 5000)) == pytest.approx(found.pvalue, rel=0.01)


def test_interval_of_a_published_example() -> None:
    """The table of Cavo et al. (2012) in Fagerland, Lydersen and Laake (2017), "Statistical
    Analysis of Contingency Tables", chapter 8; the interval is the one that their R package
    contingencytables prints for Wald's with the adjustment of Bonett and Price."""
    low, high = difference_interval(6, 16, 161)
    assert (float(low), float(high)) == pytest.approx((-0.1195, -0.0032), abs=5e-5)


def test_interval_covers_the_true_difference() -> None:
    rng = np.random.default_rng(11)
    counts = rng.multinomial(300, [0.08, 0.05, 0.87], size=4000)
    low, high = difference_interval(counts[:, 0], counts[:, 1], 300)
    misses = int(((low > 0.03) | (high < 0.03)).sum())
    assert at_most_five_percent(misses, 4000)


@pytest.mark.parametrize(("n", "share"), [(100, 0.1), (500, 0.1), (2000, 0.2)])
def test_mcnemar_keeps_its_promise(n: int, share: float) -> None:
    rng = np.random.default_rng(n)
    counts = rng.multinomial(n, [share / 2, share / 2, 1 - share], size=4000)
    alarms = int((mcnemar(counts[:, 0], counts[:, 1]) < 0.05).sum())
    assert at_most_five_percent(alarms, 4000)
    assert alarms > 0


@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_holm_agrees_with_statsmodels(count: int) -> None:
    p_values = np.round(np.random.default_rng(count).random(count) ** 3, 2)
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1])


def test_holm_of_nothing_is_nothing() -> None:
    assert len(holm([])) == 0


def test_a_pair_is_described() -> None:
    table = pair(50, 12, 4, 34)
    found = compare_pair(table[0], table[1])
    assert (found.both, found.only_first, found.only_second, found.neither) == (50, 12, 4, 34)
    assert (found.n, found.method) == (100, "McNemar, exact")
    assert found.difference == pytest.approx(0.08)
    assert found.p == float(mcnemar(12, 4))
    assert found.about == "new clips like these"
    turned = compare_pair(table[1], table[0])
    assert (turned.difference, turned.low, turned.high) == pytest.approx(
        (-found.difference, -found.high, -found.low)
    )
    assert compare_pair(*pair(50, 40, 30, 10)).method == "McNemar, mid-p"


def test_equal_cells_cannot_be_told_apart() -> None:
    row = np.arange(40) % 3 > 0
    found = compare_all([row, row, row])
    assert found.letters == ("a", "a", "a")
    assert found.tied_with_best.all()
    assert (found.p == 1).all()
    assert found.detectable is None


def test_all_pairs_are_tested_and_lettered() -> None:
    rng = np.random.default_rng(4)
    right = rng.random((4, 800)) < np.array([0.7, 0.9, 0.9, 0.5])[:, None]
    found = compare_all(right)
    assert found.letters == ("b", "a", "a", "c")
    assert right.mean(axis=1).argmax() == found.best
    assert found.tied_with_best.tolist() == [False, True, True, False]
    one = compare_pair(right[0], right[3])
    assert (found.p[0, 3], found.low[0, 3], found.difference[0, 3]) == pytest.approx(
        (one.p, one.low, one.difference)
    )
    upper = np.triu_indices(4, 1)
    np.testing.assert_allclose(found.adjusted[upper], holm(found.p[upper]))
    np.testing.assert_array_equal(found.adjusted, found.adjusted.T)
    others = [i for i in range(4) if i != found.best]
    shares = [(right[found.best] != right[i]).mean() for i in others]
    expected = smallest_detectable_difference(800, float(np.median(shares)))
    assert found.detectable == pytest.approx(expected)


def test_a_single_cell_is_best_and_has_its_letter() -> None:
    found = compare_all(np.ones((1, 5), dtype=bool))
    assert (found.letters, found.best, found.detectable) == (("a",), 0, None)


def test_a_table_of_equal_cells_raises_no_more_alarms_than_promised() -> None:
    rng = np.random.default_rng(9)
    difficulty = rng.random(400) ** 0.3
    trials = 300
    alarms = sum(bool(compare_all(rng.random((5, 400)) < difficulty).different.any())
                 for _ in range(trials))  # fmt: skip
    assert at_most_five_percent(alarms, trials)


@pytest.mark.parametrize("shape", [(3,), (0, 4), (2, 0)])
def test_a_table_of_the_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="needs right or wrong"):
        compare_all(np.ones(shape, dtype=bool))


def test_letters_of_the_published_example() -> None:
    """The first example of multcompLetters in the R package multcompView: only B and C differ."""
    different = np.zeros((3, 3), dtype=bool)
    different[1, 2] = different[2, 1] = True
    assert letter_rows(different) == ("ab", "a", "b")


@st.composite
def tables_of_differences(draw: st.DrawFn) -> NDArray[np.bool_]:
    rows = draw(st.integers(1, 7))
    bits = draw(st.lists(st.booleans(), min_size=rows * rows, max_size=rows * rows))
    upper = np.triu(np.array(bits).reshape(rows, rows), 1)
    return upper | upper.T


@settings(deadline=None)
@given(tables_of_differences())
def test_letters_are_shared_by_ties_only_and_no_letter_is_spare(
    different: NDArray[np.bool_],
) -> None:
    letters = letter_rows(different)
    for i, j in itertools.combinations(range(len(different)), 2):
        assert bool(set(letters[i]) & set(letters[j])) != bool(different[i, j])
    used = sorted(set("".join(letters)))
    found = {frozenset(i for i, row in enumerate(letters) if letter in row) for letter in used}
    assert found == largest_ties(different)
    assert len(found) == len(used)
    assert used == [chr(ord("a") + i) for i in range(len(used))]


def largest_ties(different: NDArray[np.bool_]) -> set[frozenset[int]]:
    """All sets of rows that are mutual ties and lie in no larger such set, by trying all."""
    rows = range(len(different))
    ties = [
        frozenset(some)
        for size in range(1, len(different) + 1)
        for some in itertools.combinations(rows, size)
        if not different[np.ix_(some, some)].any()
    ]
    return {tie for tie in ties if not any(tie < other for other in ties)}


def test_the_best_row_gets_the_first_letter() -> None:
    different = ~np.eye(3, dtype=bool)
    assert letter_rows(different, [2, 0, 1]) == ("b", "c", "a")


def test_more_than_52_letters_stay_distinct() -> None:
    letters = letter_rows(~np.eye(60, dtype=bool))
    assert len(set(letters)) == 60
    assert (letters[0], letters[51], letters[52]) == ("a", "Z", "a1")


def test_letters_refuse_a_lopsided_table() -> None:
    with pytest.raises(ValueError, match="symmetric"):
        letter_rows([[False, True], [False, False]])


def test_power_of_the_published_example() -> None:
    """powerandsamplesize.com, "McNemar's Z-test, 2-Sided Equality", after Connor (1987):
    p01 = 0.45, p10 = 0.05 needs 23 pairs for a power of 0.8."""
    sizes = [n for n in range(10, 40) if mcnemar_power(n, 0.5, 0.4) >= 0.8]
    assert min(sizes) == 23
    assert ceil(23 * (smallest_detectable_difference(23, 0.5) / 0.4) ** 2) in (22, 23)
    assert smallest_detectable_difference(23, 0.5) < 0.4 < smallest_detectable_difference(22, 0.5)


@pytest.mark.parametrize(("n", "share"), [(1600, 0.1), (2000, 0.05), (400, 0.3)])
def test_a_difference_of_the_detectable_size_is_found_in_four_cases_of_five(
    n: int, share: float
) -> None:
    size = smallest_detectable_difference(n, share)
    assert mcnemar_power(n, share, size) == pytest.approx(0.8, abs=1e-6)
    chances = [(share + size) / 2, (share - size) / 2, 1 - share]
    counts = np.random.default_rng(3).multinomial(n, chances, size=4000)
    found = (mcnemar(counts[:, 0], counts[:, 1]) < 0.05).mean()
    assert found == pytest.approx(0.8, abs=0.03)


def test_a_difference_cannot_exceed_the_disagreement() -> None:
    size = smallest_detectable_difference(1000, 0.0)
    assert size == smallest_detectable_difference(1000, 0.001) > 0.001
    assert mcnemar_power(1000, size, size) == pytest.approx(0.8, abs=1e-6)
    assert smallest_detectable_difference(2, 0.5) == 1.0


@pytest.mark.parametrize(("n", "share"), [(0, 0.1), (10, 1.2)])
def test_the_detectable_difference_refuses_nonsense(n: int, share: float) -> None:
    with pytest.raises(ValueError, match="share of disagreements"):
        smallest_detectable_difference(n, share)


def test_detectable_difference_of_groups_holds_by_simulation() -> None:
    from scipy.stats import ttest_1samp

    size = detectable_from_error(1 / np.sqrt(12), 12)
    drawn = np.random.default_rng(6).normal(size, 1.0, (4000, 12))
    assert (ttest_1samp(drawn, 0, axis=1).pvalue < 0.05).mean() == pytest.approx(0.8, abs=0.03)
