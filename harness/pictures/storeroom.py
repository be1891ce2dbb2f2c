"""Files of rows by what made them: kept on disk within a limit, shared by all runs of a person.

Pictures and features are both rows by content: a drawing, or a drawing and what a classifier sees
in it, is the key, and the clip's content finds the row.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.errors import StoreError
from harness.files.whole import BESIDE, write_whole
from harness.pictures.rows import Index, Rows, read_index, remove, write_rows

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

    def places(self, key: str) -> dict[str, Place]:
        """Say where each row of a key lies, by content; of two the newer counts."""
        found: dict[str, Place] = {}
        for path, index in self.indexes(key):
            hashes = index.about.get("hashes") or [""] * len(index)
            for row, (content, hash) in enumerate(zip(index.contents, hashes, strict=True)):
                found[content] = Place(path.name, row, hash)
        return found

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
