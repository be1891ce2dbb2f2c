"""What several classifiers look at is read once for all of them.

Reading a picture takes longer than what most classifiers make of it. Where several look at the
same pictures, workers read these a block at a time, let each classifier compute its features, and
put them into files that last as long as the cells run.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contracts import ONE_CORE, Classifier
from harness.errors import Spoilt
from harness.measuring.timing import Lap, Stopwatch
from harness.pictures.painted import Painted
from harness.pictures.stacks import AnyAlbum
from harness.running.cell import Bundle
from harness.running.computed import Computed
from harness.running.features import BATCH, BLOCK, computed
from harness.running.looking import Recordings
from harness.running.needs import needs_of, threads_of
from harness.running.options import Session
from harness.running.workers import Lost
from harness.values import Pictures

MOST_PICTURES = 100_000
"""Of all drawings together: of more, each classifier computes its own, for files would be large."""
MOST_BYTES = 2**14
"""Of a picture's features; larger ones are mostly the pictures again."""

Seen = Mapping[str, Sequence[Lap]]
"""What each classifier's features of a block took, by the name of its files."""


@dataclass(frozen=True, slots=True)
class LookingTask:
    """Pictures that several classifiers look at, in one worker.

    Parameters
    ----------
    classifiers
        By the name of their files.
    number
        Of this block among those of its album.
    """

    classifiers: Mapping[str, Classifier]
    album: AnyAlbum
    number: int
    folder: Path


def look_together(bundles: Sequence[Bundle], session: Session, folder: Path) -> list[Bundle]:
    """Let classifiers compute their features together, where several look at the same pictures.

    Where that fails the cells compute theirs themselves, and say what is wrong.

    Parameters
    ----------
    folder
        Holds the features; the cells need it.
    """
    groups = _groups(bundles, session)
    if not groups:
        return list(bundles)
    tasks = [task for group in groups for task in _tasks(group, bundles, folder)]
    session.begin(tasks)
    session.observer.stage("looking at pictures", sum(len(task.album) for task in tasks))
    laps: dict[str, dict[int, Sequence[Lap]]] = defaultdict(dict)
    for number, seen in session.workers.each(look_at_block, tasks):
        task = tasks[number]
        session.observer.advance(len(task.album))
        for name, timed in () if isinstance(seen, Lost) else seen.items():
            laps[name][task.number] = timed
    return [_handed(bundle, str(row), laps, folder) for row, bundle in enumerate(bundles)]


def _groups(bundles: Sequence[Bundle], session: Session) -> list[list[int]]:
    """Return the numbers of bundles that look at the same pictures, where they are not too many."""
    if session.options.timeout_s is not None:  # a cell's time is its own
        return []
    together: dict[int, list[int]] = defaultdict(list)
    for row, bundle in enumerate(bundles):
        if _shares(bundle):
            together[id(bundle.seen)].append(row)
    groups = [rows for rows in together.values() if len(rows) > 1]
    pictures = sum(len(bundles[rows[0]].seen) for rows in groups)
    return groups if pictures <= MOST_PICTURES else []


def _shares(bundle: Bundle) -> bool:
    """Say whether a classifier looks at pictures, in the time that it takes, and keeps nothing."""
    return (
        isinstance(bundle.classifier, Classifier)
        and not isinstance(bundle.seen, Recordings)
        and bundle.shelf is None
        and bundle.bookkeeping is None
        and bundle.resources == needs_of(bundle.classifier, {}) == ONE_CORE
    )


def _tasks(group: Sequence[int], bundles: Sequence[Bundle], folder: Path) -> list[LookingTask]:
    classifiers = {str(row): bundles[row].classifier for row in group}
    looking = {name: each for name, each in classifiers.items() if isinstance(each, Classifier)}
    album = bundles[group[0]].seen
    assert not isinstance(album, Recordings)
    blocks = (range(start, min(start + BLOCK, len(album))) for start in range(0, len(album), BLOCK))
    return [
        LookingTask(looking, album.take(block), number, folder)
        for number, block in enumerate(blocks)
    ]


def look_at_block(task: LookingTask) -> Seen:
    """Put down what each classifier sees in a block; those that fail or see much are left out."""
    gazes = {name: _Gaze(each) for name, each in task.classifiers.items()}
    with threads_of(task.classifiers[min(gazes)]):  # which all share
        for start in range(0, len(task.album), BATCH):
            try:
                pictures = task.album.pictures(range(start, min(start + BATCH, len(task.album))))
            except Spoilt:  # the cells find it, and have it drawn anew
                return {}
            first = task.number == start == 0
            gazes = {name: gaze for name, gaze in gazes.items() if gaze.looked(pictures, first)}
    return {
        name: gaze.watch.laps["features"]
        for name, gaze in gazes.items()
        if _written(gaze.parts, file_of(task.folder, name, task.number))
    }


@dataclass(slots=True)
class _Gaze:
    """What one classifier has seen so far."""

    classifier: Classifier
    watch: Stopwatch = field(default_factory=Stopwatch)
    parts: list[NDArray[Any]] = field(default_factory=list)

    def looked(self, pictures: Pictures, first: bool) -> bool:
        """Look at some more pictures; say whether it went well and is worth keeping."""
        try:
            part = computed(self.classifier, _afresh(pictures), self.watch, first)
        except (Exception, SystemExit):  # a stranger's plugin: its cells say what is wrong
            return False
        self.parts.append(part)
        return part.nbytes <= MOST_BYTES * len(part)


def _afresh(pictures: Pictures) -> Pictures:
    """Return pictures that nobody has painted yet: whoever looks at colours pays for them."""
    return pictures.afresh() if isinstance(pictures, Painted) else pictures


def _written(parts: Sequence[NDArray[Any]], path: Path) -> bool:
    """Put the features of a block into a file; say whether that went well."""
    try:
        np.save(path, np.concatenate(parts), allow_pickle=False)
    except (OSError, ValueError):  # no room, or no plain numbers
        return False
    return True


def file_of(folder: Path, name: str, number: int) -> Path:
    """Name the file of one classifier's features of a block."""
    return folder / f"{name}-{number}.npy"


def _handed(
    bundle: Bundle, name: str, laps: Mapping[str, Mapping[int, Sequence[Lap]]], folder: Path
) -> Bundle:
    """Give a bundle its features, if all blocks were seen."""
    blocks = -(-len(bundle.seen) // BLOCK)
    timed = laps.get(name, {})
    if len(timed) < blocks:
        return bundle
    numbers = range(blocks)
    found = Computed(
        tuple(file_of(folder, name, number) for number in numbers),
        tuple(lap for number in numbers for lap in timed[number]),
    )
    return dataclasses.replace(bundle, computed=found)
