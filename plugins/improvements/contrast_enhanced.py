"""Contrast against the neighbourhood, by sliding windows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness import Improvement, ParameterError, Raster, decibels, parameter
from plugins.improvements.axes import channels_of

DEVIATIONS = 1.5
OUTER = {"frequency": 64, "time": 32}


class ContrastEnhanced(Improvement):
    """Subtract from each cell the mean of its neighbourhood, its nearest neighbours left out.

    Values are limited to their mean plus and minus 1.5 standard deviations; then ``x -
    (conv(x, ones(outer)) - conv(x, ones(inner))) / (outer - inner)`` along one axis, with zeros
    past the ends: what rises out of its surroundings as a narrow ridge stays. The
    published code does this to linear power; here power is turned into decibels below the clip's
    peak first, where a difference means the same at every level. It takes mean and deviation over
    the whole picture (``limits=picture``); over each row, a loud hum does not limit a faint call.

    Raises
    ------
    ParameterError
        The outer window is not longer than the inner.

    References
    ----------
    N. Kridler, winning entry of Kaggle's whale detection challenge (2013), ``slidingWindowV`` and
    ``slidingWindowH`` in https://github.com/nmkridler/moby/blob/master/metrics.py.
    """

    name = "contrast-enhanced"
    needs = ("frequency", "time")

    along: str = parameter("frequency", "axis of the windows", choices=("frequency", "time"))
    limits: str = parameter(
        "row", "what mean and deviation are taken over", choices=("row", "picture")
    )
    inner: int = parameter(3, "cells that count as the thing itself", low=1, search=(1, 3, 5))
    outer: int | None = parameter(
        None, "cells of the surroundings; none: 64 along frequency, 32 along time", low=2
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self._outer() <= self.inner:
            raise ParameterError(
                f"{self.name}: outer={self._outer()} is not longer than inner={self.inner}."
            )

    def _outer(self) -> int:
        return OUTER[self.along] if self.outer is None else self.outer

    def improve(self, raster: Raster) -> Raster:
        """Return levels (dB) above their surroundings."""
        levels = decibels(raster.values) if raster.scale == "power" else raster.values
        clips, rows, columns = levels.shape
        # Channels lie on top of each other, and a window must not reach from one into the next.
        each = levels.reshape(clips * channels_of(raster.rows), -1, columns)
        over = 2 if self.limits == "row" else (1, 2)
        mean = each.mean(axis=over, keepdims=True)
        reach = np.float32(DEVIATIONS) * each.std(axis=over, keepdims=True, mean=mean)
        each = np.clip(each, mean - reach, mean + reach)
        axis = 1 if self.along == "frequency" else 2
        ring = _window_sum(each, self._outer(), axis) - _window_sum(each, self.inner, axis)
        enhanced = each - ring / np.float32(self._outer() - self.inner)
        return Raster(enhanced.reshape(clips, rows, columns), raster.rows, raster.columns, "db")


def _window_sum(values: NDArray[np.float32], length: int, axis: int) -> NDArray[np.float32]:
    """Convolve with ones, the middle part, as ``np.convolve(x, np.ones(length), "same")``."""
    import cv2

    size = (1, length) if axis == 1 else (length, 1)
    sums = np.empty(values.shape, np.float32)
    for each, found in zip(values, sums, strict=True):
        cv2.boxFilter(each, -1, size, found, normalize=False, borderType=cv2.BORDER_CONSTANT)
    return sums


plugins = [ContrastEnhanced]
