"""Files of time series in the .ts or the ARFF format, read one series at a time."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from harness import DatasetError
from plugins.datasets.arff_format import read_arff_header
from plugins.datasets.ts_format import FORMAT_PAGE, read_ts_header

LONGEST_HEADER_LINES = 1_000_000
OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Rows(Protocol):
    """How the rows of one file are to be read."""

    def label(self, line: bytes) -> tuple[str, str | None]:
        """Return a row's label, and what is wrong with the row, if anything."""

    def length(self, line: bytes) -> int:
        """Return the number of points of a row."""

    def series(self, line: bytes) -> NDArray[np.float32]:
        """Parse a row into channels [shape=(channels, n)]; raise BadClip with the reason."""


@dataclass(frozen=True)
class SeriesFile:
    """Where each series of a file begins, and what it is.

    Parameters
    ----------
    starts, sizes, lines
        Byte offset, length and number of each series' line; the file's first line has number 1.
    labels
        As written; empty or "?" where there is none.
    faults
        What is wrong with a row, as far as its label shows.
    longest
        The largest number of points.
    """

    path: Path
    rows: Rows
    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    lines: tuple[int, ...]
    labels: tuple[str, ...]
    faults: tuple[str | None, ...]
    longest: int

    def read(self, place: int) -> NDArray[np.float32]:
        """Read one series [shape=(channels, n)]; the first has place 0."""
        with self.path.open("rb") as opened:
            opened.seek(self.starts[place])
            return self.rows.series(opened.read(self.sizes[place]))


def open_series(path: Path) -> SeriesFile:
    """Note where each series of a file begins, once in a process until the file changes.

    Raises
    ------
    DatasetError
        It is neither .ts nor ARFF, or has no class labels, no series, or time stamps.
    """
    try:
        state = path.stat()
        return _index(path.resolve(), state.st_mtime_ns, state.st_ctime_ns, state.st_size)
    except OSError as error:
        raise DatasetError(f"{str(path)!r} cannot be read: {error.strerror}.") from error


@lru_cache(maxsize=8)
def _index(path: Path, mtime_ns: int, ctime_ns: int, size: int) -> SeriesFile:
    found: list[tuple[int, int, int, str, str | None]] = []
    longest = 0
    with path.open("rb") as file:
        header = _header_lines(path, file)
        rows = _rows(str(path), header)
        offset = file.tell()
        for number, line in enumerate(iter(file.readline, b""), start=len(header) + 2):
            if line.strip() and not line.lstrip().startswith(b"%"):
                label, fault = rows.label(line)
                found.append((offset, len(line.rstrip()), number, label, fault))
                longest = max(longest, rows.length(line))
            offset += len(line)
    if not found:
        raise DatasetError(f"{str(path)!r} holds no series after its @data line.")
    starts, sizes, lines, labels, faults = zip(*found, strict=True)
    return SeriesFile(path, rows, starts, sizes, lines, labels, faults, longest)


def _header_lines(path: Path, file: BinaryIO) -> list[bytes]:
    """Return the lines above @data."""
    lines: list[bytes] = []
    for line in iter(file.readline, b""):
        if not lines:
            if line.startswith(OTHER_ENCODINGS) or b"\0" in line:
                raise DatasetError(f"{str(path)!r} is UTF-16 or no text: save it as UTF-8 text.")
            line = line.removeprefix(codecs.BOM_UTF8)
        words = line.split(maxsplit=1)
        if words and words[0].lower() == b"@data":
            return lines
        lines.append(line)
        if len(lines) > LONGEST_HEADER_LINES:
            break
    raise DatasetError(
        f"{str(path)!r} has no @data line: it is neither a .ts file ({FORMAT_PAGE}) nor ARFF."
    )


def _rows(name: str, header: Sequence[bytes]) -> Rows:
    """Choose the format by the header's own words."""
    first = {line.split(maxsplit=1)[0].lower() for line in header if line.strip()}
    if first & {b"@relation", b"@attribute"}:
        return read_arff_header(name, header)
    return read_ts_header(name, header)
