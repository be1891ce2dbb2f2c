"""Sun's and NeXT's AU, and Apple's CAF: short headers in front of the samples.

AU: Sun Microsystems, audio(5); CAF: Apple, Core Audio Format Specification 1.0.
"""

from __future__ import annotations

import struct

from harness import BadClip
from plugins.datasets.containers.chunks import CORE_AUDIO, walk
from plugins.datasets.containers.forms import (
    Form,
    check_rate_and_channels,
    float_encoding,
    integer_encoding,
)
from plugins.datasets.containers.headers import Header, split_pieces

AU_MAGIC = {b".snd": ">", b"dns.": "<"}
AU_ENCODINGS = {
    1: "ULAW", 2: "PCM_S8", 3: "PCM_16", 4: "PCM_24", 5: "PCM_32", 6: "FLOAT", 7: "DOUBLE",
    27: "ALAW",
}  # fmt: skip
AU_HEADER_BYTES = 24

CAF_FLOAT, CAF_LITTLE_ENDIAN = 1, 2
CAF_LAWS = {b"ulaw": "ULAW", b"alaw": "ALAW"}
CAF_EDIT_COUNT = 4

_DESCRIPTION = struct.Struct(">d4sLLLLL")


def read_au(data: bytes) -> Header:
    """Read the header of an AU file.

    Raises
    ------
    BadClip
        A number in it makes no sense.
    """
    order = AU_MAGIC[data[:4]]
    if len(data) < AU_HEADER_BYTES:
        raise BadClip(f"is cut off in its header: {len(data)} of {AU_HEADER_BYTES} bytes are there")
    start, size, encoding, rate, channels = struct.unpack_from(order + "LLLLL", data, 4)
    if start < AU_HEADER_BYTES or start > max(len(data), 1 << 20):
        raise BadClip(f"promises samples from byte {start} on in its header, which is damaged")
    check_rate_and_channels(rate, channels)
    form = Form(float(rate), channels, AU_ENCODINGS.get(encoding, ""), order)
    return Header("AU", form, start=min(start, len(data)), claims=(size,))


def read_caf(data: bytes) -> Header:
    """Read the header of a CAF file.

    Raises
    ------
    BadClip
        A number in it makes no sense.
    """
    chunks = list(walk(data, 8, CORE_AUDIO))
    described = next((each for each in chunks if each.name == b"desc"), None)
    found = [each for each in chunks if each.name == b"data"]
    if len(found) > 1:
        raise BadClip(f"has {len(found)} data chunks, where CAF allows one")
    _, last = split_pieces(found)
    form = None if described is None else _caf_form(data, described.start)
    start = None if last is None else min(last.start + CAF_EDIT_COUNT, len(data))
    claims = () if last is None else (max(last.size - CAF_EDIT_COUNT, -1),)
    return Header("CAF", form, start=start, claims=claims, style=CORE_AUDIO)


def _caf_form(data: bytes, at: int) -> Form:
    if at + _DESCRIPTION.size > len(data):
        raise BadClip("is cut off in its header")
    rate, kind, flags, packet_bytes, _, channels, bits = _DESCRIPTION.unpack_from(data, at)
    check_rate_and_channels(rate, channels)
    order = "<" if flags & CAF_LITTLE_ENDIAN else ">"
    if kind in CAF_LAWS:
        return Form(rate, channels, CAF_LAWS[kind], order)
    if kind != b"lpcm":
        return Form(rate, channels, "", order)
    width, needed = packet_bytes // channels, (bits + 7) // 8
    if packet_bytes % channels or (width, needed) not in ((needed, needed), (4, 3)):
        raise BadClip(
            f"promises frames of {packet_bytes} bytes in its header, but {channels} channels of "
            f"{bits} bits take {channels * needed}: its header is damaged"
        )
    encoding = (
        float_encoding(bits) if flags & CAF_FLOAT else integer_encoding(width, "PCM_S8", bits)
    )
    form = Form(rate, channels, encoding, order)
    if form.frame_bytes != packet_bytes:
        raise BadClip(
            f"promises frames of {packet_bytes} bytes in its header, but its samples take "
            f"{form.frame_bytes}: its header is damaged"
        )
    return form
