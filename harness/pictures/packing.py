"""Pictures of 256 levels in few bytes, and back to the same levels.

A picture is mostly enlarged from a raster that has a third to an eighth as many cells. The cells
are therefore kept, in 12 bits, together with what the picture made of them misses: one level in
about one of a hundred pixels. Where there is no smaller raster the levels themselves are
compressed.
"""

from __future__ import annotations

import importlib
import math
import struct
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.pictures.colours import LEVELS
from harness.pictures.planes import grown
from harness.values import PictureSettings, Raster

STEPS = 16
"""Of a cell's value within one level: 4 bits beyond the 8 of a level."""
BELOW_ALL = LEVELS * STEPS - 0.5
"""Steps of the whole range; float32 rounds none up to the next step."""
WORTHWHILE = 2.0
"""Pixels a cell from which on cells take less room than levels."""
SMALLEST = 1e-30
"""A range that float32 can still be divided by; a smaller one counts as none."""
_HEAD = struct.Struct("<HHI")
"""Rows and columns of the cells, none where they are not kept; the bytes of their levels."""


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
    np.divide(BELOW_ALL, spans, out=scales, where=spans > SMALLEST)
    cells = raster.values[:, ::-1] - lows[:, None, None]
    cells *= scales[:, None, None]
    if raster.scale == "coverage":  # its range is fixed, whatever the values are
        np.clip(cells, 0, BELOW_ALL, out=cells)
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
        return _HEAD.pack(0, 0, 0) + _compressed(plane)
    missed = plane - _restored(cells, plane.shape)
    levels = _compressed((cells >> np.uint16(4)).astype(np.uint8))
    head = _HEAD.pack(*cells.shape, len(levels))
    return b"".join((head, levels, _pairs(cells), _compressed(missed)))


def unpack(data: bytes, plane: NDArray[np.uint8]) -> None:
    """Write the picture that was packed into an array of its size [shape=(height, width)]."""
    rows, columns, length = _HEAD.unpack_from(data)
    if not rows:
        plane[...] = _expanded(data[_HEAD.size :], plane.shape)
        return
    middle = _HEAD.size + length
    last = middle + (rows * columns + 1) // 2
    cells = _expanded(data[_HEAD.size : middle], (rows, columns)).astype(np.uint16)
    cells <<= np.uint16(4)
    cells |= _parted(data[middle:last], cells.size).reshape(cells.shape)
    np.add(_restored(cells, plane.shape), _expanded(data[last:], plane.shape), out=plane)


def _restored(cells: NDArray[np.uint16], size: tuple[int, ...]) -> NDArray[np.uint8]:
    """Enlarge cells as their raster was, and floor them to levels."""
    import cv2

    scratch = np.empty(size, np.float32)
    values = grown(cells.astype(np.float32), scratch)
    # A cell stands for the middle of its step; OpenCV rounds, and half a level less is the floor.
    middle = 0.5 / STEPS
    return np.asarray(cv2.convertScaleAbs(values, alpha=1 / STEPS, beta=middle - 0.5), np.uint8)


def _pairs(cells: NDArray[np.uint16]) -> bytes:
    """Put the 4 bits beyond the level two by two into bytes; they are noise, so no smaller."""
    fine, half = cells.astype(np.uint8).ravel() & np.uint8(15), (cells.size + 1) // 2
    both = fine[:half].copy()
    both[: cells.size - half] |= fine[half:] << np.uint8(4)
    return both.tobytes()


def _parted(pairs: bytes, count: int) -> NDArray[np.uint8]:
    both = np.frombuffer(pairs, np.uint8)
    fine: NDArray[np.uint8] = np.concatenate([both & np.uint8(15), both >> np.uint8(4)])
    return fine[:count]


@cache
def _zstd() -> Any:
    """Return the module; Python has it from 3.14 on."""
    with suppress(ImportError):
        return importlib.import_module("compression.zstd")
    from backports import zstd

    return zstd


@cache
def _compressor() -> Any:
    """Return what makes one frame after another; to prepare one for each takes a third as long."""
    return _zstd().ZstdCompressor(level=1)


def _compressed(values: NDArray[np.uint8]) -> bytes:
    compressor = _compressor()
    data: bytes = compressor.compress(np.ascontiguousarray(values), compressor.FLUSH_FRAME)
    return data


def _expanded(data: bytes, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    values = _zstd().ZstdDecompressor().decompress(data, math.prod(shape))
    return np.frombuffer(values, np.uint8).reshape(shape)
