"""What several improvements need of a raster and its axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness import Axis


def channels_of(rows: Axis) -> int:
    """Return how many channels lie on top of each other: each repeats the axis's points."""
    return max(1, int(np.count_nonzero(rows.points == rows.points[0])))


def spacing(axis: Axis) -> float:
    """Return the mean distance between neighbours in the axis's unit; 1 where there are none."""
    points = np.unique(axis.points)
    if points.size < 2:
        return 1.0
    return float((points[-1] - points[0]) / (points.size - 1))


def row_median(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the median over time [shape=(clips, rows, 1)].

    Sorting float32 is vectorised in NumPy, so it is faster than the partition of ``np.median``,
    whose result it equals.
    """
    ordered = np.sort(levels, axis=2)
    middle = levels.shape[2] // 2
    if levels.shape[2] % 2:
        return ordered[:, :, middle : middle + 1]
    return (ordered[:, :, middle - 1 : middle] + ordered[:, :, middle : middle + 1]) / np.float32(2)
