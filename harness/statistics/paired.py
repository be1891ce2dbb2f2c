"""Cells compared clip by clip on the same holdout.

Without groups the test is McNemar's; with enough groups it is a bootstrap over them. Many
comparisons at once are corrected with Holm's method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.statistics.corrections import holm
from harness.statistics.groups import (
    draw_means,
    explain_groups,
    judge_estimates,
    number_groups,
    standard_errors,
)
from harness.statistics.letters import letter_rows
from harness.statistics.mcnemar import (
    difference_interval,
    mcnemar,
    name_mcnemar,
)
from harness.statistics.power import detectable_from_error, smallest_detectable_difference

ALPHA = 0.05
"""The promised rate of false alarms."""


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """Two cells on the same clips.

    Parameters
    ----------
    n
        Clips.
    both, only_first, only_second, neither
        Clips that these got right; they add up to `n`.
    difference
        Accuracy of the first minus that of the second.
    low, high
        Its 95% interval.
    p
        Two-sided p-value of "no difference", not corrected for other comparisons.
    method
        "McNemar, exact", "McNemar, mid-p" or "bootstrap over 27 groups".
    about
        What the test speaks of, as in `harness.statistics.intervals.Interval`.
    """

    n: int
    both: int
    only_first: int
    only_second: int
    neither: int
    difference: float
    low: float
    high: float
    p: float
    method: str
    about: str


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """All cells of a table against each other.

    Parameters
    ----------
    difference, low, high, p : array [shape=(cells, cells)]
        Row minus column, its 95% interval, its two-sided p-value.
    adjusted : array [shape=(cells, cells)]
        The p-values after Holm's correction over all pairs.
    different : array [shape=(cells, cells)], bool
        Where `adjusted` is below `alpha`.
    letters
        Tie letters of each cell: two share one if they cannot be told apart.
    best
        The cell of highest accuracy (the first, if several).
    tied_with_best : array [shape=(cells,)], bool
        Cells that cannot be told apart from the best, itself included. The best is chosen by
        looking at all cells, so these tests too are corrected over all pairs.
    detectable
        Smallest difference that this holdout finds in four cases of five, for a single
        comparison with the best that disagrees as much as the median one does; None for a
        single cell, and where no two cells ever disagree.
    method, about
        As in `PairedComparison`.
    """

    difference: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    p: NDArray[np.float64]
    adjusted: NDArray[np.float64]
    different: NDArray[np.bool_]
    letters: tuple[str, ...]
    best: int
    tied_with_best: NDArray[np.bool_]
    detectable: float | None
    method: str
    about: str


def compare_pair(
    first: ArrayLike,
    second: ArrayLike,
    groups: Sequence[str | None] | None = None,
    *,
    seed: int = 0,
) -> PairedComparison:
    """Compare two cells on the same clips.

    Parameters
    ----------
    first, second : array [shape=(clips,)], bool
        Right or wrong; a failed prediction is wrong.
    groups
        The group of each clip; with six or more, whole groups are drawn.
    """
    table = _check_correct([first, second])
    only_first, only_second = _disagreements(table)
    right, wrong = int((table[0] & table[1]).sum()), int((~table[0] & ~table[1]).sum())
    one, other = int(only_first[0, 1]), int(only_second[0, 1])
    low, high, p, _ = _judge_pairs(table, groups, seed)
    return PairedComparison(
        n=table.shape[1],
        both=right,
        only_first=one,
        only_second=other,
        neither=wrong,
        difference=(one - other) / table.shape[1],
        low=float(low[0, 1]),
        high=float(high[0, 1]),
        p=float(p[0, 1]),
        method=_name_method(groups, one + other),
        about=explain_groups(groups),
    )


def compare_all(
    correct: ArrayLike,
    groups: Sequence[str | None] | None = None,
    *,
    alpha: float = ALPHA,
    seed: int = 0,
) -> Comparisons:
    """Compare all cells with each other on the same clips.

    Parameters
    ----------
    correct : array [shape=(cells, clips)], bool
        Right or wrong; a failed prediction is wrong.
    groups
        The group of each clip; with six or more, whole groups are drawn, the same for all.
    """
    table = _check_correct(correct)
    cells = len(table)
    low, high, p, error = _judge_pairs(table, groups, seed)
    upper = np.triu_indices(cells, 1)
    adjusted = np.ones((cells, cells))
    adjusted[upper] = holm(p[upper])
    adjusted.T[upper] = adjusted[upper]
    different = adjusted < alpha
    accuracy = table.mean(axis=1)
    best = int(accuracy.argmax())
    only_first, only_second = _disagreements(table)
    return Comparisons(
        difference=(only_first - only_second) / table.shape[1],
        low=low,
        high=high,
        p=p,
        adjusted=adjusted,
        different=different,
        letters=letter_rows(different, np.argsort(-accuracy, kind="stable")),
        best=best,
        tied_with_best=~different[best],
        detectable=_detectable(table, best, groups, error, alpha),
        method=_name_method(groups, None),
        about=explain_groups(groups),
    )


def _check_correct(correct: ArrayLike | Sequence[ArrayLike]) -> NDArray[np.bool_]:
    table = np.asarray(correct)
    if table.ndim != 2 or table.shape[0] == 0 or table.shape[1] == 0:
        raise ValueError(f"needs right or wrong [shape=(cells, clips)], got shape {table.shape}")
    return table.astype(bool)


def _disagreements(table: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count, for every pair, the clips that only the row and only the column got right."""
    counts = table.astype(np.float64)
    only_row = np.rint(counts @ (1 - counts).T).astype(np.int64)
    return only_row, only_row.T


def _judge_pairs(
    table: NDArray[np.bool_], groups: Sequence[str | None] | None, seed: int
) -> tuple[
    NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64] | None
]:
    """Return low, high, p-value and (of a bootstrap) standard error of every pair."""
    only_first, only_second = _disagreements(table)
    n, numbers = table.shape[1], number_groups(groups)
    if numbers is None:
        low, high = difference_interval(only_first, only_second, n)
        return low, high, mcnemar(only_first, only_second), None
    count = int(numbers.max()) + 1
    error = standard_errors(draw_means(table, numbers, seed=seed), count)
    low, high, p = judge_estimates((only_first - only_second) / n, error, count)
    return np.maximum(low, -1.0), np.minimum(high, 1.0), p, error


def _name_method(groups: Sequence[str | None] | None, disagreements: int | None) -> str:
    numbers = number_groups(groups)
    if numbers is not None:
        return f"bootstrap over {int(numbers.max()) + 1} groups"
    return name_mcnemar(disagreements)


def _detectable(
    table: NDArray[np.bool_],
    best: int,
    groups: Sequence[str | None] | None,
    error: NDArray[np.float64] | None,
    alpha: float,
) -> float | None:
    others = np.arange(len(table)) != best
    only_first, only_second = _disagreements(table)
    shares = (only_first + only_second)[best][others] / table.shape[1]
    if not shares.any():
        return None
    numbers = number_groups(groups)
    if error is None or numbers is None:
        typical = float(np.median(shares))
        return smallest_detectable_difference(table.shape[1], typical, alpha=alpha)
    typical = float(np.median(error[best][others][shares > 0]))
    return detectable_from_error(typical, int(numbers.max()) + 1, alpha=alpha)
