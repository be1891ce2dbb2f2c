"""Pictures of 256 levels in few bytes, and back to the same levels.

A picture is mostly enlarged from a raster that has a third to an eighth as many cells. The cells
are therefore kept, in 12 bits, together with what the picture made of them misses: one level in
about one of a hundred pixels. Where there is no smaller raster the levels themselves are
compressed.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.pictures.colours import LEVELS
from harness.pictures.planes import grown
from harness.values import PictureSettings, Raster

STEPS = 16
"""Of a cell's value within one level: 4 bits beyond the 8 of a level."""
WORTHWHILE = 2.0
"""Pixels a cell from which on cells take less room than levels."""
SMALLEST = 1e-30
"""A range that float32 can still be divided by; a smaller one counts as none."""
_HEAD = struct.Struct("<HHII")
"""Rows and columns of the cells, none where they are not kept; the bytes of their two parts."""


def cells_of(raster: Raster, settings: PictureSettings) -> NDArray[np.uint16] | None:
    """Return rasters in steps of a sixteenth level [shape=(clips, rows, columns)], top row first.

    None where pictures of that size are not much larger than the raster.
    """
    rows, columns = raster.values.shape[1:]
    fits = rows <= settings.height and columns <= settings.width
    if not fits or settings.height * settings.width < WORTHWHILE * rows * columns:
        return None
    lows, spans = _ranges(raster)
    if not np.isfinite(spans).all():
        return None
    scales = np.zeros_like(spans)
    np.divide(LEVELS * STEPS, spans, out=scales, where=spans > SMALLEST)
    cells = raster.values[:, ::-1] - lows[:, None, None]
    cells *= scales[:, None, None]
    cells += np.float32(0.5)
    np.minimum(cells, LEVELS * STEPS - 1, out=cells)
    return cells.astype(np.uint16)


def _ranges(raster: Raster) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the lowest value of each clip, and how far it is to the highest."""
    if raster.scale == "coverage":
        return np.zeros(len(raster), np.float32), np.ones(len(raster), np.float32)
    lows = raster.values.min(axis=(1, 2))
    with np.errstate(over="ignore"):
        return lows, raster.values.max(axis=(1, 2)) - lows


def pack(plane: NDArray[np.uint8], cells: NDArray[np.uint16] | None) -> bytes:
    """Put one picture [shape=(height, width)] into few bytes.

    Parameters
    ----------
    cells : array [shape=(rows, columns)]
        What it was enlarged from, by `cells_of`.
    """
    if cells is None:
        return _HEAD.pack(0, 0, 0, 0) + _compressed(plane)
    coarse, fine = _parted(cells)
    missed = plane - _restored(cells, plane.shape)
    parts = [_compressed(each) for each in (coarse, fine, missed)]
    return _HEAD.pack(*cells.shape, len(parts[0]), len(parts[1])) + b"".join(parts)


def unpack(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the picture [shape=(height, width)] that was packed."""
    rows, columns, first, second = _HEAD.unpack_from(data)
    middle, last = _HEAD.size + first, _HEAD.size + first + second
    plane = _expanded(data[last:], size)
    if not rows:
        return plane
    coarse = _expanded(data[_HEAD.size : middle], (rows, columns))
    fine = _expanded(data[middle:last], ((rows * columns + 1) // 2,))
    return plane + _restored(_joined(coarse, fine), size)


def _restored(cells: NDArray[np.uint16], size: tuple[int, ...]) -> NDArray[np.uint8]:
    """Enlarge cells as their raster was, and floor them to levels."""
    import cv2

    scratch = np.empty(size, np.float32)
    values = grown(cells.astype(np.float32), scratch)
    return np.asarray(cv2.convertScaleAbs(values, alpha=1 / STEPS, beta=-0.5), np.uint8)


def _parted(cells: NDArray[np.uint16]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Part cells into levels, each less its left neighbour, and their 4 bits beyond, by twos."""
    levels = (cells >> np.uint16(4)).astype(np.uint8)
    coarse = levels.copy()
    coarse[:, 1:] -= levels[:, :-1]
    half = (cells.size + 1) // 2
    fine = cells.astype(np.uint8).ravel() & np.uint8(15)
    both = fine[:half].copy()
    both[: cells.size - half] |= fine[half:] << np.uint8(4)
    return coarse, both


def _joined(coarse: NDArray[np.uint8], both: NDArray[np.uint8]) -> NDArray[np.uint16]:
    fine = np.concatenate([both & np.uint8(15), both >> np.uint8(4)])[: coarse.size]
    cells = np.cumsum(coarse, axis=1, dtype=np.uint8).astype(np.uint16)
    cells <<= np.uint16(4)
    cells |= fine.reshape(cells.shape)
    return cells


@cache
def _codec() -> Any:
    import pyarrow

    return pyarrow.Codec("zstd", compression_level=1)


def _compressed(values: NDArray[np.uint8]) -> bytes:
    data: bytes = _codec().compress(np.ascontiguousarray(values), asbytes=True)
    return data


def _expanded(data: bytes, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    size = int(np.prod(shape))
    values = np.frombuffer(_codec().decompress(data, size, asbytes=True), np.uint8)
    return values.reshape(shape)
