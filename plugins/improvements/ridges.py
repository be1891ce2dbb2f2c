"""Keep ridges: lines brighter than what lies on both their sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from harness import Improvement, ParameterError, Raster, decibels, hookimpl, parameter
from plugins.improvements.axes import channels_of, spacing

LEAST_CELLS = 2
"""A slope needs two cells."""


@dataclass(frozen=True, kw_only=True)
class Ridges(Improvement):
    """Keep lines that are brighter than both their sides, however they run, and flatten the rest.

    The raster, in decibels, is smoothed with a Gaussian of standard deviation sigma; where it
    curves down across a line, the curvature times sigma squared is how much of a ridge there is.
    The largest of several sigmas counts. They are given in Hz and hold for as many cells along
    time as along frequency: with the default window and hop 8 Hz and 16 ms. ``sato`` takes the
    stronger of the two curvatures of each cell; ``meijering`` also counts part of the weaker one
    in, and scales each sigma's result to a largest value of 1.

    Raises
    ------
    ParameterError
        The thinnest ridge is thicker than the thickest.

    References
    ----------
    Y. Sato et al., "Three-dimensional multi-scale line filter for segmentation and visualization
    of curvilinear structures in medical images", Medical Image Analysis 2 (1998), 143; E.
    Meijering et al., "Design and validation of a tool for neurite tracing and analysis in
    fluorescence microscopy images", Cytometry 58A (2004), 167; ``skimage.filters``.
    """

    name: ClassVar[str] = "ridges"
    needs: ClassVar[tuple[str, ...]] = ("frequency", "time")

    method: str = parameter("sato", "how curvature is judged", choices=("sato", "meijering"))
    thinnest_hz: float = parameter(8.0, "least sigma", unit="Hz", low=0.01)
    thickest_hz: float = parameter(24.0, "greatest sigma", unit="Hz", low=0.01)
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
        cells = np.geomspace(self.thinnest_hz, self.thickest_hz, self.scales)
        sigmas = np.unique(np.minimum(cells / spacing(raster.rows), max(height, columns)))
        found = np.empty_like(each)
        for channel, ridge in zip(each, found, strict=True):
            ridge[...] = self._found(channel, sigmas)[:height, :columns]
        return Raster(found.reshape(clips, rows, columns), raster.rows, raster.columns, "db")

    def _found(
        self, levels: NDArray[np.float32], sigmas: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        from skimage.filters import meijering, sato

        missing = [(0, max(0, LEAST_CELLS - length)) for length in levels.shape]
        look = sato if self.method == "sato" else meijering
        found: NDArray[np.float32] = look(
            np.pad(levels, missing, mode="edge"), sigmas=sigmas, black_ridges=False
        )
        return found


@hookimpl
def harness_improvements() -> list[type[Improvement]]:
    """Return what this module offers."""
    return [Ridges]
