"""Several datasets: which method ranks best, and which cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.statistics.corrections import holm
from harness.statistics.letters import letter_rows
from harness.statistics.paired import ALPHA

_ROUNDING = 12
"""Decimals that count when two scores are compared; beyond are rounding errors."""


@dataclass(frozen=True, slots=True, eq=False)
class RankAnalysis:
    """Methods (cells) compared over datasets.

    Parameters
    ----------
    names
        The methods, best average rank first; everything else is in this order.
    average_ranks : array [shape=(methods,)]
        1 is best; ties share the mean of their ranks.
    ranks : array [shape=(datasets, methods)]
    friedman_statistic, friedman_p
        Friedman's test of "all are equal", corrected for ties; None for two methods.
    p, adjusted : array [shape=(methods, methods)]
        Two-sided Wilcoxon signed-rank tests of all pairs, before and after Holm's correction.
    cliques
        The bars of a critical-difference diagram: runs of neighbouring methods (as positions)
        that cannot be told apart. One bar over all where Friedman's test finds nothing.
    letters
        The same as tie letters, which unlike bars are exact for every pair.
    """

    names: tuple[str, ...]
    average_ranks: NDArray[np.float64]
    ranks: NDArray[np.float64]
    friedman_statistic: float | None
    friedman_p: float | None
    p: NDArray[np.float64]
    adjusted: NDArray[np.float64]
    cliques: tuple[tuple[int, ...], ...]
    letters: tuple[str, ...]


def rank_methods(scores: ArrayLike, names: Sequence[str], *, alpha: float = ALPHA) -> RankAnalysis:
    """Rank methods over datasets and find those that cannot be told apart.

    Demsar (2006), "Statistical Comparisons of Classifiers over Multiple Data Sets", JMLR 7,
    1-30, with Wilcoxon tests and Holm's correction in place of Nemenyi's test, as Benavoli,
    Corani and Mangili (2016), JMLR 17(5), 1-10, advise. Datasets where two methods are equal
    split their ranks between both, as Demsar does. The bars are built as aeon builds them; its
    one-sided tests against one fixed level (alpha divided by methods - 1) are replaced by
    two-sided ones with Holm's steps, which keep the promised rate over all pairs.

    Parameters
    ----------
    scores : array [shape=(datasets, methods)]
        Accuracies, larger is better.

    Raises
    ------
    ValueError
        Fewer than two datasets or methods, or a score is missing: every method needs a score
        on every dataset.
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(names) or min(table.shape) < 2:
        raise ValueError("needs scores of at least two methods on at least two datasets")
    if not np.isfinite(table).all():
        raise ValueError("needs a score of every method on every dataset; some are missing")
    ranks = _ranks(table)
    order = np.argsort(ranks.mean(axis=0), kind="stable")
    ordered = table[:, order]
    statistic, friedman_p = _friedman(ordered)
    p = _wilcoxon_pairs(ordered)
    upper = np.triu_indices(len(names), 1)
    adjusted = np.ones_like(p)
    adjusted[upper] = holm(p[upper])
    adjusted.T[upper] = adjusted[upper]
    nothing_found = friedman_p is not None and friedman_p >= alpha
    different = np.zeros_like(p, dtype=bool) if nothing_found else adjusted < alpha
    return RankAnalysis(
        names=tuple(names[place] for place in order),
        average_ranks=ranks.mean(axis=0)[order],
        ranks=ranks[:, order],
        friedman_statistic=statistic,
        friedman_p=friedman_p,
        p=p,
        adjusted=adjusted,
        cliques=find_cliques(different),
        letters=letter_rows(different),
    )


def find_cliques(different: ArrayLike) -> tuple[tuple[int, ...], ...]:
    """Return the bars of a critical-difference diagram.

    A bar starts at each method and reaches as far as the first one that differs from it; bars
    of one method, and those inside another, are left out. This is what aeon draws; two methods
    under one bar may differ from each other while neither differs from its first.

    Parameters
    ----------
    different : array [shape=(methods, methods)], bool
        By average rank, best first: True where two methods differ significantly.
    """
    table = np.asarray(different, dtype=bool)
    bars: list[tuple[int, ...]] = []
    reached = 0
    for start, row in enumerate(table):
        apart = np.flatnonzero(row[start + 1 :])
        end = start + 1 + int(apart[0]) if len(apart) else len(table)
        if end - start > 1 and end > reached:
            bars.append(tuple(range(start, end)))
            reached = end
    return tuple(bars)


def _ranks(table: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.stats import rankdata

    return np.asarray(rankdata(-np.round(table, _ROUNDING), axis=1), dtype=np.float64)


def _friedman(table: NDArray[np.float64]) -> tuple[float | None, float | None]:
    from scipy.stats import friedmanchisquare

    if table.shape[1] < 3:
        return None, None
    if (np.ptp(np.round(table, _ROUNDING), axis=1) == 0).all():
        return 0.0, 1.0
    found = friedmanchisquare(*np.round(table, _ROUNDING).T)
    return float(found.statistic), float(found.pvalue)


def _wilcoxon_pairs(table: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.stats import wilcoxon

    methods = table.shape[1]
    p = np.ones((methods, methods))
    for first in range(methods):
        for second in range(first + 1, methods):
            differences = np.round(table[:, first] - table[:, second], _ROUNDING)
            if differences.any():
                found = wilcoxon(differences, zero_method="zsplit")
                p[first, second] = p[second, first] = float(found.pvalue)
    return p
