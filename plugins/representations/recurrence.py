"""The recurrence plot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness import Inapplicable, Raster, Representation, Signals, parameter
from plugins.representations.stretches import bounds, means, one_by_one, spans, time_axes


class Recurrence(Representation):
    """How near the states of a series are to each other, at every pair of times.

    The series is reduced to at most `size` means x, in which what is faster than they are is
    lost; its state at i is the vector ``(x_i, x_(i+delay), ..., x_(i + (dimension-1) delay))``,
    and ``d_ij`` is the Euclidean distance of two states. Black is where they are the same and
    white where they are as far apart as any two: ``1 - d_ij / max d``. With a `threshold` it is
    Eckmann's plot of dots: black where ``d_ij < threshold * max d``. Each channel is measured by
    its own largest distance; a constant one recurs everywhere.

    Raises
    ------
    Inapplicable
        The series is too short for one state of that dimension and delay.

    References
    ----------
    J.-P. Eckmann, S. Oliffson Kamphorst and D. Ruelle, "Recurrence plots of dynamical systems",
    Europhysics Letters 4 (1987), 973. ``pyts.image.RecurrencePlot`` gives d, and the same dots
    for ``threshold="distance"`` and a percentage of ``100 * threshold``.
    """

    name = "recurrence"
    axes = ("time", "time")

    dimension: int = parameter(1, "points in a state", low=1, high=64, search=(1, 2, 3))
    delay: int = parameter(
        1, "from one point of a state to the next", low=1, high=1024, search=(1, 2, 4, 8)
    )
    threshold: float | None = parameter(
        None, "share of the largest distance within which states recur; none: shades", low=0, high=1
    )
    size: int = parameter(224, "points that a longer series is reduced to", low=1, high=1024)

    def raster(self, signals: Signals) -> Raster:
        """Return nearness, 0 to 1, or dots of 1, one plot a channel."""
        clips, channels, _ = signals.samples.shape
        series = one_by_one(signals)
        edges = bounds(series.shape[1], self.size)
        last = (self.dimension - 1) * self.delay
        count = len(edges) - 1 - last
        if count < 1:
            raise Inapplicable(
                f"{self.name}: a state of {self.dimension} points, {self.delay} apart, is longer "
                f"than this series of {len(edges) - 1} points: lower dimension or delay."
            )
        distances = _distances(means(series, self.size), count, self.dimension, self.delay)
        near = self._nearness(distances).reshape(clips, channels * count, count)
        rows, columns = time_axes(edges[: count + 1], signals.rate, channels)
        return Raster(near, rows, columns, "coverage")

    def _nearness(self, distances: NDArray[np.float64]) -> NDArray[np.float32]:
        shares = distances / spans(distances, (1, 2))
        if self.threshold is None:
            return np.asarray(1 - shares, np.float32)
        # The diagonal is a state and itself, and recurs whatever the threshold.
        return np.asarray((shares < self.threshold) | (shares == 0), np.float32)


def _distances(
    points: NDArray[np.float64], count: int, dimension: int, delay: int
) -> NDArray[np.float64]:
    """Return the distances of all pairs of states [shape=(series, count, count)]."""
    if dimension == 1:
        return np.abs(points[:, :, None] - points[:, None, :])
    squares = np.zeros((len(points), count, count))
    for start in range(0, dimension * delay, delay):
        coordinate = points[:, start : start + count]
        difference = coordinate[:, :, None] - coordinate[:, None, :]
        difference *= difference
        squares += difference
    return np.sqrt(squares, out=squares)


plugins = [Recurrence]
