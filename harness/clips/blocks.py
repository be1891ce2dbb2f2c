"""Clips are read some at a time: of each, what it holds, or why it cannot be used."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import starmap
from numbers import Real

import numpy as np

from harness.clips.entries import Entries
from harness.clips.facts import facts_of
from harness.clips.readings import Reading, Readings
from harness.clips.remembering import Memory
from harness.contracts import Dataset
from harness.errors import BadClip, one_line
from harness.values import Clip, Entry

BLOCK = 256
"""Clips that one worker reads at a time: opening a zip again costs little then."""
FEW_BYTES = 2**18
"""Of the samples of clips that are read before they are looked at: caches hold as much."""
_NUMBERS = (float, int, Real)
"""The usual ones first: to ask whether something is real takes long."""


def content_hash(clip: Clip) -> str:
    """Hash the samples, their shape and their rate: the same sound gives the same hash."""
    said = f"{clip.samples.shape} {clip.rate!r} ".encode()
    digest = hashlib.blake2b(said, digest_size=16)
    digest.update(np.ascontiguousarray(clip.samples).data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class ReadingTask:
    """Clips that a worker is to read."""

    dataset: Dataset
    entries: Sequence[Entry]


class Blocks(Sequence[ReadingTask]):
    """Clips that workers are to read, some at a time.

    Parameters
    ----------
    memory
        Looks at the files of a block when that is asked for first, so that workers read already
        while the next ones are looked at; None where that was done before.
    """

    def __init__(self, dataset: Dataset, entries: Entries, memory: Memory | None = None) -> None:
        self.dataset, self.entries, self.memory = dataset, entries, memory
        self.stamps = Memory().stamps(dataset, entries)
        self._looked_at: set[int] = set()

    def __len__(self) -> int:
        return -(-len(self.entries) // BLOCK)

    def __getitem__(self, number: int) -> ReadingTask:  # type: ignore[override]
        if number >= len(self):
            raise IndexError(number)
        here = slice(number * BLOCK, (number + 1) * BLOCK)
        entries = self.entries[here]
        if self.memory is not None and number not in self._looked_at:
            self._looked_at.add(number)
            self.stamps[here] = self.memory.stamps(self.dataset, entries)
        return ReadingTask(self.dataset, entries)


def read_block(task: ReadingTask) -> Readings:
    """Read some clips and say of each what it holds or why it cannot be used."""
    return Readings.of(reading for reading, _ in _read_each(task))


def read_clips(task: ReadingTask) -> tuple[Readings, list[Clip | None]]:
    """Read some clips and give them, None where one cannot be used, with what each holds."""
    found = list(_read_each(task))
    return Readings.of(reading for reading, _ in found), [clip for _, clip in found]


def _read_each(task: ReadingTask) -> Iterator[tuple[Reading, Clip | None]]:
    """Read a few clips, then look at them: a processor is quicker at either than by turns."""
    few: list[tuple[Clip | str, float]] = []
    held = 0
    for entry in task.entries:
        clip, seconds = _read_one(task.dataset, entry)
        few.append((clip, seconds))
        held += clip.samples.nbytes if isinstance(clip, Clip) else 0
        if held > FEW_BYTES:
            yield from starmap(_looked_at, few)
            few, held = [], 0
    yield from starmap(_looked_at, few)


def _read_one(dataset: Dataset, entry: Entry) -> tuple[Clip | str, float]:
    """Read a clip, or say why that cannot be done; and how long it took (s)."""
    start = time.perf_counter()
    try:
        clip = dataset.read(entry)
    except BadClip as error:
        return str(error) or "cannot be read", 0.0
    except (Exception, SystemExit) as error:  # a stranger's: its clip is bad, others are not
        return f"cannot be read: {one_line(error)}", 0.0
    if not isinstance(clip, Clip):
        return f"reading it gave {type(clip).__name__}, no Clip", 0.0
    return clip, time.perf_counter() - start


def _looked_at(clip: Clip | str, seconds: float) -> tuple[Reading, Clip | None]:
    """Say what a clip holds, or why it cannot be used."""
    if isinstance(clip, str):
        return Reading(fault=clip), None
    if clip.samples.size == 0:
        return Reading(fault="holds zero samples"), None
    facts = facts_of(clip)
    if facts is None:
        return Reading(fault="holds samples that are not finite (NaN or infinity)"), None
    if fault := _misstatement(clip):
        return Reading(fault=fault), None
    channels, length = clip.samples.shape
    content, note = content_hash(clip), str(clip.note or "")
    return Reading(content, length, channels, clip.rate, seconds, None, note, facts), clip


def _misstatement(clip: Clip) -> str | None:
    """Say what is wrong with what a stranger's reader says of how a clip was recorded."""
    origin = clip.origin
    if origin is None:
        return None
    numbers = isinstance(origin.rate, _NUMBERS) and isinstance(origin.seconds, _NUMBERS)
    if numbers and isinstance(origin.channels, _NUMBERS) and isinstance(origin.kind, str):
        return None
    return f"reading it gave an origin that is none: {origin}"
