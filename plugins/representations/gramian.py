"""Gramian angular fields."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness import Raster, Representation, Signals, parameter
from plugins.representations.stretches import bounds, means, one_by_one, spans, time_axes


class Gramian(Representation):
    """Sum or difference of the angles of a series at every pair of times (GASF, GADF).

    The series is reduced to at most `size` means, in which what is faster than they are is lost,
    and stretched from -1 to 1; ``phi = arccos(x)`` is its angle at each time. The field is
    ``cos(phi_i + phi_j)`` for ``method=sum`` and ``sin(phi_i - phi_j)`` for
    ``method=difference``, i being the row and j the column, and is drawn from white (-1) to black
    (1). With ``x = cos(phi)`` and ``s = sin(phi)`` these are ``x_i x_j - s_i s_j`` and ``s_i x_j
    - x_i s_j``: no angle is computed. Each channel is stretched by itself; a constant one is -1
    everywhere, as in pyts.

    References
    ----------
    Z. Wang and T. Oates, "Imaging time-series to improve classification and imputation", IJCAI
    2015, section 2.1; ``pyts.image.GramianAngularField`` gives the field itself, which is
    twice the share drawn less one.
    """

    name = "gramian"
    axes = ("time", "time")

    method: str = parameter("sum", "of the two angles", choices=("sum", "difference"))
    size: int = parameter(224, "points that a longer series is reduced to", low=1, high=1024)

    def raster(self, signals: Signals) -> Raster:
        """Return the field's place between -1 and 1, as shares, one field a channel."""
        clips, channels, _ = signals.samples.shape
        series = one_by_one(signals)
        edges = bounds(series.shape[1], self.size)
        x = _stretched(means(series, self.size))
        s = np.sqrt(np.maximum(1 - x * x, 0)).astype(np.float32)
        field = _field(x.astype(np.float32), s, self.method)
        rows, columns = time_axes(edges, signals.rate, channels)
        shares = field.reshape(clips, len(rows), len(columns))
        return Raster(shares, rows, columns, "coverage")


def _stretched(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map each series' range [shape=(series, points)] to -1 to 1; a constant one to -1."""
    low = values.min(axis=1, keepdims=True)
    shares = (values - low) / spans(values, 1)
    return np.asarray(np.clip(2 * shares - 1, -1, 1), np.float64)


def _field(x: NDArray[np.float32], s: NDArray[np.float32], method: str) -> NDArray[np.float32]:
    """Return half of one more than the field [shape=(series, points, points)]: 0 to 1."""
    if method == "sum":
        field = x[:, :, None] * x[:, None, :]
        field -= s[:, :, None] * s[:, None, :]
    else:
        field = s[:, :, None] * x[:, None, :]
        field -= x[:, :, None] * s[:, None, :]
    field += 1
    field *= np.float32(0.5)
    return np.clip(field, 0, 1, out=field)


plugins = [Gramian]
