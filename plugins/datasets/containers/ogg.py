"""The pages of an Ogg file (RFC 3533, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from harness import BadClip

MAGIC = b"OggS"
HEADER_BYTES = 27
FIRST, LAST = 2, 4


class Page(NamedTuple):
    """Where a page begins and ends, and its flags."""

    start: int
    end: int
    flags: int


def streams_of(data: bytes) -> tuple[list[bytes], tuple[str, ...]]:
    """Cut an Ogg file into the streams that follow each other in it.

    Returns
    -------
    streams
        Each a file by itself; nearly always one.
    notes
        What is odd about the pages.

    Raises
    ------
    BadClip
        A page is cut off.
    """
    pages = list(_pages(data))
    if not pages:
        raise BadClip(f"is truncated: {len(data)} bytes are less than an Ogg page")
    notes = []
    if rest := len(data) - pages[-1].end:
        notes.append(f"{rest} bytes after its last Ogg page are no samples and were passed over")
    if not pages[-1].flags & LAST:
        notes.append(
            "its last Ogg page is not marked as the last: the recording may be cut off; all that "
            "is there was read"
        )
    begins = [
        page.start
        for before, page in pairwise(pages)
        if page.flags & FIRST and not before.flags & FIRST
    ]
    cuts = [0, *begins, pages[-1].end]
    if begins:
        notes.append(f"holds {len(begins) + 1} Ogg streams: all were read, one after the other")
    return [data[a:b] for a, b in pairwise(cuts)], tuple(notes)


def _pages(data: bytes) -> Iterator[Page]:
    at = 0
    while data.startswith(MAGIC, at):
        count = data[at + 26] if at + 26 < len(data) else 0
        segments = data[at + HEADER_BYTES : at + HEADER_BYTES + count]
        end = at + HEADER_BYTES + count + sum(segments)
        if at + HEADER_BYTES > len(data) or len(segments) < count or end > len(data):
            raise BadClip(
                f"is truncated: its last Ogg page promises {end - at} bytes or more, "
                f"{len(data) - at} are there"
            )
        yield Page(at, end, data[at + 5])
        at = end
