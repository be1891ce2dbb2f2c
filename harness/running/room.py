"""Disk for what is drawn and computed: said beforehand, and held within the limit."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import StoreError
from harness.pictures.gallery import Gallery
from harness.running.options import Observer

SPARE_BYTES = 2**28
"""Left on the disk for results and everybody else."""


SHARE_UNSEEN = 50
"""The gallery is measured anew whenever a fiftieth of its limit may have come to it."""


@dataclass(slots=True)
class Growth:
    """What comes to a gallery, which is held within its limit without measuring it each time."""

    gallery: Gallery
    come_bytes: int = 0
    due_bytes: int = 0

    def add(self, size_bytes: int) -> None:
        """Note that about so much has come; throw out what was unused longest if that is due."""
        self.come_bytes += size_bytes
        if self.come_bytes >= self.due_bytes:
            self.gallery.shrink()
            self.due_bytes = self.come_bytes + self.gallery.limit_bytes // SHARE_UNSEEN


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
