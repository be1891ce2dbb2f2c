"""Pictures in few bytes, and back to the same levels.

The cells that a picture is enlarged from are kept in 12 bits: their levels compressed, and the 4
bits beyond them as they are, for they are noise.
"""

from __future__ import annotations

import importlib
import math
import struct
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.pictures.planes import Cells, enlarge

_HEAD = struct.Struct("<HHI")
"""Rows and columns of the cells, none where they are not kept; the bytes of their levels."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One picture in few bytes, and its levels, without the steps between them."""

    data: bytes
    levels: NDArray[np.uint8]


def pack(cells: Cells) -> Packed:
    """Pack one picture [shape=(rows, columns)], as `harness.pictures.planes.cells_of` gives it."""
    if cells.dtype == np.uint8:
        levels = np.ascontiguousarray(cells, np.uint8)
        return Packed(_HEAD.pack(0, 0, 0) + _compressed(levels), levels)
    levels = (cells >> np.uint16(4)).astype(np.uint8)
    data = _compressed(levels)
    return Packed(b"".join((_HEAD.pack(*cells.shape, len(data)), data, _pairs(cells))), levels)


def unpack(data: bytes, plane: NDArray[np.uint8]) -> None:
    """Write the picture that was packed into an array of its size [shape=(height, width)]."""
    rows, columns, length = _HEAD.unpack_from(data)
    if not rows:
        plane[...] = _expanded(data[_HEAD.size :], plane.shape)
        return
    middle = _HEAD.size + length
    cells = _expanded(data[_HEAD.size : middle], (rows, columns)).astype(np.uint16)
    cells <<= np.uint16(4)
    cells |= _parted(data[middle:], cells.size).reshape(cells.shape)
    enlarge(cells, plane)


def _pairs(cells: Cells) -> bytes:
    """Put the 4 bits beyond the level two by two into bytes: the first half, and the second."""
    low, half = cells.astype(np.uint8).ravel(), (cells.size + 1) // 2
    both = low[:half] & np.uint8(15)
    both[: cells.size - half] |= low[half:] << np.uint8(4)
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
    data: bytes = compressor.compress(values, compressor.FLUSH_FRAME)
    return data


def _expanded(data: bytes, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    values = _zstd().ZstdDecompressor().decompress(data, math.prod(shape))
    return np.frombuffer(values, np.uint8).reshape(shape)
