"""Every clip of a dataset, read once and checked before anything starts."""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness.clips.facts import Facts, facts_of
from harness.clips.faults import grouped_lines
from harness.contracts import Dataset
from harness.errors import BadClip, BadClips, DatasetError, SightbenchError, one_line
from harness.values import Clip, Entry, Fault, Selection

BLOCK = 256
"""Clips that one worker reads at a time: opening a zip again costs little then."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one clip showed; `fault` is set where it cannot be used."""

    content: str = ""
    length: int = 0
    channels: int = 0
    rate: float = 0.0
    seconds: float = 0.0
    fault: str | None = None
    note: str = ""
    facts: Facts | None = None


@dataclass(frozen=True, eq=False)
class Collection:
    """The clips that a run uses.

    Parameters
    ----------
    dataset
        Reads them again when they are drawn.
    entries, readings
        One a clip, in the order of the dataset.
    left_out
        The clips that cannot be used, with the reason of each.
    """

    dataset: Dataset
    entries: tuple[Entry, ...]
    readings: tuple[Reading, ...]
    left_out: tuple[Fault, ...] = ()

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def contents(self) -> dict[str, str]:
        """The content hash of each clip, by id."""
        return {e.id: r.content for e, r in zip(self.entries, self.readings, strict=True)}

    @property
    def labels(self) -> dict[str, str]:
        """The class of each clip, by id."""
        return {entry.id: entry.label for entry in self.entries}

    @property
    def classes(self) -> tuple[str, ...]:
        """Every class, sorted."""
        return tuple(sorted({entry.label for entry in self.entries}))

    @property
    def counts(self) -> dict[str, int]:
        """Clips of each class, sorted by name."""
        return dict(sorted(Counter(entry.label for entry in self.entries).items()))

    @cached_property
    def grouped(self) -> bool:
        """Say whether every clip has a group."""
        return all(entry.group is not None for entry in self.entries)

    @cached_property
    def suggested(self) -> str:
        """The split that the dataset itself names for these clips; empty where it names none."""
        try:
            return self.dataset.suggest_split(self.entries)
        except SightbenchError:
            raise
        except (Exception, SystemExit) as error:  # a stranger's dataset
            raise DatasetError(
                f"{self.dataset.name} cannot suggest a split: {one_line(error)}. "
                "Name one: --split stratified."
            ) from error

    @cached_property
    def selections(self) -> tuple[Selection, ...]:
        """What is marked in the recordings that these clips are cut from.

        Raises
        ------
        DatasetError
            The dataset cannot list it, or lists what is no selection.
        """
        named = {entry.span[0] for entry in self.entries if entry.span is not None}
        if not named:
            return ()
        try:
            found = tuple(self.dataset.selections(self.entries))
        except SightbenchError:
            raise
        except (Exception, SystemExit) as error:  # a stranger's dataset
            raise DatasetError(
                f"{self.dataset.name} cannot list its selections: {one_line(error)}."
            ) from error
        odd = next((each for each in found if not _is_sound(each)), None)
        if odd is not None:
            raise DatasetError(
                f"{self.dataset.name} lists {odd!r}, which is no selection: that needs a "
                "recording, a label, and times in order from 0 s on."
            )
        return tuple(each for each in found if each.recording in named)

    def digest(self, ids: Container[str] | None = None) -> str:
        """Hash ids, labels, groups, positions and contents: of one digest, they are the same.

        Parameters
        ----------
        ids
            Only these clips; None for all.
        """
        lines = sorted(
            "\0".join((e.id, e.label, e.group or "", r.content, repr(e.position)))
            for e, r in zip(self.entries, self.readings, strict=True)
            if ids is None or e.id in ids
        )
        text = "\n".join(lines).encode("utf-8", "surrogatepass")
        return hashlib.sha256(text).hexdigest()


def _is_sound(selection: object) -> bool:
    return (
        isinstance(selection, Selection)
        and isinstance(selection.recording, str)
        and isinstance(selection.label, str)
        and 0 <= selection.start_s <= selection.end_s < math.inf
    )


def content_hash(clip: Clip) -> str:
    """Hash the samples, their shape and their rate: the same sound gives the same hash."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{clip.samples.shape} {clip.rate!r} ".encode())
    digest.update(np.ascontiguousarray(clip.samples).data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class ReadingTask:
    """Clips that a worker is to read."""

    dataset: Dataset
    entries: Sequence[Entry]


def read_block(task: ReadingTask) -> list[Reading]:
    """Read some clips and say of each what it holds or why it cannot be used."""
    return [_read_one(task.dataset, entry) for entry in task.entries]


def collect(
    dataset: Dataset,
    skip_bad: bool,
    read: Callable[[Sequence[ReadingTask]], Iterable[list[Reading]]],
) -> Collection:
    """List a dataset and read all of its clips.

    Parameters
    ----------
    skip_bad
        Go on without the clips that cannot be used.
    read
        Maps `read_block` over tasks, in order; a run does it in workers.

    Raises
    ------
    BadClips
        Some clips cannot be used and `skip_bad` is false; it lists all of them.
    DatasetError
        No clip is left, ids repeat, or there is one class only.
    """
    entries = list_entries(dataset)
    sound = [entry for entry in entries if entry.fault is None]
    tasks = [
        ReadingTask(dataset, sound[start : start + BLOCK]) for start in range(0, len(sound), BLOCK)
    ]
    readings = dict(zip((e.id for e in sound), _flat(read(tasks)), strict=True))
    faults = [_fault(entry, readings) for entry in entries]
    left_out = tuple(fault for fault in faults if fault is not None)
    if left_out and not skip_bad:
        raise BadClips(_listing(dataset, left_out, len(entries)), left_out)
    kept = [entry for entry, fault in zip(entries, faults, strict=True) if fault is None]
    collection = Collection(dataset, tuple(kept), tuple(readings[e.id] for e in kept), left_out)
    _check_classes(collection)
    return collection


def list_entries(dataset: Dataset) -> list[Entry]:
    """List the clips of a dataset, those with names that nothing can be written down as faulty.

    Raises
    ------
    DatasetError
        It cannot be listed, lists nothing, or an id twice.
    """
    try:
        entries = list(dataset.entries())
    except SightbenchError:
        raise
    except (Exception, SystemExit) as error:  # a stranger's dataset
        raise DatasetError(f"{dataset.name} cannot be listed: {one_line(error)}") from error
    odd = [each for each in entries if not isinstance(each, Entry)]
    if odd:
        raise DatasetError(f"{dataset.name} lists {type(odd[0]).__name__} where an Entry belongs.")
    _check_ids(dataset, entries)
    return [_named(entry) for entry in entries]


def _named(entry: Entry) -> Entry:
    words = (entry.id, entry.label, entry.group or "")
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        shown = (entry.where or entry.id).encode("utf-8", "backslashreplace").decode()
        fault = "its name, label or group is not valid UTF-8: rename it"
        return replace(entry, where=shown, fault=entry.fault or fault)
    except TypeError:
        return replace(entry, where=repr(entry.id), fault="its id, label or group is no text")
    return entry


def _read_one(dataset: Dataset, entry: Entry) -> Reading:
    start = time.perf_counter()
    try:
        clip = dataset.read(entry)
    except BadClip as error:
        return Reading(fault=str(error))
    except (Exception, SystemExit) as error:  # a stranger's: its clip is bad, others are not
        return Reading(fault=f"cannot be read: {one_line(error)}")
    if not isinstance(clip, Clip):
        return Reading(fault=f"reading it gave {type(clip).__name__}, no Clip")
    seconds = time.perf_counter() - start
    fault = _flaw(clip.samples)
    if fault:
        return Reading(fault=fault)
    channels, length = clip.samples.shape
    return Reading(
        content_hash(clip),
        length,
        channels,
        clip.rate,
        seconds,
        note=clip.note,
        facts=facts_of(clip),
    )


def _flaw(samples: NDArray[np.float32]) -> str | None:
    if samples.size == 0:
        return "holds zero samples"
    if not np.isfinite(samples).all():
        return "holds samples that are not finite (NaN or infinity)"
    return None


def _flat(blocks: Iterable[list[Reading]]) -> Iterator[Reading]:
    for block in blocks:
        yield from block


def _fault(entry: Entry, readings: dict[str, Reading]) -> Fault | None:
    why = entry.fault or readings[entry.id].fault
    return Fault(entry.where or entry.id, why) if why else None


def _listing(dataset: Dataset, faults: Sequence[Fault], total: int) -> str:
    lines = "\n".join(f"  {line}" for line in grouped_lines(faults))
    return (
        f"{len(faults)} of the {total} clips of {dataset.name} cannot be used, so nothing was "
        f"started:\n{lines}\nMend or remove them, or go on without them: --skip-bad."
    )


def _check_ids(dataset: Dataset, entries: Sequence[Entry]) -> None:
    if not entries:
        raise DatasetError(f"{dataset.name} lists no clips. Check its path and its parameters.")
    repeated = [each for each, count in Counter(e.id for e in entries).items() if count > 1]
    if repeated:
        raise DatasetError(
            f"{dataset.name} lists {len(repeated)} ids more than once, {repeated[0]!r} among them; "
            "every clip needs an id of its own."
        )


def _check_classes(collection: Collection) -> None:
    if not len(collection):
        lines = "".join(f"\n  {line}" for line in grouped_lines(collection.left_out))
        name = collection.dataset.name
        raise DatasetError(f"{name} has no clip that can be used{':' if lines else '.'}{lines}")
    if len(collection.classes) == 1:
        raise DatasetError(
            f"All {len(collection)} clips of {collection.dataset.name} have one label, "
            f"{collection.classes[0]!r}; a comparison needs two classes or more. "
            "Check where the labels are read from."
        )
