"""How many training clips are enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from harness.statistics.corrections import holm
from harness.statistics.intervals import Interval, accuracy_interval
from harness.statistics.paired import ALPHA, PairedComparison, compare_pairs


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One training size.

    Parameters
    ----------
    size
        Training clips.
    accuracy, low, high
        On the holdout, with its 95% interval.
    difference, difference_low, difference_high
        Accuracy minus that of the full size, with its 95% interval; zero at the full size.
    adjusted
        P-value of "no difference from the full size" after Holm's correction; 1 there.
    told_apart
        True where `adjusted` is below alpha.
    """

    size: int
    accuracy: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    adjusted: float
    told_apart: bool


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Accuracy against training clips, on one holdout.

    Parameters
    ----------
    points
        From the smallest size to the full one.
    enough
        The smallest size that cannot be told from the full one, nor can any size between.
        That it cannot be told apart does not prove it equal: read it with the smallest
        detectable difference.
    """

    points: tuple[CurvePoint, ...]
    enough: int


def learning_curve(
    sizes: Sequence[int],
    correct: ArrayLike | Sequence[ArrayLike],
    groups: Sequence[str | None] | None = None,
    *,
    alpha: float = ALPHA,
    seed: int = 0,
) -> LearningCurve:
    """Compare every training size with the largest, clip by clip, corrected with Holm's method.

    Parameters
    ----------
    sizes
        Training clips of each row, in any order, all different.
    correct : array [shape=(sizes, clips)], bool
        Right or wrong on the same holdout.
    groups
        The group of each holdout clip.
    """
    table = np.asarray(correct, dtype=bool)
    if table.ndim != 2 or len(table) != len(sizes) or len(set(sizes)) != len(sizes) or not sizes:
        raise ValueError("needs one row of right or wrong for each of some different sizes")
    order = np.argsort(sizes, kind="stable")
    rows = table[order]
    last = len(rows) - 1
    pairs = compare_pairs(rows, [(row, last) for row in range(len(rows))], groups, seed=seed)
    adjusted = [*holm([pair.p for pair in pairs[:-1]]).tolist(), 1.0]
    points = [
        _point(int(sizes[place]), accuracy_interval(row, groups, seed=seed), pair, p, p < alpha)
        for place, row, pair, p in zip(order, rows, pairs, adjusted, strict=True)
    ]
    points[-1] = replace(points[-1], difference_low=0.0, difference_high=0.0)
    return LearningCurve(tuple(points), _enough(points))


def _point(
    size: int, accuracy: Interval, pair: PairedComparison, adjusted: float, apart: bool
) -> CurvePoint:
    return CurvePoint(
        size=size,
        accuracy=accuracy.estimate,
        low=accuracy.low,
        high=accuracy.high,
        difference=pair.difference,
        difference_low=pair.low,
        difference_high=pair.high,
        adjusted=adjusted,
        told_apart=apart,
    )


def _enough(points: Sequence[CurvePoint]) -> int:
    enough = points[-1].size
    for point in reversed(points):
        if point.told_apart:
            break
        enough = point.size
    return enough
