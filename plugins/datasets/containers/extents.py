"""One rule for every container: the size promised is held against the bytes there, both ways.

Samples that are there are used, and a note says what the header said instead; a copy that was
cut off is refused with both numbers. Nothing is guessed from the samples themselves.
"""

from __future__ import annotations

from typing import NamedTuple

from harness import BadClip
from plugins.datasets.containers.chunks import chunks_follow, tail_of_chunks
from plugins.datasets.containers.headers import Header, is_placeholder

TAGS = (b"ID3", b"TAG", b"APETAGEX", b"LYRICSBEGIN")
TEXT = bytes((*b"\t\r\n", *range(32, 127)))


class Extent(NamedTuple):
    """Where the samples lie: first byte and size of each piece, and what was odd about it."""

    pieces: tuple[tuple[int, int], ...]
    notes: tuple[str, ...]


def settle(data: bytes, header: Header) -> Extent:
    """Say which bytes of a file are its samples.

    Raises
    ------
    BadClip
        There are none, or fewer than the header promises.
    """
    if header.start is None:
        raise BadClip(f"holds no samples: a {header.kind} file without a chunk of them")
    size, note = _last_piece(data, header, header.start)
    pieces = (*header.pieces, (header.start, size))
    held = tuple([piece for piece in pieces if piece[1] > 0])
    notes: tuple[str, ...] = (note,) if note else ()
    if len(held) > 1:
        notes += (f"holds {len(held)} chunks of samples: all were read, one after the other",)
    if not note and (lacking := (header.outer_end or 0) - len(data)) > 8:
        notes += (
            f"its first size promises {header.outer_end} bytes, {len(data)} are there; by its "
            f"other sizes none of the {lacking} are samples",
        )
    return Extent(held, notes)


def _last_piece(data: bytes, header: Header, start: int) -> tuple[int, str]:
    """Return the size of the last samples in bytes, and a note."""
    held = len(data) - start
    for claim in header.claims:
        if 0 <= claim <= held and _ends_at(data, start + claim, header):
            if len(header.claims) == 1:
                return claim, ""
            others = [each for each in header.claims if each != claim]
            return claim, _disagreement(others, claim) if others else ""
    held = _end(data, header, start) - start
    known = [claim for claim in header.claims if not is_placeholder(claim)]
    if not known:
        return held, _unknown(header, held) if held else ""
    promised = max(known)
    if promised > held:
        return held, _longer(data, header, promised, held)
    return _shorter(data, header, start, promised, held)


def _ends_at(data: bytes, end: int, header: Header) -> bool:
    """Say whether the file, or its samples, clearly end at a place."""
    if end == len(data):
        return True
    if header.style is None:
        return False
    padding = len(data) - end < header.style.align and not any(data[end:])
    return padding or chunks_follow(data, end, header.style)


def _end(data: bytes, header: Header, start: int) -> int:
    tail = tail_of_chunks(data, start, header.style) if header.style else None
    return len(data) if tail is None else tail


def _unknown(header: Header, held: int) -> str:
    says = f"its size is {header.claims[0]}" if header.claims else "its size is left open"
    return (
        f"its header does not say how many bytes of samples there are ({says}): {held} are there, "
        "all were read"
    )


def _disagreement(others: list[int], claim: int) -> str:
    return (
        f"its header promises {others[0]} bytes of samples in one place and {claim} in another: "
        f"the {claim} that are there were read"
    )


def _longer(data: bytes, header: Header, promised: int, held: int) -> str:
    """Allow a size that counts headers, or that the file's own size disproves; refuse others."""
    assert header.start is not None
    counts_header = promised - held in (header.start, header.start - 8)
    if counts_header or header.outer_end == len(data):
        why = "counts the header" if counts_header else "is wrong"
        return (
            f"its header promises {promised} bytes of samples, {held} are there: the size {why}, "
            "all that are there were read"
        )
    raise BadClip(
        f"is truncated: its header promises {promised} bytes of samples, {held} are there"
    )


def _shorter(data: bytes, header: Header, start: int, promised: int, held: int) -> tuple[int, str]:
    """Use the bytes beyond the size promised, unless they are no samples."""
    rest = data[start + promised : start + held]
    frame = header.form.frame_bytes if header.form else 1
    zeros = rest.count(0) == len(rest)
    if len(rest) < frame or zeros or rest.startswith(TAGS) or not rest.translate(None, TEXT):
        return promised, (
            f"its header promises {promised} bytes of samples, {held} bytes are there: the last "
            f"{len(rest)} are no samples and were passed over"
        )
    return held, (
        f"its header promises {promised} bytes of samples, {held} are there: all were read"
    )
