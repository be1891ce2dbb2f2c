"""Disk for what is drawn and computed: said beforehand, and held within the limit."""

from __future__ import annotations

from harness.errors import StoreError
from harness.pictures.gallery import Gallery
from harness.running.options import Observer

SPARE_BYTES = 2**28
"""Left on the disk for results and everybody else."""


def make_room(gallery: Gallery, needed_bytes: int, observer: Observer) -> None:
    """Say what disk is needed; throw out what was unused longest for it.

    Raises
    ------
    StoreError
        The disk has no room for it.
    """
    gallery.sweep()
    if not needed_bytes:
        gallery.shrink()
        return
    gallery.shrink(needed_bytes)
    free = gallery.free_bytes()
    observer.tell(
        f"pictures will take about {in_words(needed_bytes)} of disk; {in_words(free)} are free"
    )
    if needed_bytes + SPARE_BYTES > free:
        raise StoreError(
            f"Pictures will take about {in_words(needed_bytes)}, and the disk that holds "
            f"{gallery.folder} has {in_words(free)} free. Make room (`sightbench cache clear` "
            "throws out what is kept there), or name a folder on another disk: --cache."
        )


def warn_of_excess(gallery: Gallery, observer: Observer) -> None:
    """Throw out what may go, and say so where what is in use is more than the limit."""
    gallery.shrink()
    excess = gallery.excess()
    if excess:
        observer.tell(
            f"What is kept in {gallery.folder.parent} is {in_words(excess)} over its limit of "
            f"{in_words(gallery.limit_bytes)}, and all of it was used within hours: it goes later. "
            "SIGHTBENCH_CACHE_LIMIT_GB sets another limit."
        )


def in_words(size_bytes: int) -> str:
    """Write a number of bytes for a person: "120 MB", "3.4 GB"."""
    if size_bytes < 10**9:
        return f"{max(1, round(size_bytes / 1e6))} MB"
    return f"{size_bytes / 1e9:.1f} GB"
