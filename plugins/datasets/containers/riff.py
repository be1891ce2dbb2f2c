"""WAV and its kin: RIFF, RIFX, RF64, BW64, and Sony's Wave64.

RIFF and WAVE: Microsoft and IBM, Multimedia Programming Interface 1.0 (1991); RF64: EBU Tech
3306; BW64: ITU-R BS.2088; Wave64: Sonic Foundry's specification.
"""

from __future__ import annotations

import struct
from functools import lru_cache

from harness import BadClip
from plugins.datasets.containers.chunks import IFF_BIG, IFF_LITTLE, WAVE64, Chunk, walk
from plugins.datasets.containers.forms import (
    Form,
    check_rate_and_channels,
    float_encoding,
    integer_encoding,
)
from plugins.datasets.containers.headers import Header, only_size, split_pieces

RIFFS = (b"RIFF", b"RIFX", b"RF64", b"BW64")
WAVE64_RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")
WAVE64_WAVE = bytes.fromhex("77617665f3acd3118cd100c04f8edb8a")
PCM, IEEE_FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
LAWS = {A_LAW: "ALAW", MU_LAW: "ULAW"}
SIZE_IN_DS64 = 0xFFFFFFFF

_FIELDS = "HHLLHH"
_FIELDS_BYTES = 16
_SUBFORMAT_AT = 24


def read_riff(data: bytes) -> Header:
    """Read the header of a RIFF, RIFX, RF64 or BW64 file of the kind WAVE.

    Raises
    ------
    BadClip
        A number in it makes no sense.
    """
    style = IFF_BIG if data.startswith(b"RIFX") else IFF_LITTLE
    order = ">" if style is IFF_BIG else "<"
    chunks = list(walk(data, 12, style))
    pieces, last = split_pieces([each for each in chunks if each.name == b"data"])
    first_size = struct.unpack_from(order + "L", data, 4)[0]
    claims: tuple[int, ...] = () if last is None else (last.size,)
    if data[:2] != b"RI":
        first_size, claims = _sizes_of_ds64(data, chunks, first_size, claims)
    known = only_size(first_size)
    return Header(
        kind="WAV",
        form=_form(data, chunks, order),
        pieces=pieces,
        start=last.start if last else None,
        claims=claims,
        outer_end=None if known is None else known + 8,
        style=style,
    )


def _sizes_of_ds64(
    data: bytes, chunks: list[Chunk], first_size: int, claims: tuple[int, ...]
) -> tuple[int, tuple[int, ...]]:
    """Put the 64-bit sizes of the chunk "ds64" in the place of 32-bit ones that say so."""
    found = next((each for each in chunks if each.name == b"ds64"), None)
    if found is None or found.start + 16 > len(data):
        return first_size, claims
    riff, samples = struct.unpack_from("<QQ", data, found.start)
    first = riff if first_size == SIZE_IN_DS64 else first_size
    if not claims or claims[0] == SIZE_IN_DS64:
        return first, (samples,) if claims else ()
    return first, tuple(dict.fromkeys((*claims, samples)))


def read_wave64(data: bytes) -> Header:
    """Read the header of a Wave64 file.

    Raises
    ------
    BadClip
        A number in it makes no sense.
    """
    chunks = list(walk(data, 40, WAVE64))
    pieces, last = split_pieces([each for each in chunks if each.name == b"data"])
    return Header(
        kind="Wave64",
        form=_form(data, chunks, "<"),
        pieces=pieces,
        start=last.start if last else None,
        claims=() if last is None else (last.size,),
        outer_end=only_size(struct.unpack_from("<Q", data, 16)[0]),
        style=WAVE64,
    )


def _form(data: bytes, chunks: list[Chunk], order: str) -> Form | None:
    """Read the chunk "fmt "; None where there is none."""
    contents = {
        data[each.start : each.start + each.size] for each in chunks if each.name == b"fmt "
    }
    if len(contents) > 1:
        raise BadClip("has two fmt chunks that disagree: its header is damaged")
    content = next(iter(contents), None)
    if content is None:
        return None
    if len(content) < _FIELDS_BYTES:
        raise BadClip(
            f"has a fmt chunk of {len(content)} bytes where {_FIELDS_BYTES} are needed: its header "
            "is damaged"
        )
    fields = struct.unpack_from(order + _FIELDS, content)
    inner = None
    if fields[0] == EXTENSIBLE and len(content) >= _SUBFORMAT_AT + 2:
        inner = struct.unpack_from(order + "H", content, _SUBFORMAT_AT)[0]
    return _form_of(order, fields, inner)


@lru_cache(maxsize=64)
def _form_of(order: str, fields: tuple[int, ...], inner: int | None) -> Form:
    """Check what most files of a dataset have in common, once for all of them."""
    tag, channels, rate, byte_rate, block, bits = fields
    tag = tag if inner is None else inner
    check_rate_and_channels(rate, channels)
    if tag not in (PCM, IEEE_FLOAT, A_LAW, MU_LAW):
        return Form(float(rate), channels, "", order)
    bits = 8 if tag in LAWS else bits
    width, notes = _width(channels, bits, block, byte_rate / rate)
    if not notes and byte_rate not in (0, rate * block):
        notes = (
            f"its header promises {rate} samples per second, and {byte_rate} bytes per second, "
            f"which {rate * block} would be: the former was believed",
        )
    return Form(float(rate), channels, _encoding(tag, width, bits), order, notes)


def _encoding(tag: int, width: int, bits: int) -> str:
    if tag in LAWS:
        return LAWS[tag]
    if tag == IEEE_FLOAT:
        return float_encoding(bits)
    return integer_encoding(width, "PCM_U8", bits)


def _width(
    channels: int, bits: int, block: int, bytes_a_frame: float
) -> tuple[int, tuple[str, ...]]:
    """Return the bytes of a sample; where the header disagrees with itself, a majority decides."""
    width = (bits + 7) // 8
    if block == channels * width:
        return width, ()
    if block == channels * 4 and width == 3:
        return 4, ()
    if bytes_a_frame == channels * width or block == 0:
        return width, (
            f"its header promises frames of {block} bytes, {channels} channels of {bits} bits "
            f"take {channels * width}: the latter was believed",
        )
    raise BadClip(
        f"promises frames of {block} bytes in its header, but {channels} channels of {bits} bits "
        f"take {channels * width}: its header is damaged"
    )
