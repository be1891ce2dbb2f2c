"""Keep only what is far above the medians of its row and its column."""

from __future__ import annotations

import numpy as np

from harness import Improvement, Raster, decibels, parameter
from plugins.improvements.axes import channels_of, row_median


class MedianClipped(Improvement):
    """Keep cells well above the median of their row and of their column, and blank the rest.

    A cell is kept where its magnitude (the root of its power) is above `factor` times the median
    magnitude of its row and of its column. What is kept is shown in decibels above the median of
    its row; the rest is 0 dB. Cells more than 80 dB below the clip's peak count as 80 dB below.

    References
    ----------
    E. Sprengel, M. Jaggi, Y. Kilcher and T. Hofmann, "Audio based bird species identification
    using deep learning techniques", LifeCLEF 2016, section 3.1; the result there is the mask of
    kept cells.
    """

    name = "median-clipped"
    needs = ("frequency", "time")

    factor: float = parameter(
        3.0, "times the median that a cell must exceed", low=1, search=(1.5, 2.0, 3.0, 4.0)
    )

    def improve(self, raster: Raster) -> Raster:
        """Return decibels above the row's median where kept, and zeros."""
        levels = decibels(raster.values) if raster.scale == "power" else raster.values
        clips, rows, columns = levels.shape
        each = levels.reshape(clips * channels_of(raster.rows), -1, columns)
        magnitude = np.power(np.float32(10), each / np.float32(20))
        row = row_median(magnitude)
        column = row_median(magnitude.transpose(0, 2, 1)).transpose(0, 2, 1)
        factor = np.float32(self.factor)
        kept = (magnitude > factor * row) & (magnitude > factor * column)
        above = np.where(kept, each - np.float32(20) * np.log10(row), np.float32(0))
        return Raster(above.reshape(clips, rows, columns), raster.rows, raster.columns, "db")


plugins = [MedianClipped]
