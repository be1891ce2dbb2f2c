"""Arrays of numbers as the bytes of .npy files, written and read without pickle."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import StoreError

KINDS = "biuf"
"""Booleans, whole numbers, floats: their bytes say all, and nothing in them can be run."""
MOST_DIMENSIONS = 8
_FORMAT: Any = np.lib.format  # without types


def array_bytes(array: NDArray[Any]) -> bytes:
    """Write an array of numbers as a .npy file, little end first."""
    plain = np.ascontiguousarray(array)
    if array.ndim == 0:
        plain = plain.reshape(())
    plain = plain.astype(plain.dtype.newbyteorder("<"), copy=False)
    file = io.BytesIO()
    _FORMAT.write_array(file, plain, version=(1, 0), allow_pickle=False)
    return file.getvalue()


def read_array(data: bytes, where: str) -> NDArray[Any]:
    """Read the bytes of a .npy file; the array is read-only.

    Raises
    ------
    StoreError
        It is no array of numbers, or says that it is larger or smaller than it is.
    """
    file = io.BytesIO(data)
    try:
        if _FORMAT.read_magic(file) != (1, 0):
            raise ValueError("it is of another version of the format")
        shape, fortran, dtype = _FORMAT.read_array_header_1_0(file)
    except Exception as error:  # a stranger's bytes: NumPy stumbles over them in many ways
        raise StoreError(f"{where} is no array that can be read: {str(error)[:120]}.") from None
    if dtype.kind not in KINDS or dtype.hasobject or fortran or len(shape) > MOST_DIMENSIONS:
        raise StoreError(f"{where} is an array of {dtype}, which is not read.")
    rest = memoryview(data)[file.tell() :]
    if any(side < 0 for side in shape) or math.prod(shape) * dtype.itemsize != len(rest):
        raise StoreError(f"{where} says that its shape is {shape}, which is not what it holds.")
    found: NDArray[Any] = np.frombuffer(rest, dtype).reshape(shape)
    return found.astype(dtype.newbyteorder("="), copy=False)
