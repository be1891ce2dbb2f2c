"""What a classifier sees in pictures: computed once for all its cells; kept, where it asks for it.

Kept features are rows by content, as pictures are: the key is the drawing and all of the classifier
but its head, so that another head, fold, split or run finds them again.
"""

from __future__ import annotations

import hashlib
import platform
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contracts import Classifier, LocalClassifier, RemoteClassifier
from harness.errors import Spoilt, StoreError
from harness.measuring.timing import Lap, Stopwatch
from harness.pictures.chunks import add_laps, written_laps
from harness.pictures.colours import colour
from harness.pictures.rows import OpenRows, Rows, opened, remove
from harness.pictures.stacks import AnyAlbum
from harness.pictures.storeroom import Storeroom
from harness.running.checks import check_features, check_same_features
from harness.running.needs import threads_of
from harness.sources.digests import plugin_key
from harness.sources.libraries import library_version
from harness.values import Features, Pictures

IN_MEMORY_BYTES = 192 * 2**20
"""Larger features are kept in a file and read as needed."""
BATCH = 64
"""Pictures whose features are computed at a time."""
BLOCK = 256
"""Pictures whose features are one task, and one file."""
LIBRARIES = ("numpy", "scipy")
"""What every classifier stands on, beside what its own source imports."""
_KINDS = "biufc"
"""Of arrays that are kept: numbers, whose bytes say all."""


def features_key(drawing: str, classifier: Classifier) -> str:
    """Name features by all that they depend on but the clip."""
    made = [drawing, plugin_key(classifier, without=classifier.head_parameters)]
    made += map(library_version, LIBRARIES)
    return hashlib.sha256("\n".join(made).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """Where the features of an album's pictures are kept.

    Parameters
    ----------
    key
        By `features_key`.
    contents : array [shape=(clips,)], bytes
        The content hash of each clip, in the album's order.
    """

    room: Storeroom
    key: str
    contents: NDArray[np.bytes_]

    def content(self, row: int) -> str:
        """Return the content hash of one clip."""
        return bytes(self.contents[row]).decode()

    def lacking(self) -> list[int]:
        """Return the rows of clips whose features are not kept; of equal clips the first."""
        contents, first = np.unique(self.contents, return_index=True)
        gone = self.room.places(self.key).find(contents) < 0
        rows: list[int] = np.sort(first[gone]).tolist()
        return rows


@dataclass(frozen=True, slots=True)
class FeaturesTask:
    """Pictures whose features a worker is to compute and keep."""

    classifier: Classifier
    album: AnyAlbum
    shelf: Shelf
    rows: Sequence[int]


def compute_block(task: FeaturesTask) -> bool:
    """Compute and keep the features of some pictures; say whether it went well.

    What went wrong is told by the cells, which compute what they do not find.
    """
    watch = Stopwatch()
    try:
        with threads_of(task.classifier):
            parts = list(_computed(task.classifier, task.album, task.rows, watch))
        _keep(task.shelf, task.rows, np.concatenate(parts), watch)
    except (Exception, SystemExit):  # a stranger's plugin
        return False
    return True


def features_of(
    classifier: LocalClassifier | RemoteClassifier,
    album: AnyAlbum,
    shelf: Shelf | None,
    watch: Stopwatch,
    scratch: Path,
) -> Features:
    """Gather what the classifier learns from: what is kept is read, the rest is computed.

    Raises
    ------
    Spoilt
        A picture is damaged or gone.
    """
    if shelf is not None and isinstance(classifier, Classifier):
        for _ in range(2):  # what is found damaged is computed again, once
            if not all(map(compute_block, features_tasks(classifier, album, shelf))):
                break
            found = _read_all(shelf, album, watch, scratch)
            if found is not None:
                return found
    values: NDArray[Any] | None = None
    done = 0
    for part in _computed(classifier, album, range(len(album)), watch):
        if values is None:
            values = space((len(album), *part.shape[1:]), part.dtype, scratch)
            if not values.size:  # nothing is kept of a picture, so no other need be looked at
                break
        values[done : done + len(part)] = part
        done += len(part)
    return Features(np.empty((0, 0)) if values is None else values, tuple(album.ids))


def features_tasks(
    classifier: Classifier, album: AnyAlbum, shelf: Shelf, fresh: bool = False
) -> list[FeaturesTask]:
    """Part the pictures whose features are not kept, or all, into tasks for workers."""
    rows = list(range(len(album))) if fresh else shelf.lacking()
    blocks = (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK))
    return [FeaturesTask(classifier, album, shelf, block) for block in blocks]


def _computed(
    classifier: LocalClassifier | RemoteClassifier,
    album: AnyAlbum,
    rows: Sequence[int],
    watch: Stopwatch,
) -> Iterator[NDArray[Any]]:
    """Compute features in batches; a picture of the first batch is looked at again, alone."""
    for start in range(0, len(rows), BATCH):
        pictures = album.pictures(rows[start : start + BATCH])
        if not isinstance(classifier, Classifier):
            yield pictures.pixels
            continue
        yield computed(classifier, pictures, watch, first=not start)


def computed(
    classifier: Classifier, pictures: Pictures, watch: Stopwatch, first: bool
) -> NDArray[Any]:
    """Compute and check the features of a batch; of the first one, of a picture alone as well.

    Raises
    ------
    PluginError
        They break the contract.
    """
    spared = pictures.spared_s
    with watch.stage("features", len(pictures), lambda: pictures.spared_s - spared):
        part = np.asarray(classifier.features(pictures))
    check_features(classifier.name, part, len(pictures))
    if first and len(pictures) > 1:
        one = _last_of(pictures)
        alone = np.asarray(classifier.features(one))
        check_features(classifier.name, alone, 1)
        check_same_features(classifier.name, alone[0], part[-1])
    return part


def _last_of(pictures: Pictures) -> Pictures:
    """Return the last picture in colours, without painting the others."""
    levels = pictures.levels
    last = pictures.pixels[-1:] if levels is None else colour(levels.planes[-1:], levels.table)
    return Pictures(last, pictures.ids[-1:])


def _keep(shelf: Shelf, rows: Sequence[int], values: NDArray[Any], watch: Stopwatch) -> None:
    """Keep features, row by row.

    Raises
    ------
    StoreError
        They cannot be written, or are no numbers.
    """
    if values.dtype.kind not in _KINDS:
        raise StoreError(f"Features of type {values.dtype} are not kept: they are no numbers.")
    about = {
        "laps": written_laps(watch.laps),
        "host": platform.node(),
        "dtype": values.dtype.str,
        "shape": values.shape[1:],
    }
    data = tuple(np.ascontiguousarray(each).tobytes() for each in values)
    shelf.room.add(shelf.key, Rows(tuple(map(shelf.content, rows)), data, about))


def _read_all(shelf: Shelf, album: AnyAlbum, watch: Stopwatch, scratch: Path) -> Features | None:
    """Read kept features; None where some are gone or damaged: these are thrown out."""
    places = shelf.room.places(shelf.key)
    rows = places.find(shelf.contents)
    if (rows < 0).any():
        return None
    wanted: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row, (number, inside) in enumerate(places.places[rows].tolist()):
        wanted[places.chunks[number]].append((row, inside))
    shelf.room.use(shelf.key, sorted(wanted))
    values: NDArray[Any] | None = None
    laps: dict[str, list[Lap]] = {}
    whole = True
    for name, here in wanted.items():
        part = _read_some(shelf.room.home(shelf.key) / name, [row for _, row in here], laps)
        if part is None:
            whole = False
        elif values is None:
            values = space((len(album), *part.shape[1:]), part.dtype, scratch)
        if values is not None and part is not None:
            values[[row for row, _ in here]] = part
    if not whole or values is None:
        return None
    for stage, timed in laps.items():
        watch.laps.setdefault(stage, []).extend(timed)
    return Features(values, tuple(album.ids))


def _read_some(
    path: Path, numbers: Sequence[int], laps: dict[str, list[Lap]]
) -> NDArray[Any] | None:
    """Read some rows of a file, and what they took; a damaged file is thrown out."""
    try:
        with opened(path) as file:
            part = _rows(file, numbers)
            add_laps(laps, file.index.about)
            return part
    except Spoilt:
        remove(path)
        return None


def _rows(file: OpenRows, numbers: Sequence[int]) -> NDArray[Any]:
    """Read some rows of kept features [shape=(rows, ...)]."""
    dtype, shape = np.dtype(file.index.about["dtype"]), tuple(file.index.about["shape"])
    data = b"".join(file.row(number) for number in numbers)
    return np.frombuffer(data, dtype).reshape(len(numbers), *shape)


def space(shape: tuple[int, ...], dtype: Any, scratch: Path) -> NDArray[Any]:
    """Return an array for features: in memory, or in a file where it is large."""
    if np.prod(shape, dtype=float) * np.dtype(dtype).itemsize <= IN_MEMORY_BYTES:
        return np.empty(shape, dtype)
    return np.memmap(scratch / "features.raw", mode="w+", dtype=dtype, shape=shape)
