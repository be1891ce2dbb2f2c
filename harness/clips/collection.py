"""Every clip of a dataset, read once and checked before anything starts."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from harness.clips.blocks import Blocks
from harness.clips.entries import Entries
from harness.clips.faults import grouped_lines
from harness.clips.readings import Readings
from harness.clips.remembering import Memory
from harness.columns.named import Named
from harness.columns.strings import CODEC, Strings
from harness.columns.values import Coded
from harness.contracts import Dataset
from harness.errors import BadClips, DatasetError, SightbenchError, one_line
from harness.values import Entry, Fault, Selection

BLOCK_OF_LINES = 16384
"""Clips that are taken out of their columns at a time."""


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
    entries: Entries
    readings: Readings
    left_out: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", Entries.of(self.entries))

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def ids(self) -> Strings:
        """The id of each clip."""
        return self.entries.ids

    @cached_property
    def contents(self) -> Named[str]:
        """The content hash of each clip, by id."""
        return Named(self.ids, Strings.of_bytes(self.readings.contents))

    @cached_property
    def labels(self) -> Named[str]:
        """The class of each clip, by id."""
        return Named(self.ids, self.entries.labels)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Every class, sorted."""
        return tuple(self.counts)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Clips of each class, sorted by name."""
        return dict(sorted(self.entries.labels.counts().items()))

    @cached_property
    def class_numbers(self) -> NDArray[np.intp]:
        """The place of each clip's class among `classes` [shape=(clips,)]."""
        labels, places = self.entries.labels, {name: n for n, name in enumerate(self.classes)}
        return np.array([places.get(word, -1) for word in labels.words])[labels.numbers]

    @cached_property
    def grouped(self) -> bool:
        """Say whether every clip has a group."""
        return None not in self.entries.groups.used()

    @property
    def cut(self) -> bool:
        """Say whether any clip is cut from a recording."""
        return self.entries.spans is not None

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
        spans = self.entries.spans
        if spans is None:
            return ()
        named = {span[0] for span in spans if span is not None}
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

    def digest(self, ids: Mapping[str, str] | None = None) -> str:
        """Hash ids, labels, groups, positions and contents: of one digest, they are the same.

        Parameters
        ----------
        ids
            Only these clips; None for all.
        """
        if ids is None or len(ids) == len(self):
            return self._digest
        return self._hashed(np.sort(self.rows_of(ids)))

    def rows_of(self, ids: Iterable[str]) -> NDArray[np.intp]:
        """Return the rows of some clips; those that are none are left out."""
        asked = ids.names if isinstance(ids, Named) else Strings.of(ids)
        rows = self.ids.places(asked)
        return rows[rows >= 0]

    @cached_property
    def _digest(self) -> str:
        return self._hashed(np.arange(len(self)))

    def _hashed(self, rows: NDArray[np.intp]) -> str:
        """Hash lines that say what some clips are, in the order of the lines."""
        ids, digest = self.ids.take(rows), hashlib.sha256()
        order = rows[ids.order()]
        if ids.hold("\0"):  # what comes after an id then has a say in the order
            lines = sorted(chain.from_iterable(self._lines(rows)))
            return hashlib.sha256("\n".join(lines).encode(*CODEC)).hexdigest()
        for number, some in enumerate(self._lines(order)):
            digest.update("\n".join([*[""] * bool(number), *some]).encode(*CODEC))
        return digest.hexdigest()

    def _lines(self, rows: NDArray[np.intp]) -> Iterator[list[str]]:
        """Say what clips are, a line each, some of them at a time."""
        groups = self.entries.groups
        named = Coded(groups.numbers, [word or "" for word in groups.words])
        told = (self.ids, self.entries.labels, named, self.entries.column("position"))
        for start in range(0, len(rows), BLOCK_OF_LINES):
            here = rows[start : start + BLOCK_OF_LINES]
            ids, labels, names, positions = (column.take(here) for column in told)
            contents = self.readings.contents[here].astype(np.str_).tolist()
            columns = (ids, labels, names, contents, map(repr, positions))
            yield list(map("\0".join, zip(*columns, strict=True)))


def _is_sound(selection: object) -> bool:
    return (
        isinstance(selection, Selection)
        and isinstance(selection.recording, str)
        and isinstance(selection.label, str)
        and 0 <= selection.start_s <= selection.end_s < math.inf
    )


def collect(
    dataset: Dataset,
    skip_bad: bool,
    read: Callable[[Blocks], Iterable[Readings]],
    memory: Memory | None = None,
) -> Collection:
    """List a dataset and read all of its clips.

    Parameters
    ----------
    skip_bad
        Go on without the clips that cannot be used.
    read
        Maps `read_block` over tasks, in order; a run does it in workers.
    memory
        Knows what earlier readings showed, of clips whose files are as they were.

    Raises
    ------
    BadClips
        Some clips cannot be used and `skip_bad` is false; it lists all of them.
    DatasetError
        No clip is left, ids repeat, or there is one class only.
    """
    entries = list_entries(dataset)
    rows = entries.sound()
    sound = entries.take(rows)
    readings = _read(dataset, sound, read, memory or Memory())
    left_out = tuple(_faults(entries, rows, readings))
    if left_out and not skip_bad:
        raise BadClips(_listing(dataset, left_out, len(entries)), left_out)
    kept = np.flatnonzero(readings.table["fault"] == 0)
    if len(kept) < len(readings):
        sound, readings = sound.take(kept), readings.take(kept)
    collection = Collection(dataset, sound, readings, left_out)
    _check_classes(collection)
    return collection


def _faults(entries: Entries, sound: NDArray[np.intp], readings: Readings) -> Iterator[Fault]:
    """Say of each clip that cannot be used why, in the order of the listing."""
    found = {int(sound[row]): why for row, why in readings.faults().items()}
    for row in np.setdiff1d(np.arange(len(entries)), sound).tolist():
        found[row] = entries[row].fault or ""
    for row, why in sorted(found.items()):
        yield Fault(entries[row].where or entries[row].id, why)


def _read(
    dataset: Dataset,
    entries: Entries,
    read: Callable[[Blocks], Iterable[Readings]],
    memory: Memory,
) -> Readings:
    """Read clips, but for those of which it is remembered what that shows."""
    if memory.is_empty():
        blocks = Blocks(dataset, entries, memory)
        readings = Readings.joined(read(blocks))
        memory.keep(blocks.stamps, readings)
        return readings
    stamps = memory.stamps(dataset, entries)
    found, known = memory.recall(stamps)
    fresh = Readings.joined(read(Blocks(dataset, entries.take(np.flatnonzero(~known)))))
    if not len(fresh):
        return found
    readings = Readings.joined((found, fresh)).take(_places(known)) if len(found) else fresh
    memory.keep(stamps, readings)
    return readings


def _places(known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Say where each clip stands when those known come first, then the others."""
    places = np.empty(len(known), np.intp)
    places[np.argsort(~known, kind="stable")] = np.arange(len(known))
    return places


def list_entries(dataset: Dataset) -> Entries:
    """List the clips of a dataset, those with names that nothing can be written down as faulty.

    Raises
    ------
    DatasetError
        It cannot be listed, lists nothing, or an id twice.
    """
    try:
        entries = Entries.of(_entries(dataset))
    except SightbenchError:
        raise
    except (Exception, SystemExit) as error:  # a stranger's dataset
        raise DatasetError(f"{dataset.name} cannot be listed: {one_line(error)}") from error
    _check_ids(dataset, entries)
    return entries


def _entries(dataset: Dataset) -> Iterator[Entry]:
    for each in dataset.entries():
        if not isinstance(each, Entry):
            raise DatasetError(
                f"{dataset.name} lists {type(each).__name__} where an Entry belongs."
            )
        yield _named(each)


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


def _listing(dataset: Dataset, faults: Sequence[Fault], total: int) -> str:
    lines = "\n".join(f"  {line}" for line in grouped_lines(faults))
    return (
        f"{len(faults)} of the {total} clips of {dataset.name} cannot be used, so nothing was "
        f"started:\n{lines}\nMend or remove them, or go on without them: --skip-bad."
    )


def _check_ids(dataset: Dataset, entries: Entries) -> None:
    if not len(entries):
        raise DatasetError(f"{dataset.name} lists no clips. Check its path and its parameters.")
    ids = entries.column("id")
    if isinstance(ids, Strings) and not ids.may_repeat():
        return
    repeated = [each for each, count in Counter(ids).items() if count > 1]
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
