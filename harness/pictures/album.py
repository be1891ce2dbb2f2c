"""The pictures of one drawing for the clips of a run, wherever on disk they lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.measuring.timing import Lap
from harness.pictures.chunks import index_of, jpeg_at, pixels_at
from harness.values import Pictures


@dataclass(frozen=True, slots=True)
class Place:
    """Where one picture lies."""

    chunk: str
    row: int
    hash: str


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
    ids: tuple[str, ...]
    chunks: tuple[str, ...]
    places: NDArray[np.int32]
    picture_hashes: NDArray[np.bytes_]

    @classmethod
    def of(
        cls, folder: Path, ids: Sequence[str], chunks: Sequence[str], places: Sequence[Place]
    ) -> Album:
        """Note the places of pictures in little memory: albums travel to every worker."""
        number = {name: place for place, name in enumerate(chunks)}
        table = np.array([(number[each.chunk], each.row) for each in places], np.int32)
        hashes = np.array([each.hash for each in places], np.bytes_)
        return cls(folder, tuple(ids), tuple(chunks), table.reshape(-1, 2), hashes)

    def __len__(self) -> int:
        return len(self.ids)

    def hashes(self) -> dict[str, str]:
        """Return the hash of each picture, by clip id."""
        hashes = self.picture_hashes.astype(np.str_).tolist()
        return dict(zip(self.ids, hashes, strict=True))

    def pictures(self, rows: Sequence[int]) -> Pictures:
        """Read some pictures [shape=(rows, height, width, 3)]."""
        ids = tuple(self.ids[row] for row in rows)
        return Pictures(self._gathered(self.places[np.asarray(rows, np.intp)]), ids)

    def batches(self, size: int = 64) -> Iterator[Pictures]:
        """Read all pictures in order, some at a time."""
        for start in range(0, len(self), size):
            yield self.pictures(range(start, min(start + size, len(self))))

    def jpeg(self, row: int) -> bytes | None:
        """Return a finished JPEG as it was drawn, or None where pictures are kept as planes."""
        number, row_there = self.places[row].tolist()
        chunk = self.folder / self.chunks[number]
        index = index_of(chunk)
        return jpeg_at(chunk, index, row_there) if index["kind"] == "jpegs" else None

    def laps(self) -> dict[str, list[Lap]]:
        """Return what drawing these pictures took, by stage, whenever that was."""
        laps: dict[str, list[Lap]] = {}
        for name in self.chunks:
            for stage, timed in index_of(self.folder / name)["laps"].items():
                laps.setdefault(stage, []).extend(Lap(*lap) for lap in timed)
        return laps

    def _gathered(self, places: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Read the pictures at some places, chunk by chunk."""
        pixels: NDArray[np.uint8] | None = None
        for number in np.unique(places[:, 0]):
            here = np.flatnonzero(places[:, 0] == number)
            part = pixels_at(self.folder / self.chunks[number], places[here, 1])
            if pixels is None:
                pixels = np.empty((len(places), *part.shape[1:]), np.uint8)
            pixels[here] = part
        return np.empty((0, 1, 1, 3), np.uint8) if pixels is None else pixels
