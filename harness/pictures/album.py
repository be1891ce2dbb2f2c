"""The pictures of one drawing for the clips of a run, wherever on disk they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.columns.named import Named
from harness.columns.strings import Strings
from harness.measuring.timing import Lap
from harness.pictures.chunks import add_laps, levels_of, seen_of, table_of
from harness.pictures.painted import Painted
from harness.pictures.rows import OpenRows, is_sound, opened, remove
from harness.pictures.storeroom import Places
from harness.values import Levels, Pictures


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """The pictures of one drawing for the clips of a run, in their order; read when asked for.

    Parameters
    ----------
    folder
        Of the drawing.
    ids
        The clip of each picture.
    chunks
        The names of the chunks that hold them.
    places : array [shape=(clips, 2)], int32
        The number of each picture's chunk, and its row there.
    picture_hashes : array [shape=(clips,)], bytes
    """

    folder: Path
    ids: Strings
    chunks: tuple[str, ...]
    places: NDArray[np.int32]
    picture_hashes: NDArray[np.bytes_]

    @classmethod
    def of(cls, folder: Path, ids: Sequence[str], places: Places, rows: NDArray[np.intp]) -> Album:
        """Note the places of pictures in little memory: albums travel to every worker.

        Parameters
        ----------
        rows
            Where each clip's picture stands among the places.
        """
        table = places.places[rows]
        used = sorted(np.unique(table[:, 0]).tolist(), key=places.chunks.__getitem__)
        numbers = np.zeros(len(places.chunks), np.int32)
        numbers[used] = np.arange(len(used))
        table[:, 0] = numbers[table[:, 0]]
        chunks = tuple(places.chunks[number] for number in used)
        return cls(folder, Strings.of(ids), chunks, table, places.hashes[rows])

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Sequence[int]) -> Album:
        """Return the album of some pictures, in the order given."""
        chosen = np.asarray(rows, np.intp)
        ids, hashes = self.ids.take(chosen), self.picture_hashes[chosen]
        return Album(self.folder, ids, self.chunks, self.places[chosen], hashes)

    def hashes(self) -> Named[str]:
        """Return the hash of each picture, by clip id."""
        return Named(self.ids, Strings.of_bytes(self.picture_hashes))

    def pictures(self, rows: Sequence[int]) -> Pictures:
        """Read some pictures, which are coloured when somebody looks at their colours.

        Raises
        ------
        Spoilt
            One is damaged or gone.
        """
        ids = tuple(self.ids[row] for row in rows)
        parts = list(self._parts(rows, seen_of))
        if not parts:
            return Pictures(np.empty((0, 1, 1, 3), np.uint8), ids)
        table = parts[0].table
        seen = _gathered(len(ids), parts)
        return Pictures(seen, ids) if table is None else Painted(Levels(seen, table), ids)

    def levels(self, rows: Sequence[int]) -> NDArray[np.uint8]:
        """Read the levels of some pictures that have them [shape=(rows, height, width)].

        Raises
        ------
        Spoilt
            One is damaged or gone.
        """
        parts = list(self._parts(rows, levels_of))
        return _gathered(len(rows), parts) if parts else np.empty((0, 1, 1), np.uint8)

    def batches(self, size: int = 64) -> Iterator[Pictures]:
        """Read all pictures in order, some at a time."""
        for start in range(0, len(self), size):
            yield self.pictures(range(start, min(start + size, len(self))))

    def jpeg(self, row: int) -> bytes | None:
        """Return a finished JPEG as it was drawn, or None where pictures are kept as levels.

        Raises
        ------
        Spoilt
            It is not what was drawn.
        """
        number, row_there = self.places[row].tolist()
        with opened(self.folder / self.chunks[number]) as file:
            return file.row(row_there) if file.index.about["kind"] == "jpegs" else None

    def laps(self) -> dict[str, list[Lap]]:
        """Return what drawing these pictures took, by stage, whenever that was.

        Raises
        ------
        Spoilt
            A chunk is damaged or gone.
        """
        laps: dict[str, list[Lap]] = {}
        for name in self.chunks:
            with opened(self.folder / name) as file:
                add_laps(laps, file.index.about)
        return laps

    def sift(self) -> int:
        """Read all chunks and throw out the damaged ones; return how many are no more."""
        lost = [name for name in self.chunks if not is_sound(self.folder / name)]
        for name in lost:
            remove(self.folder / name)
        return len(lost)

    def _parts(
        self, rows: Sequence[int], read: Callable[[OpenRows, NDArray[np.int32]], NDArray[np.uint8]]
    ) -> Iterator[_Part]:
        """Read some pictures, chunk by chunk."""
        places = self.places[np.asarray(rows, np.intp)]
        for number in np.unique(places[:, 0]):
            here = np.flatnonzero(places[:, 0] == number)
            with opened(self.folder / self.chunks[number]) as file:
                yield _Part(here, read(file, places[here, 1]), table_of(file))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Pictures of one chunk, and where they belong among those asked for."""

    places: NDArray[np.intp]
    seen: NDArray[np.uint8]
    table: NDArray[np.uint8] | None


def _gathered(count: int, parts: Sequence[_Part]) -> NDArray[np.uint8]:
    if len(parts) == 1:
        return parts[0].seen
    seen = np.empty((count, *parts[0].seen.shape[1:]), np.uint8)
    for part in parts:
        seen[part.places] = part.seen
    return seen
