"""Where the samples of a container lie, found once for files that begin byte for byte alike.

Nearly all files of a dataset come from one recorder, and clips of one length from it differ in
their samples alone. What was found out about one of them holds for the next.
"""

from __future__ import annotations

from typing import NamedTuple

from plugins.datasets.containers.chunks import IFF_BIG, IFF_LITTLE
from plugins.datasets.containers.extents import Extent
from plugins.datasets.containers.forms import Form
from plugins.datasets.containers.headers import Header

LONGEST_HEAD = 4096
"""Bytes before the samples that are kept and compared."""
SHARED = (IFF_BIG, IFF_LITTLE)
"""How containers write their chunks of which a layout can be shared."""


class Layout(NamedTuple):
    """Where the samples of a file lie, what they are, and what was odd about it."""

    pieces: tuple[tuple[int, int], ...]
    form: Form
    notes: tuple[str, ...] = ()


class Layouts:
    """The layout of the last file that others can share; safe to use from several threads.

    A file shares it that is as long and has the same bytes up to the samples. They decide all
    where nothing behind them was looked at: in WAV and AIFF files whose samples are one piece, as
    long as the header says in every place, and end with the file.
    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: tuple[int, bytes, Layout] | None = None

    def find(self, data: bytes) -> Layout | None:
        """Return the layout of a file that begins as the last one did; None for any other."""
        if self._last is None:
            return None
        size, head, layout = self._last
        return layout if len(data) == size and data.startswith(head) else None

    def keep(self, data: bytes, header: Header, extent: Extent, layout: Layout) -> None:
        """Keep a layout, where it depends on the bytes before the samples alone."""
        start, claims = header.start or 0, header.claims
        if header.style not in SHARED or start > LONGEST_HEAD or len(claims) != 1:
            return
        if extent.pieces == ((start, claims[0]),) and start + claims[0] == len(data):
            self._last = (len(data), data[:start], layout)
