from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, wilcoxon

from harness.statistics.corrections import holm
from harness.statistics.ranks import find_cliques, rank_methods

DEMSAR_NAMES = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")
DEMSAR = np.array(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975],  # printed alike, ranked 2 and 3
        [0.957, 0.978, 0.946, 0.970],
    ]
)
"""Table 6 of Demsar (2006): areas under the curve on 14 datasets."""


def test_ranks_of_the_published_example() -> None:
    found = rank_methods(DEMSAR, DEMSAR_NAMES)
    assert found.names == ("C4.5+m+cf", "C4.5+m", "C4.5+cf", "C4.5")
    assert found.average_ranks == pytest.approx([1.964, 2.000, 2.893, 3.143], abs=5e-4)
    np.testing.assert_array_equal(found.ranks.sum(axis=1), 10)


def test_friedman_of_the_published_example() -> None:
    """Demsar finds 9.28 without the correction for ties that scipy applies on top."""
    found = rank_methods(DEMSAR, DEMSAR_NAMES)
    ties = sum(
        count**3 - count for row in found.ranks for count in np.unique(row, return_counts=True)[1]
    )
    assert found.friedman_statistic is not None
    assert found.friedman_statistic * (1 - ties / (14 * 4 * 15)) == pytest.approx(9.28, abs=0.01)
    assert found.friedman_p is not None
    assert found.friedman_p < 0.05


def test_friedman_and_bars_agree_with_aeon() -> None:
    """aeon's own functions behind its critical-difference diagram."""
    stats = pytest.importorskip("aeon.benchmarking.stats", reason="needs aeon (an extra)")
    found = rank_methods(DEMSAR, DEMSAR_NAMES)
    assert found.friedman_p == pytest.approx(stats.check_friedman(found.ranks))


@st.composite
def tables_of_differences(draw: st.DrawFn) -> list[list[bool]]:
    methods = draw(st.integers(2, 7))
    table = np.zeros((methods, methods), dtype=bool)
    for i, j in itertools.combinations(range(methods), 2):
        table[i, j] = table[j, i] = draw(st.booleans())
    rows: list[list[bool]] = table.tolist()
    return rows


@settings(deadline=None)
@given(tables_of_differences())
def test_bars_are_those_that_aeon_draws(different: list[list[bool]]) -> None:
    diagram = pytest.importorskip(
        "aeon.visualisation.results._critical_difference", reason="needs aeon (an extra)"
    )
    same = np.triu(~np.array(different)).astype(int)
    drawn = {tuple(np.flatnonzero(row).tolist()) for row in diagram._build_cliques(same)}
    assert set(find_cliques(different)) == drawn


def test_pairs_agree_with_scipy_and_are_corrected() -> None:
    found = rank_methods(DEMSAR, DEMSAR_NAMES)
    last, best = DEMSAR[:, 0], DEMSAR[:, 3]
    expected = wilcoxon(np.round(best - last, 6), zero_method="zsplit").pvalue
    assert found.p[0, 3] == found.p[3, 0] == pytest.approx(expected)
    upper = np.triu_indices(4, 1)
    np.testing.assert_allclose(found.adjusted[upper], holm(found.p[upper]))


def test_demsars_wilcoxon_example_is_significant() -> None:
    """Demsar, section 3.1.3: C4.5 against C4.5+m, T = 12, below the critical 21 for 14 datasets,
    with a large-sample z of -2.54."""
    from scipy.special import ndtr

    found = rank_methods(DEMSAR[:, :2], DEMSAR_NAMES[:2])
    assert found.p[0, 1] == pytest.approx(2 * ndtr(-2.54), abs=0.003)
    assert found.friedman_statistic is found.friedman_p is None
    assert found.cliques == ()
    assert found.letters == ("a", "b")


def test_methods_that_are_equal_share_one_bar() -> None:
    found = rank_methods(np.full((5, 3), 0.8), "abc")
    assert found.average_ranks.tolist() == [2, 2, 2]
    assert found.friedman_p == 1.0
    assert found.cliques == ((0, 1, 2),)
    assert found.letters == ("a", "a", "a")


def test_a_method_that_always_wins_stands_alone() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random((20, 3)) * 0.1 + np.array([0.5, 0.8, 0.5])
    found = rank_methods(scores, ("x", "winner", "y"))
    assert found.names[0] == "winner"
    assert found.cliques == ((1, 2),)
    assert found.letters == ("a", "b", "b")


def test_equal_methods_raise_no_more_alarms_than_promised() -> None:
    rng = np.random.default_rng(21)
    alarms, trials = 0, 200
    for _ in range(trials):
        found = rank_methods(rng.random((12, 1)) + rng.normal(0, 0.05, (12, 4)), "abcd")
        alarms += int(found.cliques != ((0, 1, 2, 3),))
    assert alarms <= binom.ppf(0.999, trials, 0.05)


@pytest.mark.parametrize("shape", [(1, 3), (3, 1), (4, 2)])
def test_too_little_to_rank_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least two methods on at least two datasets"):
        rank_methods(np.ones(shape), "abc")


def test_a_missing_score_is_refused() -> None:
    with pytest.raises(ValueError, match="some are missing"):
        rank_methods([[0.5, np.nan], [0.5, 0.6]], "ab")


def test_friedman_has_the_first_word_as_in_aeon() -> None:
    """Here one pair alone would be significant, but not all methods together."""
    scores = np.random.default_rng(3).normal(0, 1, (12, 3)).round(2) + np.array([0.8, 0, 0])
    found = rank_methods(scores, "abc")
    assert found.friedman_p is not None
    assert found.friedman_p >= 0.05 > found.adjusted.min()
    assert found.cliques == ((0, 1, 2),)
    assert found.letters == ("a", "a", "a")
