"""All cells of a table against each other: which of them cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.statistics.corrections import holm
from harness.statistics.groups import explain_groups, number_groups
from harness.statistics.letters import letter_rows
from harness.statistics.paired import (
    ALPHA,
    check_correct,
    count_disagreements,
    judge_pairs,
    name_method,
)
from harness.statistics.power import detectable_from_error, smallest_detectable_difference


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
    table = check_correct(correct)
    cells = len(table)
    low, high, p, error = judge_pairs(table, groups, seed)
    upper = np.triu_indices(cells, 1)
    adjusted = np.ones((cells, cells))
    adjusted[upper] = holm(p[upper])
    adjusted.T[upper] = adjusted[upper]
    different = adjusted < alpha
    accuracy = table.mean(axis=1)
    best = int(accuracy.argmax())
    only_first, only_second = count_disagreements(table)
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
        method=name_method(groups, None),
        about=explain_groups(groups),
    )


def _detectable(
    table: NDArray[np.bool_],
    best: int,
    groups: Sequence[str | None] | None,
    error: NDArray[np.float64] | None,
    alpha: float,
) -> float | None:
    others = np.arange(len(table)) != best
    only_first, only_second = count_disagreements(table)
    shares = (only_first + only_second)[best][others] / table.shape[1]
    if not shares.any():
        return None
    numbers = number_groups(groups)
    if error is None or numbers is None:
        typical = float(np.median(shares))
        return smallest_detectable_difference(table.shape[1], typical, alpha=alpha)
    typical = float(np.median(error[best][others][shares > 0]))
    return detectable_from_error(typical, int(numbers.max()) + 1, alpha=alpha)
