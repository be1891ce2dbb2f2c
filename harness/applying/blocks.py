"""Windows of a recording scored some at a time, in workers; what is finished is kept on disk.

A block's file holds its scores, a hash of them, and why windows could not be read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.applying.bundle import Bundle, read_bundle
from harness.applying.probes import self_test
from harness.applying.restoring import Restored
from harness.applying.scoring import TOGETHER, Together
from harness.contracts import UnlabelledDataset
from harness.errors import BadClip, StoreError, one_line
from harness.files.whole import write_whole
from harness.values import Clip

WINDOWS = 1024
"""In a block: 17 minutes at half overlap of 2 s."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kept:
    """A detector for workers: where its file lies, which it was, and what it is made of here."""

    path: Path
    digest: str
    restored: Restored

    def scorer(self) -> tuple[Bundle, Together]:
        """Read the file, once a process, and make what has learnt again.

        Raises
        ------
        StoreError
            It is another file by now.
        """
        bundle = _read(self.path, self.digest)
        return bundle, _scorer(self.digest, bundle, self.restored)


@lru_cache(maxsize=1)
def _read(path: Path, digest: str) -> Bundle:
    bundle = read_bundle(path)
    if bundle.digest != digest:
        raise StoreError(f"{path} was replaced while it was at work. Start again.")
    return bundle


_SCORERS: dict[str, Together] = {}


def _scorer(digest: str, bundle: Bundle, restored: Restored) -> Together:
    if digest not in _SCORERS:
        _SCORERS.clear()
        _SCORERS[digest] = restored.scorer(bundle)
    return _SCORERS[digest]


@dataclass(frozen=True, slots=True)
class Trial:
    """A task for a worker: the self-test."""

    kept: Kept
    tolerance: float | None


def try_out(task: Trial) -> str:
    """Run the self-test; say what is otherwise here, empty where nothing."""
    bundle, scorer = task.kept.scorer()
    return self_test(scorer, bundle.probes, bundle.samples, task.tolerance)


@dataclass(frozen=True, slots=True)
class Block:
    """A task for a worker: some windows of a recording, to be scored into a file.

    Parameters
    ----------
    shape, rate_hz
        Of the clips that the detector knows.
    """

    kept: Kept
    dataset: UnlabelledDataset
    name: str
    first: int
    count: int
    shape: tuple[int, int]
    rate_hz: float
    file: Path


@dataclass(frozen=True, slots=True)
class Unread:
    """Windows that could not be read or scored, from one number up to another, and why."""

    first: int
    last: int
    why: str


def score_block(task: Block) -> int:
    """Score the windows of a block and keep what came of it; return how many there were.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    _, scorer = task.kept.scorer()
    scores = np.full((task.count, len(scorer.classes)), np.nan)
    unread: list[Unread] = []
    for rows, clips in _batches(task, unread):
        scores[rows] = _scored(task, scorer, rows, clips, unread)
    try:
        write_whole(task.file, _written(scores, _joined(unread)))
    except OSError as error:
        raise StoreError(
            f"{task.file.parent} cannot be written: {error.strerror or error}. What is finished "
            "is kept: free some space and start the same command again."
        ) from None
    return task.count


def _batches(task: Block, unread: list[Unread]) -> Iterator[tuple[list[int], list[Clip]]]:
    for start in range(0, task.count, TOGETHER):
        count = min(TOGETHER, task.count - start)
        try:
            clips = list(task.dataset.listen_on(task.name, task.first + start, count))
            for clip in clips:
                _expect_shape(task, clip)
            rows = list(range(start, start + count))
        except BadClip:
            rows, clips = _readable(task, range(start, start + count), unread)
        if clips:
            yield rows, clips


def _readable(
    task: Block, wanted: Sequence[int], unread: list[Unread]
) -> tuple[list[int], list[Clip]]:
    """Read windows one by one, to find out which cannot be."""
    rows: list[int] = []
    clips: list[Clip] = []
    for row in wanted:
        number = task.first + row
        try:
            clip = task.dataset.listen(task.name, number)
            _expect_shape(task, clip)
        except BadClip as error:
            unread.append(Unread(number, number, str(error)))
            continue
        rows.append(row)
        clips.append(clip)
    return rows, clips


def _expect_shape(task: Block, clip: Clip) -> None:
    if clip.samples.shape == task.shape and clip.rate == task.rate_hz:
        return
    (channels, count), (wanted, length) = clip.samples.shape, task.shape
    raise BadClip(
        f"has windows of {channels} x {count} samples at {clip.rate:g} Hz; the detector knows "
        f"{wanted} x {length} at {task.rate_hz:g} Hz"
    )


def _scored(
    task: Block, scorer: Together, rows: Sequence[int], clips: Sequence[Clip], unread: list[Unread]
) -> Scores:
    """Score clips together; where that fails one by one, to find out which cannot be."""
    try:
        return scorer.scores(clips)
    except (Exception, SystemExit) as error:  # a stranger's plugin, or a clip that it refuses
        if len(clips) == 1:
            number = task.first + rows[0]
            unread.append(Unread(number, number, f"cannot be scored: {one_line(error)}"))
            return np.full((1, len(scorer.classes)), np.nan)
    alone = [
        _scored(task, scorer, [row], [clip], unread) for row, clip in zip(rows, clips, strict=True)
    ]
    return np.concatenate(alone)


def _joined(unread: Sequence[Unread]) -> list[Unread]:
    """Put neighbours with the same reason together."""
    found: list[Unread] = []
    for each in sorted(unread, key=lambda one: one.first):
        if found and found[-1].last + 1 == each.first and found[-1].why == each.why:
            found[-1] = Unread(found[-1].first, each.last, each.why)
        else:
            found.append(each)
    return found


def _written(scores: Scores, unread: Sequence[Unread]) -> bytes:
    data = np.ascontiguousarray(scores, "<f8").tobytes()
    told = [[each.first, each.last, each.why] for each in unread]
    about = json.dumps({"shape": scores.shape, "unread": told}).encode()
    return _hash(about + data) + b"\n" + about + b"\n" + data


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).hexdigest().encode()


def read_block(path: Path) -> tuple[Scores, list[Unread]] | None:
    """Read what came of a block [shape=(windows, classes)]; None where there is none, or damage."""
    try:
        digest, about, data = path.read_bytes().split(b"\n", 2)
        if _hash(about + data) != digest:
            return None
        values = json.loads(about)
        scores = np.frombuffer(data, "<f8").reshape(values["shape"])
        return scores, [Unread(int(a), int(b), str(why)) for a, b, why in values["unread"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
