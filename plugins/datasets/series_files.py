"""Files in the .ts format of the UCR / UEA archive, read one series at a time.

The format: https://www.aeon-toolkit.org/en/stable/api_reference/file_specifications/ts.html
aeon's own reader keeps a whole set in memory as float64, twice over while it reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from harness import BadClip, DatasetError

FORMAT_PAGE = "https://www.aeon-toolkit.org/en/stable/api_reference/file_specifications/ts.html"


@dataclass(frozen=True)
class SeriesFile:
    """Where each series of a .ts file begins, and what it is.

    Parameters
    ----------
    starts, sizes
        Byte offset and length of each series' line.
    labels
        As written; empty or "?" where there is none.
    longest
        The largest number of points.
    """

    path: Path
    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    labels: tuple[str, ...]
    longest: int

    def read(self, place: int) -> NDArray[np.float32]:
        """Read one series [shape=(channels, n)]; the first has place 0."""
        with self.path.open("rb") as opened:
            opened.seek(self.starts[place])
            return parse_series(opened.read(self.sizes[place]))


def open_series(path: Path) -> SeriesFile:
    """Note where each series of a .ts file begins, once in a process until the file changes.

    Raises
    ------
    DatasetError
        It is no .ts file, or has no class labels, no series, or time stamps.
    """
    state = path.stat()
    return _index(path.resolve(), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _index(path: Path, mtime_ns: int, size: int) -> SeriesFile:
    starts, sizes, labels, longest = [], [], [], 0
    with path.open("rb") as file:
        _check_header(path, file)
        offset = file.tell()
        for line in iter(file.readline, b""):
            if line.strip():
                channels, _, label = line.rpartition(b":")
                starts.append(offset)
                sizes.append(len(channels))
                labels.append(label.strip().decode("utf-8", "backslashreplace"))
                longest = max(longest, channels.partition(b":")[0].count(b",") + 1)
            offset += len(line)
    if not starts:
        raise DatasetError(f"{str(path)!r} holds no series after its @data line.")
    return SeriesFile(path, tuple(starts), tuple(sizes), tuple(labels), longest)


def _check_header(path: Path, file: BinaryIO) -> None:
    """Read up to the @data line; refuse what has no class labels, or carries time stamps."""
    tags: dict[str, str] = {}
    for line in iter(file.readline, b""):
        words = line.decode("utf-8", "replace").strip().casefold().split()
        if words and words[0] == "@data":
            break
        if words and words[0].startswith("@"):
            tags[words[0]] = words[1] if len(words) > 1 else ""
    else:
        raise DatasetError(f"{str(path)!r} has no @data line: it is no .ts file ({FORMAT_PAGE}).")
    if tags.get("@classlabel", "true") != "true" or tags.get("@targetlabel", "false") == "true":
        raise DatasetError(f"{str(path)!r} has no class labels (@classLabel): it cannot be used.")
    if tags.get("@timestamps", "false") == "true":
        raise DatasetError(f"{str(path)!r} has time stamps: save it evenly sampled, without them.")


def parse_series(line: bytes) -> NDArray[np.float32]:
    """Parse "1,2,3:4,5,6" into channels [shape=(channels, n)], without padding at the end."""
    try:
        rows = [
            np.array(part.replace(b"?", b"nan").split(b","), dtype=np.float64)
            for part in line.split(b":")
        ]
    except ValueError as error:
        raise BadClip(f"is not all numbers: {error}") from error
    if len({len(row) for row in rows}) > 1:
        raise BadClip("has channels of different lengths")
    samples = np.stack(rows)
    filled = np.flatnonzero(~np.isnan(samples).all(axis=0))
    samples = samples[:, : filled[-1] + 1] if len(filled) else samples[:, :0]
    if not samples.size:
        raise BadClip("holds no samples")
    with np.errstate(over="ignore"):
        narrow = samples.astype(np.float32)
    if not np.isfinite(narrow).all():
        raise BadClip("holds missing or infinite values (NaN, '?')")
    return narrow
