"""Keep only the frequencies where the calls are."""

from __future__ import annotations

import numpy as np

from harness import (
    Axis,
    Improvement,
    Inapplicable,
    ParameterError,
    Raster,
    parameter,
)

LOWEST_HZ = (0.0, 20.0, 40.0, 60.0, 80.0, 160.0, 320.0, 640.0, 1250.0, 2500.0, 5000.0)
HIGHEST_HZ = (220.0, 330.0, 440.0, 660.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0, 22000.0)
"""Edges that a search tries: about an octave apart, closer where right whales call."""


class FrequencyCropped(Improvement):
    """Keep a band of frequencies and leave the rest out of the picture.

    The default band holds the up-calls of right whales. Rows count by their centre, both limits
    belong to the band, and each of several stacked channels is cropped alike.

    Raises
    ------
    Inapplicable
        The raster has fewer than two rows in the band.
    ParameterError
        The band is empty: `low` is not below `high`.
    """

    name = "frequency-cropped"
    needs = ("frequency",)

    low: float = parameter(40.0, "lowest frequency kept", unit="Hz", low=0, search=LOWEST_HZ)
    high: float = parameter(440.0, "highest frequency kept", unit="Hz", low=0, search=HIGHEST_HZ)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.low < self.high:
            raise ParameterError(
                f"{self.name}: low={self.low:g} Hz is not below high={self.high:g} Hz."
            )

    def improve(self, raster: Raster) -> Raster:
        """Return the rows of the band."""
        points = raster.rows.points
        kept = np.flatnonzero((points >= self.low) & (points <= self.high))
        if np.unique(points[kept]).size < 2:
            raise Inapplicable(
                f"{self.name}: fewer than two rows lie between {self.low:g} and {self.high:g} Hz; "
                f"this raster has {np.unique(points).size} from {points.min():g} to "
                f"{points.max():g} Hz: choose low and high within that, further apart."
            )
        first, last = int(kept[0]), int(kept[-1]) + 1
        # One channel is one run of rows, which copies faster as a slice than row by row.
        rows = slice(first, last) if last - first == kept.size else kept
        cropped = np.ascontiguousarray(raster.values[:, rows])
        axis = Axis(raster.rows.name, raster.rows.unit, points[rows])
        return Raster(cropped, axis, raster.columns, raster.scale)


plugins = [FrequencyCropped]
