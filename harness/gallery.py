"""Pictures on disk: drawn once, in chunks, found again by what made them.

A chunk is a folder that appears whole or not at all: ``index.json`` names the clips (by content)
and what drawing them took; ``planes.npy`` holds indices into a colour table
[shape=(clips, height, width)], or ``pictures.jpgs`` finished JPEGs one after another. Two runs
may share a gallery: a chunk is written beside and renamed, and never changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import StoreError
from harness.pictures import colour, decode_jpeg, fit_size
from harness.timing import Lap
from harness.values import Pictures

DEFAULT_LIMIT_BYTES = 20 * 2**30
RECENT_S = 6 * 3600
"""Chunks used within this time are never thrown out: a run may be reading them."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Pictures of some clips, finished, with what they cost.

    Parameters
    ----------
    contents
        The content hash of each clip.
    planes : array [shape=(clips, height, width)], uint8
        Indices into `table`; None where the pictures are finished JPEGs.
    table : array [shape=(256, 3)], uint8
    jpegs
        One a clip, instead of planes.
    size
        Height and width that JPEGs are fitted to when a classifier looks at them (pixels).
    laps
        Timed batches by stage.
    """

    contents: tuple[str, ...]
    planes: NDArray[np.uint8] | None
    table: NDArray[np.uint8] | None
    jpegs: tuple[bytes, ...]
    laps: Mapping[str, Sequence[Lap]]
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one picture lies."""

    chunk: str
    row: int
    hash: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """A folder of drawn pictures, shared by all runs of a person.

    Parameters
    ----------
    folder
        Holds one folder a drawing.
    limit_bytes
        `shrink` throws out what was unused longest until the rest fits.
    """

    folder: Path
    limit_bytes: int = DEFAULT_LIMIT_BYTES

    def places(self, key: str) -> dict[str, Place]:
        """Say where each picture of a drawing lies, by the clip's content."""
        found: dict[str, Place] = {}
        for chunk in sorted(self._drawing(key).glob("chunk-*")):
            index = _read_index(chunk)
            if index is None:
                continue
            for row, (content, hash) in enumerate(
                zip(index["contents"], index["hashes"], strict=True)
            ):
                found.setdefault(content, Place(chunk.name, row, hash))
        return found

    def add(self, key: str, chunk: Chunk) -> None:
        """Keep the pictures of some clips.

        Raises
        ------
        StoreError
            The disk is full or the folder cannot be written.
        """
        name = hashlib.blake2b("\n".join(chunk.contents).encode(), digest_size=12).hexdigest()
        home = self._drawing(key) / f"chunk-{name}"
        try:
            home.parent.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=".new-", dir=home.parent))
            try:
                _write_chunk(beside, chunk)
                _put(beside, home)
            finally:
                shutil.rmtree(beside, ignore_errors=True)
        except OSError as error:
            raise StoreError(
                f"Pictures cannot be kept in {self.folder}: {error}. "
                "Free some space, or name another folder: --cache."
            ) from None

    def album(self, key: str, ids: Sequence[str], contents: Sequence[str]) -> Album:
        """Gather the pictures of some clips, all of which must be there.

        Raises
        ------
        StoreError
            A picture is missing.
        """
        places = self.places(key)
        missing = sum(content not in places for content in contents)
        if missing:
            raise StoreError(f"{missing} pictures are missing from {self._drawing(key)}.")
        found = [places[content] for content in contents]
        chunks = sorted({place.chunk for place in found})
        now = time.time()
        for name in chunks:
            os.utime(self._drawing(key) / name, (now, now))
        return Album.of(self._drawing(key), ids, chunks, found)

    def drawings(self) -> list[tuple[str, int, int]]:
        """List what is kept: the drawing in words, its pictures, its bytes."""
        rows = []
        for drawing in sorted(path for path in self.folder.glob("*") if path.is_dir()):
            indexes = [_read_index(chunk) for chunk in drawing.glob("chunk-*")]
            pictures = sum(len(index["contents"]) for index in indexes if index)
            title = drawing / "drawing.txt"
            name = title.read_text(encoding="utf-8") if title.exists() else drawing.name
            rows.append((name, pictures, _size(drawing)))
        return rows

    def title(self, key: str, words: str) -> None:
        """Remember in words what a key stands for."""
        file = self._drawing(key) / "drawing.txt"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(words, encoding="utf-8")

    def clear(self) -> int:
        """Throw out everything; return the bytes that were freed."""
        size = _size(self.folder)
        for drawing in list(self.folder.glob("*")):
            if drawing.is_dir():
                shutil.rmtree(drawing, ignore_errors=True)
        return size

    def shrink(self) -> int:
        """Throw out what was unused longest until the rest fits; return the bytes freed."""
        chunks = [
            (path.stat().st_mtime, _size(path), path) for path in self.folder.glob("*/chunk-*")
        ]
        excess = sum(size for _, size, _ in chunks) - self.limit_bytes
        freed = 0
        for used, size, path in sorted(chunks):
            if freed >= excess or time.time() - used < RECENT_S:
                break
            shutil.rmtree(path, ignore_errors=True)
            freed += size
        return freed

    def _drawing(self, key: str) -> Path:
        return self.folder / key


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
        index = _index(chunk)
        return _jpeg(chunk, index, row_there) if index["kind"] == "jpegs" else None

    def laps(self) -> dict[str, list[Lap]]:
        """Return what drawing these pictures took, by stage, whenever that was."""
        laps: dict[str, list[Lap]] = {}
        for name in self.chunks:
            for stage, timed in _index(self.folder / name)["laps"].items():
                laps.setdefault(stage, []).extend(Lap(*lap) for lap in timed)
        return laps

    def _gathered(self, places: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Read the pictures at some places, chunk by chunk."""
        pixels: NDArray[np.uint8] | None = None
        for number in np.unique(places[:, 0]):
            here = np.flatnonzero(places[:, 0] == number)
            part = _pixels(self.folder / self.chunks[number], places[here, 1])
            if pixels is None:
                pixels = np.empty((len(places), *part.shape[1:]), np.uint8)
            pixels[here] = part
        return np.empty((0, 1, 1, 3), np.uint8) if pixels is None else pixels


def _pixels(chunk: Path, rows: NDArray[np.int32]) -> NDArray[np.uint8]:
    index = _index(chunk)
    if index["kind"] == "jpegs":
        decoded = [decode_jpeg(_jpeg(chunk, index, row)) for row in rows]
        size = index["size"]
        return np.stack([fit_size(each, *size) if size else each for each in decoded])
    planes = np.load(chunk / "planes.npy", mmap_mode="r", allow_pickle=False)
    return colour(np.ascontiguousarray(planes[rows]), np.array(index["table"], np.uint8))


def _jpeg(chunk: Path, index: Mapping[str, Any], row: int) -> bytes:
    start, end = index["offsets"][row : row + 2]
    with (chunk / "pictures.jpgs").open("rb") as file:
        file.seek(start)
        return file.read(end - start)


def _write_chunk(folder: Path, chunk: Chunk) -> None:
    index: dict[str, Any] = {
        "schema": 1,
        "contents": list(chunk.contents),
        "laps": {
            name: [[lap.seconds, lap.clips] for lap in laps] for name, laps in chunk.laps.items()
        },
    }
    if chunk.planes is None or chunk.table is None:
        ends = np.cumsum([len(jpeg) for jpeg in chunk.jpegs]).tolist()
        index |= {"kind": "jpegs", "offsets": [0, *ends], "size": chunk.size}
        index["hashes"] = [_hash(jpeg) for jpeg in chunk.jpegs]
        (folder / "pictures.jpgs").write_bytes(b"".join(chunk.jpegs))
    else:
        planes = np.ascontiguousarray(chunk.planes)
        hashes = [_hash(plane.data) for plane in planes]
        index |= {"kind": "planes", "table": chunk.table.tolist(), "hashes": hashes}
        np.save(folder / "planes.npy", planes, allow_pickle=False)
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")


def _put(beside: Path, home: Path) -> None:
    """Give a finished folder its name; another run may have been first with the same pictures."""
    try:
        beside.rename(home)
    except OSError:
        if not home.exists():
            raise


def _hash(data: bytes | memoryview) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def _read_index(chunk: Path) -> dict[str, Any] | None:
    """Read a chunk's index; a chunk that is being thrown out, or is damaged, counts as absent."""
    try:
        index = json.loads((chunk / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return index if isinstance(index, dict) and index.get("schema") == 1 else None


def _index(chunk: Path) -> dict[str, Any]:
    index = _read_index(chunk)
    if index is None:
        raise StoreError(f"Pictures went missing from {chunk} during the run. Start it again.")
    return index


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
