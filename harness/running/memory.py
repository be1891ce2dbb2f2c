"""What a worker's C library does with memory that is given back, and what a worker holds."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from pathlib import Path

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Of glibc's mallopt(3)."""
KEPT_BYTES = 48 * 2**20
"""At the end of the heap, free: several batches of pictures between their steps, or what a
classifier makes of a thousand training clips."""
HEAP_BYTES = 16 * 2**20
"""Larger arrays are mapped by themselves, and their memory goes back at once."""

LITTLE_BYTES = 96 * 2**20
"""What a process may hold more than when it was born: less than a new one takes to be ready."""


def has_grown(process: int, parent: int | None) -> bool:
    """Say whether a process holds much more than the one it was forked from; so where unknown."""
    born_with = None if parent is None else _own_bytes(parent)
    holds = _own_bytes(process)
    return holds is None or holds > (born_with or 0) + LITTLE_BYTES


def _own_bytes(process: int) -> int | None:
    """Return the memory of a process that stands for no file; None where nobody can tell."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            name, _, size = line.partition(":")
            if name == "RssAnon":
                return int(size.split()[0]) * 1024
    return None


def keep_freed_memory() -> None:
    """Let this process keep a little memory that it has freed, for the next batch of clips.

    glibc hands arrays of a few megabytes back to the system and asks for them again, batch after
    batch, and each page is then filled with zeros first: a tenth of the time of a window that is
    drawn and scored, a thirtieth of a training's. Other C libraries are left as they are.
    """
    with suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(_M_MMAP_THRESHOLD, HEAP_BYTES)
