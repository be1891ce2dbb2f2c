"""Walking the chunks of a file: a name, a size, that many bytes, the next chunk."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

MOST_CHUNKS = 10_000
TAIL_BYTES, TAIL_TRIALS = 65536, 16

TRAILERS = (
    b"LIST", b"INFO", b"bext", b"cue ", b"smpl", b"fact", b"iXML", b"axml", b"id3 ", b"ID3 ",
    b"PEAK", b"inst", b"acid", b"JUNK", b"junk", b"PAD ", b"FLLR", b"afsp", b"DISP", b"chna",
    b"_PMX", b"aXML", b"levl", b"strc", b"wamd", b"guan", b"COMM", b"COMT", b"NAME", b"AUTH",
    b"ANNO", b"(c) ", b"MARK", b"INST", b"APPL", b"CHAN", b"fmt ", b"data", b"SSND", b"info",
    b"free", b"chan", b"mark", b"strg", b"uuid", b"list", b"summ",
)  # fmt: skip
"""Chunks that follow samples; a file that is cut inside one of them still has its samples."""

_TRAILER = re.compile(b"|".join(re.escape(each) for each in TRAILERS))
_NAME = re.compile(rb"[\x20-\x7e]{4}")


class Style(NamedTuple):
    """How a container writes its chunks.

    Parameters
    ----------
    header
        What stands before a chunk's content: its name, of which four bytes tell, and its size.
    counts_itself
        True where the size counts the chunk's own header.
    align
        Chunks begin at multiples of it.
    """

    header: struct.Struct
    counts_itself: bool
    align: int


IFF_BIG = Style(struct.Struct(">4sL"), False, 2)
IFF_LITTLE = Style(struct.Struct("<4sL"), False, 2)
WAVE64 = Style(struct.Struct("<4s12xQ"), True, 8)
CORE_AUDIO = Style(struct.Struct(">4sq"), False, 1)


class Chunk(NamedTuple):
    """One chunk: its name, the first byte of its content, the size that it promises."""

    name: bytes
    start: int
    size: int


def walk(data: bytes, at: int, style: Style) -> Iterator[Chunk]:
    """Yield the chunks from a place on, until one has no name or runs out of the file."""
    header, counts_itself, align = style
    header_bytes = header.size
    for _ in range(MOST_CHUNKS):
        start = at + header_bytes
        if start > len(data) or not _NAME.match(data, at):
            return
        name, size = header.unpack_from(data, at)
        if counts_itself:
            size -= header_bytes
        yield Chunk(name, start, size)
        if size < 0:
            return
        at = start + size
        if padding := -size % align:
            at = _behind_padding(data, at, padding, align)


def _behind_padding(data: bytes, end: int, padding: int, align: int) -> int:
    """Return where the next chunk begins; some writers leave the pad byte out."""
    odd = align == 2 and end < len(data)
    unpadded = odd and data[end] != 0 and _NAME.match(data, end)
    return end if unpadded else end + padding


def chunks_follow(data: bytes, end: int, style: Style) -> bool:
    """Say whether chunks begin where others end, with or without the pad byte between."""
    padded = end + 1 if style.align == 2 else end + -end % style.align
    return any(_begins_chunks(data, place, style) for place in (end, padded))


def _begins_chunks(data: bytes, at: int, style: Style) -> bool:
    first = next(walk(data, at, style), None)
    return first is not None and (first.name in TRAILERS or _tiles(data, at, style))


def tail_of_chunks(data: bytes, start: int, style: Style) -> int | None:
    """Find the first byte of the chunks that end a file, where no size leads to them."""
    begin = max(start, len(data) - TAIL_BYTES)
    for trial, found in enumerate(_TRAILER.finditer(data, begin)):
        if trial == TAIL_TRIALS:
            return None
        if _tiles(data, found.start(), style):
            return found.start()
    return None


def _tiles(data: bytes, at: int, style: Style) -> bool:
    end = at
    for chunk in walk(data, at, style):
        end = chunk.start + chunk.size
    return end > at and end <= len(data) <= end + style.align - 1
