"""Pictures on disk: drawn once, in chunks, found again by what made them.

A chunk appears whole or not at all: it is written beside and renamed, and never changed, so that
two runs may share a gallery.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import StoreError
from harness.files.whole import whole_folder, write_whole
from harness.pictures.album import Album, Place
from harness.pictures.chunks import Chunk, read_index, write_chunk

DEFAULT_LIMIT_BYTES = 20 * 2**30
RECENT_S = 6 * 3600
"""Chunks used within this time are never thrown out: a run may be reading them."""


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
            index = read_index(chunk)
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
            with whole_folder(home) as folder:
                write_chunk(folder, chunk)
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
            indexes = [read_index(chunk) for chunk in drawing.glob("chunk-*")]
            pictures = sum(len(index["contents"]) for index in indexes if index)
            title = drawing / "drawing.txt"
            name = title.read_text(encoding="utf-8") if title.exists() else drawing.name
            rows.append((name, pictures, _size(drawing)))
        return rows

    def title(self, key: str, words: str) -> None:
        """Remember in words what a key stands for."""
        file = self._drawing(key) / "drawing.txt"
        if not file.exists():
            write_whole(file, words)

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


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
