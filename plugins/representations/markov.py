"""The Markov transition field."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness import Raster, Representation, Signals, parameter
from plugins.representations.stretches import bounds, one_by_one, time_axes


class Markov(Representation):
    """How likely the step from the state at one time to the state at another is (MTF).

    The state of a point is which of `bins` quantiles of its own series it lies in. ``W_qr`` is
    the share of steps out of state q that lead to state r: its rows sum to one, but for a state
    that only the last point is in. The field at row i and column j is ``W`` from the state at i to
    the state at j. A longer series is reduced to `size` stretches as the paper does it, after the
    field: each cell is the mean of the field over its stretches, which is ``A W A'`` where
    ``A_iq`` is the share of stretch i spent in state q, so that the whole field is never built.

    References
    ----------
    Z. Wang and T. Oates, "Imaging time-series to improve classification and imputation", IJCAI
    2015, section 2.2. ``pyts.image.MarkovTransitionField`` gives the same values.
    """

    name = "markov"
    axes = ("time", "time")

    bins: int = parameter(8, "states", low=2, high=64, search=(4, 8, 16))
    size: int = parameter(224, "stretches that a longer series is reduced to", low=1, high=1024)

    def raster(self, signals: Signals) -> Raster:
        """Return the probability of each step, one field a channel."""
        clips, channels, _ = signals.samples.shape
        series = one_by_one(signals)
        edges = bounds(series.shape[1], self.size)
        states = _states(series, self.bins)
        spent = _shares_spent(states, edges, self.bins)
        field = spent @ _transitions(states, self.bins) @ spent.transpose(0, 2, 1)
        rows, columns = time_axes(edges, signals.rate, channels)
        values = field.reshape(clips, len(rows), len(columns)).astype(np.float32)
        return Raster(values, rows, columns, "power")


def _states(series: NDArray[np.float32], bins: int) -> NDArray[np.intp]:
    """Number each point's quantile [shape=(series, n)]; one on an edge is in the lower."""
    values = series.astype(np.float64)
    states = np.zeros(values.shape, np.intp)
    for edge in np.percentile(values, np.linspace(0, 100, bins + 1)[1:-1], axis=1):
        states += values > edge[:, None]
    return states


def _transitions(states: NDArray[np.intp], bins: int) -> NDArray[np.float64]:
    """Return the share of steps from each state to each [shape=(series, bins, bins)]."""
    steps = states[:, :-1] * bins + states[:, 1:]
    counts = _counted(steps, bins * bins).reshape(len(states), bins, bins)
    shares: NDArray[np.float64] = counts / np.maximum(counts.sum(axis=2, keepdims=True), 1)
    return shares


def _shares_spent(
    states: NDArray[np.intp], edges: NDArray[np.intp], bins: int
) -> NDArray[np.float64]:
    """Return the share of each stretch in each state [shape=(series, stretches, bins)]."""
    lengths = np.diff(edges)
    stretch = np.repeat(np.arange(len(lengths)), lengths)
    counts = _counted(stretch * bins + states, len(lengths) * bins)
    return counts.reshape(len(states), len(lengths), bins) / lengths[:, None]


def _counted(numbers: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Count each number below `most` in each row [shape=(rows, most)]."""
    rows = np.arange(len(numbers))[:, None] * most
    return np.bincount((rows + numbers).ravel(), minlength=len(numbers) * most).reshape(-1, most)


plugins = [Markov]
