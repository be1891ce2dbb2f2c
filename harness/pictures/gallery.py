"""Pictures, and what classifiers see in them, on disk: made once, found again by what made them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.errors import Spoilt
from harness.pictures.album import Album
from harness.pictures.chunks import Chunk, rows_of
from harness.pictures.rows import remove
from harness.pictures.storeroom import (
    RECENT_S,
    Contents,
    Found,
    Kept,
    Places,
    Storeroom,
    sweep_unfinished,
)

DEFAULT_LIMIT_BYTES = 20 * 2**30


@dataclass(frozen=True, slots=True)
class Gallery:
    """A folder of drawn pictures, and two beside it, of features and of what reading clips showed.

    They are shared by all runs of a person.

    Parameters
    ----------
    folder
        Holds one folder a drawing.
    limit_bytes
        Of all that is kept together: `shrink` throws out what was unused longest until the
        rest fits.
    """

    folder: Path
    limit_bytes: int = DEFAULT_LIMIT_BYTES

    @property
    def pictures(self) -> Storeroom:
        """Rows that are pictures, by drawing."""
        return Storeroom(self.folder)

    @property
    def features(self) -> Storeroom:
        """Rows that are features, by drawing and classifier."""
        return Storeroom(self.folder.parent / "features")

    @property
    def readings(self) -> Storeroom:
        """What reading clips showed, by dataset; its rows are columns."""
        return Storeroom(self.folder.parent / "readings")

    @property
    def rooms(self) -> tuple[Storeroom, ...]:
        """All that the limit is for."""
        return (self.pictures, self.features, self.readings)

    def places(self, key: str) -> Places:
        """Say where each picture of a drawing lies, by the clip's content."""
        return self.pictures.places(key)

    def add(self, key: str, chunk: Chunk) -> None:
        """Keep the pictures of some clips, in place of what was kept of just these.

        Raises
        ------
        StoreError
            The disk is full or the folder cannot be written.
        """
        self.pictures.add(key, rows_of(chunk))

    def album(
        self, key: str, ids: Sequence[str], contents: Contents, known: Found | None = None
    ) -> Album:
        """Gather the pictures of some clips, all of which must be there.

        Parameters
        ----------
        known
            Where they lie, as it was found a moment ago; it is looked up else.

        Raises
        ------
        Spoilt
            A picture is missing.
        """
        home = self.pictures.home(key)
        places, rows = known or self.places(key).found(contents)
        missing = int(np.count_nonzero(rows < 0))
        if missing:
            raise Spoilt(
                f"{missing} pictures are missing from {home}. Start the command again, and they "
                "are drawn."
            )
        album = Album.of(home, ids, places, rows)
        self.pictures.use(key, album.chunks)
        return album

    def title(self, key: str, words: str) -> None:
        """Remember in words what a key stands for."""
        self.pictures.name(key, words)

    def kept(self) -> dict[str, list[Kept]]:
        """List the pictures, the features and the readings that are kept."""
        return {
            "pictures": self.pictures.kept(),
            "features": self.features.kept(),
            "readings": self.readings.kept(),
        }

    def clear(self) -> int:
        """Throw out everything; return the bytes that were freed."""
        return sum(room.clear() for room in self.rooms)

    def excess(self) -> int:
        """Return the bytes by which what is kept is over the limit."""
        total = sum(size for room in self.rooms for _, size, _ in room.files())
        return max(0, total - self.limit_bytes)

    def shrink(self, coming_bytes: int = 0) -> int:
        """Throw out what was unused longest until the rest fits; return the bytes freed.

        What was used within `RECENT_S` stays: a run may be reading it.

        Parameters
        ----------
        coming_bytes
            Room that is made for what is about to come.
        """
        files = sorted(each for room in self.rooms for each in room.files())
        excess = sum(size for _, size, _ in files) + coming_bytes - self.limit_bytes
        freed = 0
        for used, size, path in files:
            if freed >= excess or time.time() - used < RECENT_S:
                break
            remove(path)
            freed += size
        return freed

    def sweep(self) -> None:
        """Remove what starts that were killed left half written."""
        for room in self.rooms:
            for home in room.folder.glob("*"):
                sweep_unfinished(home)

    def free_bytes(self) -> int:
        """Return the room on the disk that holds the gallery."""
        place = self.folder
        while not place.exists() and place != place.parent:
            place = place.parent
        return shutil.disk_usage(place).free
