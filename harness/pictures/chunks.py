"""Pictures of some clips as rows of bytes, and back.

A row is one picture: levels that look up a colour table, packed, or a finished JPEG.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from harness.measuring.timing import Lap
from harness.pictures.encoding import decode_jpeg, fit_size
from harness.pictures.packing import pack, unpack
from harness.pictures.planes import Cells
from harness.pictures.rows import OpenRows, Rows


@dataclass(frozen=True, slots=True)
class Chunk:
    """Pictures of some clips, finished, with what they cost.

    Parameters
    ----------
    contents
        The content hash of each clip.
    cells : arrays [shape=(rows, columns)]
        One a clip, as `harness.pictures.planes.cells_of`; None where pictures are finished JPEGs.
    table : array [shape=(256, 3)], uint8
        The colour of each level.
    jpegs
        One a clip, instead of cells.
    laps
        Timed batches by stage.
    size
        Height and width that classifiers see (pixels).
    """

    contents: tuple[str, ...]
    cells: Sequence[Cells] | None
    table: NDArray[np.uint8] | None
    jpegs: tuple[bytes, ...]
    laps: Mapping[str, Sequence[Lap]]
    size: tuple[int, int] | None = None


def rows_of(chunk: Chunk) -> Rows:
    """Put the pictures of a chunk into rows; each keeps the hash that tells equal pictures."""
    about: dict[str, Any] = {"laps": written_laps(chunk.laps), "host": platform.node()}
    about["size"] = chunk.size
    if chunk.cells is None or chunk.table is None:
        about |= {"kind": "jpegs", "hashes": [_hash(jpeg) for jpeg in chunk.jpegs]}
        return Rows(chunk.contents, chunk.jpegs, about)
    packed = [pack(each) for each in chunk.cells]
    about |= {"kind": "planes", "table": chunk.table.tolist()}
    about["hashes"] = [_hash(each.levels.data) for each in packed]
    return Rows(chunk.contents, tuple(each.data for each in packed), about)


def _hash(data: bytes | memoryview) -> str:
    # 1 µs for 50 kB, where SHA-256 takes 28 on a processor that has instructions for it, and four
    # times as long on others. Equal pictures are counted by it; nothing is trusted because of it.
    return str(xxhash.xxh3_128_hexdigest(data))[:24]


def written_laps(laps: Mapping[str, Sequence[Lap]]) -> dict[str, list[list[float]]]:
    """Return timed batches as plain values."""
    return {name: [[lap.seconds, lap.clips] for lap in timed] for name, timed in laps.items()}


def add_laps(found: dict[str, list[Lap]], about: Mapping[str, Any]) -> None:
    """Add the timed batches that a file of rows remembers to others."""
    host = str(about.get("host", ""))
    for stage, timed in about["laps"].items():
        laps = found.setdefault(stage, [])
        laps.extend(Lap(seconds, int(clips), host) for seconds, clips in timed)


def table_of(file: OpenRows) -> NDArray[np.uint8] | None:
    """Return the colour of each level [shape=(256, 3)]; None where JPEGs are kept."""
    about = file.index.about
    return None if about["kind"] == "jpegs" else np.array(about["table"], np.uint8)


def seen_of(file: OpenRows, numbers: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Read some pictures, as levels, or from JPEGs in colours [shape=(rows, height, width, 3)].

    Raises
    ------
    Spoilt
        One is not what was drawn.
    """
    about = file.index.about
    if about["kind"] != "jpegs":
        return levels_of(file, numbers)
    size, decoded = about["size"], [decode_jpeg(file.row(row)) for row in numbers.tolist()]
    return np.stack([fit_size(each, *size) if size else each for each in decoded])


def levels_of(file: OpenRows, numbers: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Read the levels of some pictures that are kept as levels [shape=(rows, height, width)].

    Raises
    ------
    Spoilt
        One is not what was drawn.
    """
    planes = np.empty((len(numbers), *file.index.about["size"]), np.uint8)
    for number, plane in zip(numbers.tolist(), planes, strict=True):
        unpack(file.row(number), plane)
    return planes
