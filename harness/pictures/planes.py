"""Rasters become planes: each clip stretched over 256 levels and resized, without colours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import Inapplicable
from harness.pictures.colours import LEVELS
from harness.values import PictureSettings, Raster

LEAST_SPAN = float(np.finfo(np.float32).tiny)
LARGEST_EXPONENT = 100
"""Of the power of two that a clip's range may be without danger to float32 arithmetic."""


def planes(raster: Raster, settings: PictureSettings) -> NDArray[np.uint8]:
    """Turn rasters into pictures of 256 levels, without colours.

    Each clip is stretched from its own minimum to its own maximum, as matplotlib's ``pcolormesh``
    does by default; "coverage" has the fixed range 0 to 1. A clip that is the same everywhere
    becomes level 0 everywhere. Level ``k`` stands for shares ``k / 256 <= x < (k + 1) / 256`` of
    the range, as in matplotlib's ``Colormap``.

    Parameters
    ----------
    raster
        Values [shape=(clips, rows, columns)].
    settings
        The size of the pictures in pixels.

    Returns
    -------
    array [shape=(clips, height, width)], uint8
        Row 0 is the top of the picture, which is the last row of the raster.

    Raises
    ------
    Inapplicable
        A value is NaN or infinite, or the raster has no cells.
    """
    if 0 in raster.values.shape[1:]:
        raise Inapplicable(f"A raster of {raster.values.shape[1:]} rows and columns has no cells.")
    levels = np.empty((len(raster), settings.height, settings.width), np.uint8)
    if not len(raster):
        return levels
    lows = raster.values.min(axis=(1, 2)).astype(np.float64)
    highs = raster.values.max(axis=(1, 2)).astype(np.float64)
    # A NaN anywhere is in the minimum and an infinity is in one of the two, so the whole
    # raster need not be looked through again.
    finite = np.isfinite(lows) & np.isfinite(highs)
    if not finite.all():
        raise Inapplicable(
            f"Clip {int(np.argmin(finite))} of the batch has a {raster.rows.name} against "
            f"{raster.columns.name} raster with values that are not finite numbers, and those "
            "cannot be drawn: look for NaN in the recording, or for an improvement that "
            "divides by zero."
        )
    if raster.scale == "coverage":
        lows, highs = np.zeros_like(lows), np.ones_like(highs)
    scratch = np.empty((settings.height, settings.width), np.float32)
    for clip, low, high, level in zip(raster.values, lows, highs, levels, strict=True):
        _quantise(clip, float(low), float(high), scratch, level)
    return levels


def _quantise(
    clip: NDArray[np.float32],
    low: float,
    high: float,
    scratch: NDArray[np.float32],
    levels: NDArray[np.uint8],
) -> None:
    """Write one clip's levels [shape=(height, width)]; `scratch`, of that shape, is worked in."""
    import cv2

    span = high - low
    if span < LEAST_SPAN:
        levels[...] = 0
        return
    exponent = math.frexp(span)[1]
    if abs(exponent) > LARGEST_EXPONENT:
        clip, low = np.ldexp(clip, -exponent), math.ldexp(low, -exponent)
        span = math.ldexp(span, -exponent)
    # OpenCV rounds to even and saturates; minus a half, that is the floor, and 256 becomes 255.
    resized = _resized(clip[::-1] - np.float32(low), scratch)
    cv2.convertScaleAbs(resized, dst=levels, alpha=LEVELS / span, beta=-0.5)


def _resized(values: NDArray[np.float32], scratch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shrink by areas, so that no cell is skipped; grow by straight lines, to `scratch`'s size.

    Growing by nearest neighbours would keep the cells' edges, but 129 rows on 224 pixels make
    cells of one and of two pixels in turn: a pattern of the picture's size, not of the signal,
    that gradients (HOG) and JPEG both pick up.
    """
    import cv2

    resized: NDArray[Any] = values
    (rows, columns), (height, width) = values.shape, scratch.shape
    if height < rows or width < columns:
        size = (min(width, columns), min(height, rows))
        resized = cv2.resize(resized, size, interpolation=cv2.INTER_AREA)
    return grown(resized, scratch)


def grown(values: NDArray[np.float32], scratch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Enlarge by straight lines to the size of `scratch`, which is worked in."""
    import cv2

    height, width = scratch.shape
    if (height, width) == values.shape:
        return values
    enlarged: NDArray[Any] = cv2.resize(
        values, (width, height), scratch, interpolation=cv2.INTER_LINEAR
    )
    return enlarged
