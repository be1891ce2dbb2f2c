"""Rows of bytes in one file, found by what they were made from, believed only when they fit.

The file begins with a line that gives the length and the digest of its index; the index, in JSON,
names the content that each row was made from, and its length and checksum; the rows follow, one
after another. A file appears whole, and is replaced, never changed: who has it open reads on in the
old one. Damage is what is guarded against, so a row has a CRC-32, which costs 12 µs for 50 kB where
BLAKE2b takes 54.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from harness.errors import Spoilt
from harness.files.whole import write_whole

MAGIC = b"sightbench rows 2 "
_DIGEST_BYTES = 16
_HEAD_BYTES = len(MAGIC) + 11 + 2 * _DIGEST_BYTES + 1


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows, and what a reader must know of all of them.

    Parameters
    ----------
    contents
        What each row was made from, as a hash.
    data
        The bytes of each row.
    about
        Plain values.
    """

    contents: tuple[str, ...]
    data: tuple[bytes, ...]
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Index:
    """What a file of rows says of itself.

    Parameters
    ----------
    starts
        Where each row begins, and where the last one ends (bytes).
    """

    contents: tuple[str, ...]
    starts: tuple[int, ...]
    checksums: tuple[int, ...]
    about: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.contents)


def write_rows(path: Path, rows: Rows) -> None:
    """Write rows into a file, in place of the one of that name if there is one.

    Nobody waits for the disk: what a power cut takes is seen when it is read, and made again.

    Raises
    ------
    OSError
        It cannot be written.
    """
    index = {
        "contents": rows.contents,
        "lengths": [len(each) for each in rows.data],
        "checksums": [zlib.crc32(each) for each in rows.data],
        "about": rows.about,
    }
    text = json.dumps(index).encode()
    if path.is_dir():
        remove(path)
    write_whole(path, b"".join((_head(text), text, *rows.data)), durable=False)


def _head(index: bytes) -> bytes:
    digest = hashlib.blake2b(index, digest_size=_DIGEST_BYTES).hexdigest()
    return MAGIC + f"{len(index):010d} {digest}\n".encode()


@dataclass(frozen=True, slots=True)
class OpenRows:
    """A file of rows that is being read."""

    path: Path
    file: BinaryIO
    index: Index

    def row(self, number: int) -> bytes:
        """Read one row.

        Raises
        ------
        Spoilt
            It is not what was written.
        """
        start, end = self.index.starts[number : number + 2]
        self.file.seek(start)
        data = self.file.read(end - start)
        if zlib.crc32(data) != self.index.checksums[number]:
            raise spoilt(self.path)
        return data


def spoilt(path: Path) -> Spoilt:
    """Say that a file cannot be used, and what to do."""
    return Spoilt(
        f"{path} is damaged or gone. Start the command again, and what it held is made again; "
        "`sightbench cache clear` throws out all that is kept. If it happens again, the disk may "
        "be failing."
    )


@contextmanager
def opened(path: Path) -> Iterator[OpenRows]:
    """Open a file of rows; its index and its size are verified, its rows when they are read.

    Raises
    ------
    Spoilt
        There is no such file, or it is damaged, or unreadable.
    """
    with _unbroken(path), path.open("rb") as file:
        yield OpenRows(path, file, _read_index(path, file))


@contextmanager
def _unbroken(path: Path) -> Iterator[None]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            raise spoilt(path)
        yield
    except OSError:
        raise spoilt(path) from None


def _read_index(path: Path, file: BinaryIO) -> Index:
    size = os.fstat(file.fileno()).st_size
    head = file.read(_HEAD_BYTES)
    written = head[len(MAGIC) : len(MAGIC) + 10]
    length = int(written) if written.isdigit() else size
    text = file.read(length) if length < size else b""
    if not text or _head(text) != head:
        raise spoilt(path)
    index = json.loads(text)
    starts = tuple(accumulate(index["lengths"], initial=_HEAD_BYTES + length))
    if starts[-1] != size:
        raise spoilt(path)
    return Index(tuple(index["contents"]), starts, tuple(index["checksums"]), index["about"])


def read_index(path: Path) -> Index | None:
    """Read what a file of rows says of itself; a damaged one counts as absent."""
    with suppress(Spoilt), opened(path) as file:
        return file.index
    return None


def is_sound(path: Path, numbers: Sequence[int] | None = None) -> bool:
    """Read rows, all if left out, and say whether they are what was written."""
    with suppress(Spoilt), opened(path) as file:
        for number in range(len(file.index)) if numbers is None else numbers:
            file.row(number)
        return True
    return False


def remove(path: Path) -> None:
    """Throw out a file of rows, or whatever has its name."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink()
