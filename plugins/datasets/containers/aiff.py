"""AIFF and AIFF-C.

Apple, Audio Interchange File Format, version 1.3 (1989), and AIFF-C, draft of 1991.
"""

from __future__ import annotations

import math
import struct
from functools import lru_cache

from harness import BadClip
from plugins.datasets.containers.chunks import IFF_BIG, walk
from plugins.datasets.containers.forms import (
    Form,
    check_rate_and_channels,
    integer_encoding,
)
from plugins.datasets.containers.headers import Header, only_size

KINDS = {
    b"fl32": "FLOAT", b"FL32": "FLOAT", b"fl64": "DOUBLE", b"FL64": "DOUBLE",
    b"in24": "PCM_24", b"42ni": "PCM_24", b"in32": "PCM_32", b"23ni": "PCM_32",
    b"raw ": "PCM_U8", b"ulaw": "ULAW", b"ULAW": "ULAW", b"alaw": "ALAW", b"ALAW": "ALAW",
}  # fmt: skip
"""Kinds of AIFF-C that say how wide a sample is, whatever the header's bits say."""

PLAIN_KINDS = (b"NONE", b"twos", b"sowt")
LITTLE_ENDIAN = (b"sowt", b"42ni", b"23ni")
MANTISSA_BITS, EXPONENT_BIAS, SIGN = 63, 16383, 0x8000

_COMMON = struct.Struct(">hLhHQ")
_LONG = struct.Struct(">L")
_OFFSET_AND_BLOCK = 8


def read_aiff(data: bytes) -> Header:
    """Read the header of an AIFF or AIFF-C file.

    Raises
    ------
    BadClip
        A number in it makes no sense.
    """
    chunks = list(walk(data, 12, IFF_BIG))
    common = [each for each in chunks if each.name == b"COMM"]
    form, frames = _form(data, common[0].start, common[0].size) if common else (None, 0)
    found = [each for each in chunks if each.name == b"SSND"]
    if len(found) > 1:
        raise BadClip(f"has {len(found)} SSND chunks, where AIFF allows one")
    outer = only_size(_LONG.unpack_from(data, 4)[0])
    start: int | None = None
    claims: tuple[int, ...] = ()
    if found and found[0].start + _OFFSET_AND_BLOCK <= len(data):
        _, at, size = found[0]
        (offset,) = _LONG.unpack_from(data, at)
        start, claims = _claims(form, frames, at, size, offset, len(data))
    return Header(
        kind="AIFF",
        form=form,
        start=start,
        claims=claims,
        outer_end=None if outer is None else outer + 8,
        style=IFF_BIG,
    )


def _claims(
    form: Form | None, frames: int, at: int, size: int, offset: int, file_size: int
) -> tuple[int, tuple[int, ...]]:
    """Return where the samples begin, and their size by SSND and by COMM."""
    if at + _OFFSET_AND_BLOCK + offset > max(file_size, at + size):
        raise BadClip(
            f"promises samples {offset} bytes into its SSND chunk, which has {size} bytes"
        )
    by_chunk = max(size - _OFFSET_AND_BLOCK - offset, 0)
    by_frames = frames * form.frame_bytes if form and form.encoding else by_chunk
    start = min(at + _OFFSET_AND_BLOCK + offset, file_size)
    return start, (by_chunk,) if by_frames == by_chunk else (by_chunk, by_frames)


def _form(data: bytes, at: int, size: int) -> tuple[Form, int]:
    """Read the chunk COMM: the form of the samples, and how many frames there are."""
    compressed = data[8:12] == b"AIFC"
    needed = _COMMON.size + (4 if compressed else 0)
    if min(size, len(data) - at) < needed:
        raise BadClip(
            f"has a COMM chunk of {min(size, len(data) - at)} bytes where {needed} are needed: "
            "its header is damaged"
        )
    channels, frames, bits, exponent, mantissa = _COMMON.unpack_from(data, at)
    kind = data[at + _COMMON.size : at + needed] if compressed else b"NONE"
    return _form_of(kind, channels, bits, exponent, mantissa), frames


@lru_cache(maxsize=64)
def _form_of(kind: bytes, channels: int, bits: int, exponent: int, mantissa: int) -> Form:
    """Check what most files of a dataset have in common, once for all of them."""
    rate = _extended(exponent, mantissa)
    check_rate_and_channels(rate, channels)
    order = "<" if kind in LITTLE_ENDIAN else ">"
    encoding = KINDS.get(kind, "")
    if kind in PLAIN_KINDS:
        encoding = integer_encoding((bits + 7) // 8, "PCM_S8", bits)
    return Form(rate, channels, encoding, order)


def _extended(exponent: int, mantissa: int) -> float:
    """Return an 80-bit floating-point number of IEEE 754 as a float."""
    if exponent & SIGN:
        return -_extended(exponent & ~SIGN, mantissa)
    try:
        return math.ldexp(mantissa, exponent - EXPONENT_BIAS - MANTISSA_BITS)
    except OverflowError:
        return math.inf
