"""Two cells compared clip by clip on the same holdout.

Without groups the test is McNemar's; with enough groups it is a bootstrap over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.statistics.groups import (
    draw_means,
    explain_groups,
    judge_estimates,
    number_groups,
    standard_errors,
)
from harness.statistics.mcnemar import (
    difference_interval,
    mcnemar,
    name_mcnemar,
)

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
    return compare_pairs([first, second], [(0, 1)], groups, seed=seed)[0]


def compare_pairs(
    correct: ArrayLike | Sequence[ArrayLike],
    pairs: Sequence[tuple[int, int]],
    groups: Sequence[str | None] | None = None,
    *,
    seed: int = 0,
) -> tuple[PairedComparison, ...]:
    """Compare some pairs of cells on the same clips, with the same draws of groups for all.

    Parameters
    ----------
    correct : array [shape=(cells, clips)], bool
    pairs
        The first and the second cell of each comparison, as rows of `correct`.
    """
    if not pairs:
        return ()
    table = check_correct(correct)
    low, high, p, _ = judge_pairs(table, groups, seed)
    only_row, only_column = count_disagreements(table)
    about, n = explain_groups(groups), table.shape[1]
    found = []
    for first, second in pairs:
        one, other = int(only_row[first, second]), int(only_column[first, second])
        both = int((table[first] & table[second]).sum())
        found.append(
            PairedComparison(
                n=n,
                both=both,
                only_first=one,
                only_second=other,
                neither=n - both - one - other,
                difference=(one - other) / n,
                low=float(low[first, second]),
                high=float(high[first, second]),
                p=float(p[first, second]),
                method=name_method(groups, one + other),
                about=about,
            )
        )
    return tuple(found)


def widen_interval(
    pair: PairedComparison, confidence: float, groups: Sequence[str | None] | None = None
) -> tuple[float, float]:
    """Return the interval of a comparison at another confidence than 95%.

    Parameters
    ----------
    groups
        The group of each clip, as the comparison was made with.
    """
    from scipy.special import stdtrit

    numbers = number_groups(groups)
    if numbers is None:
        low, high = difference_interval(pair.only_first, pair.only_second, pair.n, confidence)
        return float(low), float(high)
    freedom = int(numbers.max())
    ratio = stdtrit(freedom, 0.5 + confidence / 2) / stdtrit(freedom, 0.975)
    half = float(max(pair.difference - pair.low, pair.high - pair.difference) * ratio)
    return max(pair.difference - half, -1.0), min(pair.difference + half, 1.0)


def check_correct(correct: ArrayLike | Sequence[ArrayLike]) -> NDArray[np.bool_]:
    """Return right or wrong [shape=(cells, clips)], or raise ValueError."""
    table = np.asarray(correct)
    if table.ndim != 2 or table.shape[0] == 0 or table.shape[1] == 0:
        raise ValueError(f"needs right or wrong [shape=(cells, clips)], got shape {table.shape}")
    return table.astype(bool)


def count_disagreements(table: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count, for every pair, the clips that only the row and only the column got right."""
    counts = table.astype(np.float64)
    only_row = np.rint(counts @ (1 - counts).T).astype(np.int64)
    return only_row, only_row.T


def judge_pairs(
    table: NDArray[np.bool_], groups: Sequence[str | None] | None, seed: int
) -> tuple[
    NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64] | None
]:
    """Return low, high, p-value and (of a bootstrap) standard error of every pair."""
    only_first, only_second = count_disagreements(table)
    n, numbers = table.shape[1], number_groups(groups)
    if numbers is None:
        low, high = difference_interval(only_first, only_second, n)
        return low, high, mcnemar(only_first, only_second), None
    count = int(numbers.max()) + 1
    error = standard_errors(draw_means(table, numbers, seed=seed), count)
    low, high, p = judge_estimates((only_first - only_second) / n, error, count)
    return np.maximum(low, -1.0), np.minimum(high, 1.0), p, error


def name_method(groups: Sequence[str | None] | None, disagreements: int | None) -> str:
    """Name the test that `judge_pairs` uses; None stands for many pairs at once."""
    numbers = number_groups(groups)
    if numbers is not None:
        return f"bootstrap over {int(numbers.max()) + 1} groups"
    return name_mcnemar(disagreements)
