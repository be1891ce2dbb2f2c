"""What a container promises, before anything of it is believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from plugins.datasets.containers.chunks import Chunk, Style
from plugins.datasets.containers.forms import Form

PLACEHOLDERS = (range(0x7FFF0000, 0x80010000), range(0xFFFF0000, 0x100000000))
"""Sizes that writers leave who do not know the size: streams, and recorders that died."""


class Header(NamedTuple):
    """What a container promises.

    Parameters
    ----------
    kind
        The container, "WAV".
    form
        What the samples are; None where the header does not say.
    pieces
        First byte and size of samples that others certainly follow.
    start
        First byte of the last samples; None where there are none.
    claims
        Each size in bytes that the header gives for the last samples; the first counts most.
    outer_end
        Where the file ends by the size in its first bytes; None where that is not known.
    style
        How its chunks are written; None where it has none.
    """

    kind: str
    form: Form | None
    pieces: tuple[tuple[int, int], ...] = ()
    start: int | None = None
    claims: tuple[int, ...] = ()
    outer_end: int | None = None
    style: Style | None = None


def is_placeholder(size: int) -> bool:
    """Say whether a size means that it is not known."""
    if 0 < size < PLACEHOLDERS[0].start:
        return False
    return size <= 0 or size >= 1 << 62 or any(size in each for each in PLACEHOLDERS)


def only_size(size: int) -> int | None:
    """Return a size, or None where it means that it is not known."""
    return None if is_placeholder(size) else size


def split_pieces(found: Sequence[Chunk]) -> tuple[tuple[tuple[int, int], ...], Chunk | None]:
    """Part the chunks of samples into those that others follow, and the last."""
    if not found:
        return (), None
    *others, last = found
    return tuple([(each.start, each.size) for each in others]), last
