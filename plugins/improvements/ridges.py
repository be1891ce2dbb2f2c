"""Keep ridges: lines brighter than what lies on both their sides."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Improvement, ParameterError, Raster, decibels, parameter
from plugins.improvements.axes import channels_of, spacing

LEAST_CELLS = 2
"""A slope needs two cells."""


class Ridges(Improvement):
    """Keep lines that are brighter than both their sides, however they run, and flatten the rest.

    The raster, in decibels, is smoothed with a Gaussian of standard deviation sigma; where it
    curves down across a line, the stronger of the two curvatures of a cell, times sigma squared,
    is how much of a ridge it is on. The largest of several sigmas counts. They are given in Hz
    and hold for as many cells along time as along frequency: with the default window and hop 8 Hz
    are 16 ms.

    Raises
    ------
    ParameterError
        The thinnest ridge is thicker than the thickest.

    References
    ----------
    Y. Sato et al., "Three-dimensional multi-scale line filter for segmentation and visualization
    of curvilinear structures in medical images", Medical Image Analysis 2 (1998), 143;
    ``skimage.filters.sato``.
    """

    name = "ridges"
    needs = ("frequency", "time")

    thinnest_hz: float = parameter(8.0, "least sigma", unit="Hz", low=0.01, search=(4.0, 8.0, 16.0))
    thickest_hz: float = parameter(
        24.0, "greatest sigma", unit="Hz", low=0.01, search=(16.0, 24.0, 48.0)
    )
    scales: int = parameter(3, "sigmas, evenly spaced in their logarithms", low=1, high=16)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.thinnest_hz > self.thickest_hz:
            raise ParameterError(
                f"{self.name}: thinnest_hz={self.thinnest_hz:g} is above "
                f"thickest_hz={self.thickest_hz:g}."
            )

    def improve(self, raster: Raster) -> Raster:
        """Return how much of a ridge each cell is on (dB), from 0."""
        levels = decibels(raster.values) if raster.scale == "power" else raster.values
        clips, rows, columns = levels.shape
        each = levels.reshape(clips * channels_of(raster.rows), -1, columns)
        height = each.shape[1]
        # No Gaussian wider than the raster could show anything narrower.
        widths_hz = np.geomspace(self.thinnest_hz, self.thickest_hz, self.scales)
        sigmas = np.unique(np.minimum(widths_hz / spacing(raster.rows), max(height, columns)))
        found = np.empty_like(each)
        for channel, ridge in zip(each, found, strict=True):
            ridge[...] = _ridges(channel, sigmas)[:height, :columns]
        return Raster(found.reshape(clips, rows, columns), raster.rows, raster.columns, "db")


def _ridges(levels: NDArray[np.float32], sigmas: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the ridges of one channel [shape=(rows, columns)], or of one that is just larger."""
    from skimage import filters

    look: Any = filters.sato  # without types
    missing = [(0, max(0, LEAST_CELLS - length)) for length in levels.shape]
    wide = np.pad(levels, missing, mode="edge")
    return np.asarray(look(wide, sigmas=sigmas, black_ridges=False), np.float32)


plugins = [Ridges]
