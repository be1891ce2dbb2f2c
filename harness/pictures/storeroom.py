"""Files of rows by what made them: kept on disk within a limit, shared by all runs of a person.

Pictures and features are both rows by content: a drawing, or a drawing and what a classifier sees
in it, is the key, and the clip's content finds the row.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.errors import StoreError
from harness.files.whole import BESIDE, write_whole
from harness.pictures.rows import Index, Rows, read_index, remove, write_rows

Contents = Sequence[str] | NDArray[np.bytes_]

RECENT_S = 6 * 3600
"""Files used within this time are never thrown out: a run may be reading them."""
_FILES = "chunk-*"
_TITLE = "title.txt"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one row lies."""

    chunk: str
    row: int
    hash: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    """The contents and hashes of the rows of one file [shape=(rows,)], bytes."""

    contents: NDArray[np.bytes_]
    hashes: NDArray[np.bytes_]

    @classmethod
    def of(cls, index: Index) -> _Listed:
        hashes = index.about.get("hashes") or [""] * len(index)
        if len(hashes) != len(index):
            raise ValueError(f"{len(hashes)} hashes for {len(index)} rows")
        return cls(as_bytes(index.contents), as_bytes(hashes))


class Places(Mapping[str, Place]):
    """Where the rows of a key lie, by content, in columns: a row takes some 70 bytes.

    Parameters
    ----------
    chunks
        The names of the files.
    contents : array [shape=(rows,)], bytes
        Sorted; each stands once.
    places : array [shape=(rows, 2)], int32
        The number of each one's file, and its row there.
    hashes : array [shape=(rows,)], bytes
    """

    def __init__(
        self,
        chunks: Sequence[str],
        contents: NDArray[np.bytes_],
        places: NDArray[np.int32],
        hashes: NDArray[np.bytes_],
    ) -> None:
        self.chunks, self.contents = tuple(chunks), contents
        self.places, self.hashes = places, hashes

    @classmethod
    def of(cls, files: Sequence[tuple[str, _Listed]]) -> Places:
        """Put the rows of files together; of equal contents that of the last file counts."""
        empty = np.empty(0, "S1")
        counts = [len(listed.contents) for _, listed in files]
        contents = np.concatenate([empty, *(listed.contents for _, listed in files)])[::-1]
        last, rows = np.unique(contents, return_index=True)
        rows = len(contents) - 1 - rows
        numbers = np.repeat(np.arange(len(files), dtype=np.int32), counts)[rows]
        inside = [np.empty(0, np.int32), *(np.arange(count, dtype=np.int32) for count in counts)]
        hashes = np.concatenate([empty, *(listed.hashes for _, listed in files)])[rows]
        places = np.stack((numbers, np.concatenate(inside)[rows]), axis=1)
        return cls([name for name, _ in files], last, places, hashes)

    def files(self) -> list[str]:
        """Name the files that hold these rows."""
        return sorted(self.chunks[number] for number in np.unique(self.places[:, 0]).tolist())

    def find(self, contents: Contents) -> NDArray[np.intp]:
        """Return the row of each of some contents here, -1 of what is not kept."""
        asked = as_bytes(contents)
        if not len(self.contents):
            return np.full(len(asked), -1, np.intp)
        rows = np.searchsorted(self.contents, asked).clip(max=len(self.contents) - 1)
        return np.where(self.contents[rows] == asked, rows, -1)

    def found(self, contents: Contents) -> Found:
        """Find some contents here."""
        return Found(self, self.find(contents))

    def __len__(self) -> int:
        return len(self.contents)

    def __iter__(self) -> Iterator[str]:
        return (bytes(content).decode() for content in self.contents)

    def __getitem__(self, content: str) -> Place:
        (row,) = self.find((content,))
        if row < 0:
            raise KeyError(content)
        number, inside = self.places[row].tolist()
        return Place(self.chunks[number], inside, bytes(self.hashes[row]).decode())


class Found(NamedTuple):
    """Where some contents lie: the row of each among all places of a key, -1 of what is away."""

    places: Places
    rows: NDArray[np.intp]


def as_bytes(contents: Contents) -> NDArray[np.bytes_]:
    """Return content hashes as an array of bytes [shape=(contents,)]."""
    if isinstance(contents, np.ndarray):
        return contents
    return np.array([each.encode() for each in contents], np.bytes_)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept under one key: in words, its rows, its bytes."""

    title: str
    rows: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Storeroom:
    """A folder that holds one folder a key, and in it files of rows."""

    folder: Path

    def home(self, key: str) -> Path:
        """Return the folder of a key."""
        return self.folder / key

    def holds_nothing(self) -> bool:
        """Say, without opening anything, whether nothing is kept under any key."""
        return not any(self.folder.glob("*"))

    def is_empty(self, key: str) -> bool:
        """Say, without opening anything, whether nothing is kept under a key."""
        return not any(self.home(key).glob(_FILES))

    def names(self, key: str) -> list[str]:
        """Name the files of a key."""
        return [path.name for path in self.home(key).glob(_FILES)]

    def indexes(self, key: str) -> Iterator[tuple[Path, Index]]:
        """Give every sound file of a key with its index, the oldest first."""
        found = []
        for path in self.home(key).glob(_FILES):
            index = read_index(path)
            if index is not None:
                found.append((index.about.get("written_ns", 0), path, index))
        yield from ((path, index) for _, path, index in sorted(found, key=lambda each: each[:2]))

    def places(self, key: str) -> Places:
        """Say where each row of a key lies, by content; of two the newer counts."""
        found = []
        for path in self.home(key).glob(_FILES):
            index = read_index(path)
            if index is not None:
                found.append((index.about.get("written_ns", 0), path, _Listed.of(index)))
        found.sort(key=lambda each: each[:2])
        return Places.of([(path.name, listed) for _, path, listed in found])

    def use(self, key: str, chunks: Sequence[str]) -> None:
        """Note that files are used now, so that they are not thrown out."""
        now = time.time()
        for name in chunks:
            with suppress(OSError):
                os.utime(self.home(key) / name, (now, now))

    def add(self, key: str, rows: Rows) -> Path:
        """Keep some rows, in place of those of the same contents.

        Raises
        ------
        StoreError
            The disk is full or the folder cannot be written.
        """
        name = hashlib.blake2b("\n".join(rows.contents).encode(), digest_size=12).hexdigest()
        path = self.home(key) / f"chunk-{name}"
        about = {**rows.about, "written_ns": time.time_ns()}
        try:
            write_rows(path, Rows(rows.contents, rows.data, about))
        except OSError as error:
            raise StoreError(
                f"What is drawn and computed cannot be kept in {self.folder}: {error}. "
                "Free some space, or name another folder: --cache."
            ) from None
        return path

    def name(self, key: str, words: str) -> None:
        """Remember in words what a key stands for."""
        file = self.home(key) / _TITLE
        with suppress(OSError):
            if not file.is_file() or file.read_text(encoding="utf-8", errors="replace") != words:
                write_whole(file, words)

    def kept(self) -> list[Kept]:
        """List what is kept, by key."""
        rows = []
        for home in self._homes():
            indexes = (index for _, index in self.indexes(home.name))
            count = sum(int(index.about.get("rows", len(index))) for index in indexes)
            rows.append(Kept(_title(home), count, size_of(home)))
        return rows

    def files(self) -> list[tuple[float, int, Path]]:
        """List all files: when each was used last, its bytes, its path."""
        found = []
        for path in self.folder.glob(f"*/{_FILES}"):
            with suppress(OSError):  # somebody else may be throwing it out
                found.append((path.stat().st_mtime, size_of(path), path))
        return found

    def clear(self) -> int:
        """Throw out everything; return the bytes that were freed."""
        size = size_of(self.folder)
        for home in self._homes():
            remove(home)
        return size

    def _homes(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*") if path.is_dir())


def _title(home: Path) -> str:
    try:
        return (home / _TITLE).read_text(encoding="utf-8", errors="replace") or home.name
    except OSError:
        return home.name


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files of a folder."""
    total = 0
    for each in (path, *path.rglob("*")) if path.is_dir() else (path,):
        with suppress(OSError):
            total += each.stat().st_size if each.is_file() else 0
    return total


def sweep_unfinished(home: Path) -> None:
    """Remove what starts that were killed left half written, once it is old."""
    for path in home.glob(f"{BESIDE}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > RECENT_S:
                remove(path)
