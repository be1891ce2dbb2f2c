"""A series in at most so many stretches: what the pictures of series share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness import Axis, Signals


def one_by_one(signals: Signals) -> NDArray[np.float32]:
    """Return every channel as a series of its own [shape=(series, n)]; an empty one is a zero."""
    clips, channels, n = signals.samples.shape
    if not n:
        return np.zeros((clips * channels, 1), np.float32)
    return signals.samples.reshape(clips * channels, n)


def bounds(n: int, size: int) -> NDArray[np.intp]:
    """Return where stretches of `n` points begin and the last one ends [shape=(stretches + 1,)].

    There are `size` of them, or `n` where that is less. Their lengths differ by one at most, as
    those of pyts do (``overlapping=False``).
    """
    count = min(n, size)
    return np.arange(count + 1) * n // count


def means(series: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    """Reduce series [shape=(series, n)] to the means of at most `size` stretches.

    Piecewise aggregate approximation: E. Keogh et al., "Dimensionality reduction for fast
    similarity search in large time series databases", Knowledge and Information Systems 3 (2001),
    263. Series of no more than `size` points stay as they are.
    """
    values = series.astype(np.float64)
    n = values.shape[1]
    if n <= size:
        return values
    edges = bounds(n, size)
    reduced: NDArray[np.float64] = np.add.reduceat(values, edges[:-1], axis=1) / np.diff(edges)
    # A tone whose periods fill the stretches averages out but for the rounding of its samples,
    # which a scale from the least to the greatest value would show as large as life.
    rounding = np.finfo(np.float32).eps * np.abs(values).max(axis=1, keepdims=True)
    level = np.ptp(reduced, axis=1, keepdims=True) <= rounding
    return np.where(level, reduced[:, :1], reduced)


def spans(values: NDArray[np.float64], axes: int | tuple[int, ...]) -> NDArray[np.float64]:
    """Return the greatest less the least value along axes, kept; 1 where nothing changes."""
    found: NDArray[np.float64] = np.ptp(values, axis=axes, keepdims=True)
    return np.where(found < np.finfo(np.float32).tiny, 1.0, found)


def time_axes(edges: NDArray[np.intp], rate: float, channels: int) -> tuple[Axis, Axis]:
    """Return rows and columns that are both the middles of stretches (s)."""
    times = (edges[:-1] + edges[1:]) / (2 * rate)
    return Axis("time", "s", np.tile(times, channels)), Axis("time", "s", times)
