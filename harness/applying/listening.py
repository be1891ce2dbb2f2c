"""A kept detector put to work: recordings listed, windows scored in workers, scores read back."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np

from harness.applying.blocks import (
    WINDOWS,
    Block,
    Kept,
    Scores,
    Trial,
    Unread,
    read_block,
    score_block,
    try_out,
)
from harness.applying.bundle import Bundle, read_bundle
from harness.applying.restoring import restore
from harness.contracts import UnlabelledDataset
from harness.errors import DatasetError, StoreError, one_line
from harness.planning.specs import parse_specs
from harness.registry.discovery import Plugins
from harness.running.options import Session
from harness.running.workers import Lost
from harness.values import Recording

_ENDS = 2**16
"""Bytes at both ends of a file that tell it from another of the same name, size and date."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording that is listened to.

    Parameters
    ----------
    name
        Under which its detections are written; different for different recordings.
    blocks
        The files of its scores, in order.
    lost
        Why blocks have no scores, by their first window: their process was stopped or died.
    """

    dataset: UnlabelledDataset
    recording: Recording
    name: str
    blocks: tuple[Path, ...]
    lost: dict[int, str] = field(default_factory=dict)

    def scores(self, classes: int) -> tuple[Scores, list[Unread]]:
        """Read the scores of all windows [shape=(windows, classes)], and which could not be read.

        Raises
        ------
        StoreError
            A block is damaged or gone.
        """
        parts, unread = [], []
        for number, path in enumerate(self.blocks):
            found = read_block(path)
            first = number * WINDOWS
            count = min(WINDOWS, self.recording.windows - first)
            if found is None and first in self.lost:
                lost = Unread(first, first + count - 1, self.lost[first])
                found = np.full((count, classes), np.nan), [lost]
            if found is None or found[0].shape != (count, classes):
                raise StoreError(
                    f"{path} is damaged or gone: start the same command again, it is made anew."
                )
            scores, own = found
            parts.append(scores)
            unread += own
        return (np.concatenate(parts) if parts else np.empty((0, classes))), unread


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A detector at work.

    Parameters
    ----------
    home
        The folder that keeps the scores.
    """

    bundle: Bundle
    kept: Kept
    heard: tuple[Heard, ...]
    home: Path


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for.

    Parameters
    ----------
    paths
        Recordings, or folders or zips of them.
    home
        The folder that keeps the scores.
    tolerance
        Let the self-test's probabilities differ by this much; None for as good as nothing.
    """

    detector: Path
    paths: tuple[Path, ...]
    home: Path
    hop_s: float | None = None
    tolerance: float | None = None


def listen(order: Order, plugins: Plugins, session: Session) -> Work:
    """Try the detector out, then score every window of all recordings that has no score yet.

    Raises
    ------
    StoreError
        The detector is damaged, cannot be put together here, or draws or scores otherwise.
    DatasetError
        There are no recordings, or two would have one name.
    """
    bundle = read_bundle(order.detector)
    restored = restore(bundle.detector, plugins.catalogue)
    kept = Kept(order.detector.absolute(), bundle.digest, restored)
    for line in restored.differences:
        session.observer.tell(f"otherwise here: {line}")
    session.observer.stage("trying the detector out", None)
    _expect_as_made(order, kept, session)
    session.observer.stage("listing recordings", None)
    heard = tuple(_all_heard(order, bundle, plugins))
    work = Work(bundle, kept, heard, order.home)
    _score(work, session)
    return work


def _expect_as_made(order: Order, kept: Kept, session: Session) -> None:
    trial = Trial(kept, order.tolerance)
    (why,) = session.workers.in_order(try_out, [trial], session.options.timeout_s)
    why = f"its self-test could not run: {why.reason}" if isinstance(why, Lost) else why
    if why:
        differences = "; ".join(kept.restored.differences)
        raise StoreError(
            f"{order.detector} is not put to work: {why}. "
            + (f"Otherwise here: {differences}. " if differences else "")
            + "What it would find is not what was measured. Install what it was made with "
            "(sightbench inspect shows it), keep it anew here, or allow for it: --tolerance 0.001."
        )


def reader(bundle: Bundle, plugins: Plugins, order: Order, path: Path) -> UnlabelledDataset:
    """Make what cuts the recordings at a path.

    Raises
    ------
    StoreError
        The detector does not know how, or no such dataset is installed here.
    """
    hearing = bundle.detector.hearing
    if not hearing.dataset:
        raise StoreError(f"{order.detector} cannot be applied: {hearing.why_not}.")
    (spec,) = parse_specs(hearing.dataset)[:1]
    changed = {"path": str(path)} | ({} if order.hop_s is None else {"hop": order.hop_s})
    pairs = tuple((name, value) for name, value in spec.parameters if name not in changed)
    spec = dataclasses.replace(spec, parameters=(*pairs, *changed.items()))
    if not issubclass(plugins.catalogue.find("dataset", spec.name), UnlabelledDataset):
        raise StoreError(f"{spec.name} lists labelled clips here; it cuts no new recordings.")
    return cast(UnlabelledDataset, plugins.catalogue.build("dataset", spec))


def _all_heard(order: Order, bundle: Bundle, plugins: Plugins) -> Iterator[Heard]:
    found: list[tuple[UnlabelledDataset, Path, Recording]] = []
    for path in order.paths:
        dataset = reader(bundle, plugins, order, path)
        try:
            found += [(dataset, path, each) for each in dataset.recordings()]
        except DatasetError:
            raise
        except (Exception, SystemExit) as error:  # a stranger's dataset
            raise DatasetError(f"{path} cannot be listed: {one_line(error)}.") from error
    _expect_own_names([each.name for _, _, each in found])
    for dataset, path, recording in found:
        folder = order.home / _key(bundle, dataset, path, recording)
        starts = range(0, recording.windows, WINDOWS)
        blocks = tuple(folder / f"{first:09d}.scores" for first in starts)
        yield Heard(dataset, recording, recording.name, blocks)


def _expect_own_names(names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(
            f"{len(twice)} names stand for several recordings ({twice[0]!r}): name the folder "
            "that they have in common, or apply the detector to each folder by itself."
        )


def _key(bundle: Bundle, dataset: UnlabelledDataset, path: Path, recording: Recording) -> str:
    """Name the scores of a recording by all that they depend on."""
    place = path / recording.name if path.is_dir() else path
    parts = [bundle.digest, recording.name, repr(recording.windows), repr(recording.hop_s)]
    try:
        stat = place.stat()
        with place.open("rb") as file:
            head = file.read(_ENDS)
            file.seek(max(stat.st_size - _ENDS, 0))
            ends = hashlib.blake2b(head + file.read(_ENDS)).hexdigest()
        parts += [str(stat.st_size), str(stat.st_mtime_ns), ends]
    except OSError:
        parts.append("unreadable")
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _score(work: Work, session: Session) -> None:
    """Score what has no score yet; a block whose process dies is told, the rest goes on."""
    everything = list(_blocks(work))
    tasks = [(heard, task) for heard, task in everything if read_block(task.file) is None]
    total = sum(task.count for _, task in everything)
    left = sum(task.count for _, task in tasks)
    session.observer.stage("listening to windows", total, total - left)
    blocks = [task for _, task in tasks]
    for number, result in session.workers.each(score_block, blocks, session.options.timeout_s):
        heard, task = tasks[number]
        if isinstance(result, Lost):
            heard.lost[task.first] = result.reason
        else:
            session.observer.advance(result)


def _blocks(work: Work) -> Iterator[tuple[Heard, Block]]:
    hearing = work.bundle.detector.hearing
    shape = (hearing.channels, round(hearing.window_s * hearing.rate_hz))
    for heard in work.heard:
        for number, file in enumerate(heard.blocks):
            first = number * WINDOWS
            count = min(WINDOWS, heard.recording.windows - first)
            name = heard.recording.name
            block = Block(
                work.kept, heard.dataset, name, first, count, shape, hearing.rate_hz, file
            )
            yield heard, block
