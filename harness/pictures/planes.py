"""Rasters become planes: each clip stretched over 256 levels and resized, without colours.

A picture is mostly enlarged from a raster that has a third to an eighth as many cells. Its cells
are then what is kept of it, in 4096 steps; its pixels are made of them when somebody looks. Where
there is no smaller raster the pixels themselves are kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import Inapplicable
from harness.pictures.colours import LEVELS
from harness.values import PictureSettings, Raster

STEPS = 16
"""Of a cell's value within one level: 4 bits beyond the 8 of a level."""
WORTHWHILE = 2.0
"""Pixels a cell from which on cells take less room than pixels."""
LEAST_SPAN = float(np.finfo(np.float32).tiny)
LARGEST_EXPONENT = 100
"""Of the power of two that a clip's range may be without danger to float32 arithmetic."""

Cells = NDArray[np.uint16] | NDArray[np.uint8]
"""What is kept of a picture: cells in steps of a sixteenth of a level, or its pixels in levels."""


def planes(raster: Raster, settings: PictureSettings) -> NDArray[np.uint8]:
    """Turn rasters into pictures of 256 levels, without colours: `cells_of`, then `enlarge`.

    Returns
    -------
    array [shape=(clips, height, width)], uint8
        Row 0 is the top of the picture, which is the last row of the raster.

    Raises
    ------
    Inapplicable
        As `cells_of`.
    """
    kept = cells_of(raster, settings)
    if kept.dtype == np.uint8:
        return kept.astype(np.uint8, copy=False)
    levels = np.empty((len(raster), settings.height, settings.width), np.uint8)
    for each, plane in zip(kept, levels, strict=True):
        enlarge(each, plane)
    return levels


def cells_of(raster: Raster, settings: PictureSettings) -> Cells:
    """Stretch each clip over the levels, and keep its cells or, where it is shrunk, its pixels.

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
    array
        Cells [shape=(clips, rows, columns)], uint16, top row first; or levels
        [shape=(clips, height, width)], uint8, where pictures are not `WORTHWHILE` times as large.

    Raises
    ------
    Inapplicable
        A value is NaN or infinite, or the raster has no cells.
    """
    (rows, columns), (height, width) = raster.values.shape[1:], (settings.height, settings.width)
    if not rows or not columns:
        raise Inapplicable(f"A raster of {(rows, columns)} rows and columns has no cells.")
    smaller = rows <= height and columns <= width
    if smaller and height * width >= WORTHWHILE * rows * columns:
        cells = np.empty((len(raster), rows, columns), np.uint16)
        for (values, span), cell in zip(_stretched(raster), cells, strict=True):
            _quantise(values, span, cell)
        return cells
    levels = np.empty((len(raster), height, width), np.uint8)
    for (values, span), level in zip(_stretched(raster), levels, strict=True):
        _resize(values, span, level)
    return levels


def enlarge(cells: NDArray[np.uint16], plane: NDArray[np.uint8]) -> None:
    """Write the picture [shape=(height, width)] that cells [shape=(rows, columns)] stand for."""
    levels_of(_grown(cells.astype(np.float32), plane.shape), plane)


def levels_of(cells: NDArray[Any], levels: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Return the levels that cells are in, or values between them."""
    import cv2

    # A cell stands for the middle of its step; OpenCV rounds, and half a level less is the floor.
    found = cv2.convertScaleAbs(cells, dst=levels, alpha=1 / STEPS, beta=0.5 / STEPS - 0.5)
    return np.asarray(found, np.uint8)


def _stretched(raster: Raster) -> Iterator[tuple[NDArray[np.float32], float]]:
    """Yield how far each cell of a clip lies above the lowest, top row first, and the range."""
    for values, low, high in zip(raster.values, *_ranges(raster), strict=True):
        span = float(high) - float(low)
        exponent = math.frexp(span)[1]
        if abs(exponent) > LARGEST_EXPONENT and span >= LEAST_SPAN:
            yield (
                np.ldexp(values[::-1], -exponent) - np.float32(math.ldexp(low, -exponent)),
                math.ldexp(span, -exponent),
            )
        else:
            yield values[::-1] - low, span


def _ranges(raster: Raster) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the lowest and the highest value of each clip."""
    lows, highs = raster.values.min(axis=(1, 2)), raster.values.max(axis=(1, 2))
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
        return np.zeros_like(lows), np.ones_like(highs)
    return lows, highs


def _quantise(values: NDArray[np.float32], span: float, cells: NDArray[np.uint16]) -> None:
    """Write the steps that values above the lowest are in; both [shape=(rows, columns)]."""
    import cv2

    if span < LEAST_SPAN:
        cells[...] = 0
        return
    # OpenCV rounds to even and saturates; minus a half, that is the floor.
    scale = LEVELS * STEPS / span
    cv2.addWeighted(values, scale, values, 0, -0.5, cells, cv2.CV_16U)
    cv2.threshold(cells, LEVELS * STEPS - 1, 0, cv2.THRESH_TRUNC, cells)


def _resize(values: NDArray[np.float32], span: float, levels: NDArray[np.uint8]) -> None:
    """Write the levels of a clip [shape=(height, width)].

    Shrink by areas, so that no cell is skipped; grow by straight lines.
    """
    import cv2

    if span < LEAST_SPAN:
        levels[...] = 0
        return
    (rows, columns), (height, width) = values.shape, levels.shape
    if height < rows or width < columns:
        size = (min(width, columns), min(height, rows))
        values = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
    # As above; 256 becomes 255.
    cv2.convertScaleAbs(_grown(values, levels.shape), dst=levels, alpha=LEVELS / span, beta=-0.5)


def _grown(values: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.float32]:
    """Enlarge by straight lines.

    Growing by nearest neighbours would keep the cells' edges, but 129 rows on 224 pixels make
    cells of one and of two pixels in turn: a pattern of the picture's size, not of the signal,
    that gradients (HOG) and JPEG both pick up.
    """
    import cv2

    if values.shape == size:
        return values
    height, width = size
    enlarged: NDArray[Any] = cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR)
    return enlarged
