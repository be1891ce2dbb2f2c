"""Chunks of pictures on disk.

A chunk is a folder: ``index.json`` names the clips (by content) and what drawing them took;
``planes.npy`` holds indices into a colour table [shape=(clips, height, width)], or
``pictures.jpgs`` finished JPEGs one after another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import StoreError
from harness.measuring.timing import Lap
from harness.pictures.colours import colour
from harness.pictures.encoding import decode_jpeg, fit_size


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


def write_chunk(folder: Path, chunk: Chunk) -> None:
    """Write a chunk into a folder that nobody reads yet."""
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


def _hash(data: bytes | memoryview) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def read_index(chunk: Path) -> dict[str, Any] | None:
    """Read a chunk's index; a chunk that is being thrown out, or is damaged, counts as absent."""
    try:
        index = json.loads((chunk / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return index if isinstance(index, dict) and index.get("schema") == 1 else None


def index_of(chunk: Path) -> dict[str, Any]:
    """Read the index of a chunk that must be there.

    Raises
    ------
    StoreError
        It went missing.
    """
    index = read_index(chunk)
    if index is None:
        raise StoreError(f"Pictures went missing from {chunk} during the run. Start it again.")
    return index


def pixels_at(chunk: Path, rows: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Read some pictures of a chunk, in colours [shape=(rows, height, width, 3)]."""
    index = index_of(chunk)
    if index["kind"] == "jpegs":
        decoded = [decode_jpeg(jpeg_at(chunk, index, row)) for row in rows]
        size = index["size"]
        return np.stack([fit_size(each, *size) if size else each for each in decoded])
    return colour(levels_at(chunk, rows), np.array(index["table"], np.uint8))


def levels_at(chunk: Path, rows: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Read the levels of some pictures of a chunk that has planes [shape=(rows, height, width)]."""
    planes = np.load(chunk / "planes.npy", mmap_mode="r", allow_pickle=False)
    return np.ascontiguousarray(planes[rows])


def jpeg_at(chunk: Path, index: Mapping[str, Any], row: int) -> bytes:
    """Read one finished JPEG of a chunk."""
    start, end = index["offsets"][row : row + 2]
    with (chunk / "pictures.jpgs").open("rb") as file:
        file.seek(start)
        return file.read(end - start)
