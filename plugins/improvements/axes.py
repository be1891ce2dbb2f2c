"""What improvements read off the axes of a raster."""

from __future__ import annotations

import numpy as np

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
