"""Pictures in few bytes, and back to the same levels.

Of cells, 12 bits of 16 are used, and the upper ones change slowly: bits of one place are put side
by side, and LZ4 finds what repeats among them. Pixels repeat as they are, which Zstandard finds.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.pictures.planes import Cells, enlarge, levels_of

_HEAD = struct.Struct("<HHI")
"""Rows and columns of the cells, none where pixels are kept; the bytes that follow."""
_TOGETHER = 8
"""Cells whose bits are put side by side; what is left of them at the end stays as it is."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One picture in few bytes, and its levels, without the steps between them."""

    data: bytes
    levels: NDArray[np.uint8]


def pack(cells: Cells) -> Packed:
    """Pack one picture [shape=(rows, columns)], as `harness.pictures.planes.cells_of` gives it."""
    if cells.dtype == np.uint8:
        data: bytes = _codecs().pixels.encode(cells)
        return Packed(_HEAD.pack(0, 0, len(data)) + data, cells.astype(np.uint8, copy=False))
    flat = cells.ravel()
    whole = flat.size // _TOGETHER * _TOGETHER
    data = _codecs().cells.encode(flat[:whole]) if whole else b""
    packed = b"".join((_HEAD.pack(*cells.shape, len(data)), data, flat[whole:].tobytes()))
    return Packed(packed, levels_of(cells))


def unpack(data: bytes, plane: NDArray[np.uint8]) -> None:
    """Write the picture that was packed into an array of its size [shape=(height, width)]."""
    rows, columns, length = _HEAD.unpack_from(data)
    start, end = _HEAD.size, _HEAD.size + length
    if not rows:
        _codecs().pixels.decode(data[start:end], plane)
        return
    cells = np.empty(rows * columns, np.uint16)
    whole = cells.size // _TOGETHER * _TOGETHER
    if whole:
        _codecs().cells.decode(data[start:end], cells[:whole])
    cells[whole:] = np.frombuffer(data[end:], np.uint16)
    enlarge(cells.reshape(rows, columns), plane)


@dataclass(frozen=True, slots=True)
class _Codecs:
    """What packs cells, and what packs pixels."""

    cells: Any
    pixels: Any


@cache
def _codecs() -> _Codecs:
    from numcodecs import blosc
    from numcodecs.zstd import Zstd

    if hasattr(blosc, "_MUTEX_IS_INIT"):  # before 0.17: a lock that leaks where a worker is killed
        blosc._MUTEX_IS_INIT = True
    cells = blosc.Blosc(cname="lz4", clevel=1, shuffle=blosc.BITSHUFFLE)
    return _Codecs(cells, Zstd(level=1))
