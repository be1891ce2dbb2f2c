"""Long recordings with tables of what was heard in them, cut into labelled windows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from harness import BadClip, Dataset, DatasetError, Entry, ParameterError, hookimpl, parameter
from plugins.datasets.annotations.columns import Columns
from plugins.datasets.annotations.delimited import NoTable
from plugins.datasets.annotations.pairing import Pairing, pair
from plugins.datasets.annotations.selections import Selections, Table
from plugins.datasets.annotations.tables import (
    KINDS,
    Recordings,
    may_be_table,
    read_table,
    several,
)
from plugins.datasets.file_names import Listed
from plugins.datasets.long_recordings import SUFFIXES, LongRecording, open_recording
from plugins.datasets.stores import Store, open_store
from plugins.datasets.windowed import Samples, Survey, Surveyed, Windowed
from plugins.datasets.windowed_remarks import counted

ABSENT = ("fault", "background", "leave-out")


@dataclass(frozen=True, kw_only=True)
class Annotated(Windowed):
    """Windows of long recordings, labelled by tables of selections: Raven, Audacity, CSV.

    A table belongs to the recording whose name it begins with (``a.flac``,
    ``a.Table.1.selections.txt``), or names recordings in a column of its own. Recordings are
    read in blocks; each is its own group unless `group` says otherwise.
    """

    name: ClassVar[str] = "annotated"

    path: str = parameter(help="folder or zip of recordings")
    labels: str = parameter("", "folder, zip or file of tables; empty: beside the recordings")
    tables: str = parameter(
        "auto", "kind of table; auto looks at each; most are read by crowsetta", choices=KINDS
    )
    start_column: str = parameter("", "heading of the beginnings (s); empty for the usual ones")
    end_column: str = parameter("", "heading of the ends (s); empty for the usual ones")
    label_column: str = parameter("", "heading of the labels; empty for the usual ones")
    file_column: str = parameter("", "heading of the recordings' names; empty for the usual ones")
    without_table: str = parameter("fault", "what a recording without a table is", choices=ABSENT)
    channels: str = parameter("mix", "mix all channels, keep them apart, or the number of one")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.channels not in ("mix", "keep") and not self._channel:
            raise ParameterError(
                f"{self.name}: channels={self.channels!r} is none of mix, keep, or a number from 1."
            )

    @property
    def _channel(self) -> int:
        """The one channel that is used, counted from 1; 0 for all."""
        return int(self.channels) if self.channels.isascii() and self.channels.isdecimal() else 0

    @cached_property
    def _store(self) -> Store:
        return open_store(self.path)

    def _recording(self, name: str) -> LongRecording:
        recording = open_recording(self._store, name)
        if self._channel > recording.channels:
            raise BadClip(f"has no channel {self._channel}, only {recording.channels}")
        return recording

    def _channels(self, samples: Samples) -> Samples:
        if self._channel:
            return samples[self._channel - 1 : self._channel]
        if self.channels == "mix" and len(samples) > 1:
            mixed: Samples = samples.mean(axis=0, keepdims=True, dtype=np.float32)
            return mixed
        return samples

    def survey(self) -> Survey:
        """Open all recordings for their lengths, read all tables, bring them together."""
        files = self._store.listing()
        found = [each for each in files if PurePosixPath(each.name).suffix.casefold() in SUFFIXES]
        if not found:
            raise DatasetError(
                f"No recordings in {self.path!r}: it should hold .wav, .flac, .aiff, .ogg or .mp3 "
                "files; if they lie inside another zip, unpack that first."
            )
        opened, faults, notes = self._opened(found)
        tables, bad, more = self._tables(files, [each.name for each in found])
        durations = {name: frames / rate for name, (rate, frames) in opened.items()}
        unusable = {entry.where for entry in faults}
        pairing = self._paired(tables, durations, unusable)
        recordings, untabled, rest = self._surveyed(opened, pairing)
        if not recordings and not (faults or bad or pairing.faults or untabled):
            raise DatasetError(f"No recording in {self.path!r} has a table: nothing to learn from.")
        return Survey(
            tuple(recordings),
            (*faults, *bad, *pairing.faults, *untabled),
            (*notes, *more, *rest),
        )

    def _opened(
        self, files: Sequence[Listed]
    ) -> tuple[dict[str, tuple[float, int]], list[Entry], list[str]]:
        """Return rate and length of each recording that can be read."""
        opened: dict[str, tuple[float, int]] = {}
        faults, notes, short = [], [], []
        channels = set()
        for file in files:
            try:
                if file.fault:
                    raise BadClip(file.fault)
                recording = self._recording(file.name)
            except BadClip as error:
                faults.append(Entry(file.name, "", where=file.name, fault=str(error)))
                continue
            opened[file.name] = (recording.rate, recording.frames)
            channels.add(recording.channels)
            if recording.frames < recording.promised:
                notes.append(
                    f"{file.name} breaks off at {recording.duration_s:.6g} s; its header promises "
                    f"{recording.promised / recording.rate:.6g} s. It is used up to there."
                )
            if recording.duration_s < self.window:
                short.append(file.name)
        if short:
            notes.append(f"Shorter than a window, so never used: {several(short)}.")
        return opened, faults, [*notes, *self._format_notes(opened, channels)]

    def _format_notes(
        self, opened: Mapping[str, tuple[float, int]], channels: set[int]
    ) -> list[str]:
        rates = sorted({rate for rate, _ in opened.values()})
        notes = []
        if len(rates) > 1 or (self.rate and rates and self.rate != rates[0]):
            shown = ", ".join(f"{rate:g}" for rate in rates)
            target = self.rate or rates[0]
            notes.append(f"The recordings have {shown} Hz; windows are resampled to {target:g} Hz.")
        if max(channels, default=1) > 1:
            used = "are mixed" if self.channels == "mix" else "are kept apart"
            used = f"are left out but for number {self._channel}" if self._channel else used
            notes.append(f"Channels {used}.")
        return notes

    def _tables(
        self, files: Sequence[Listed], recordings: Sequence[str]
    ) -> tuple[list[Table], list[Entry], list[str]]:
        """Read every table; a text that is none and has no recording's name is passed over."""
        columns = Columns(self.start_column, self.end_column, self.label_column, self.file_column)
        names = Recordings(recordings)
        tables, faults = [], []
        passed: list[str] = []
        for name, data, fault in self._table_files(files):
            try:
                if fault:
                    raise NoTable(fault)
                tables.append(read_table(name, data, self.tables, columns))
            except NoTable as error:
                if names.of_table(name, not self.labels) or self._named_file:
                    faults.append(Entry(name, "", where=name, fault=str(error)))
                else:
                    passed.append(name)
        notes = [f"Passed over, for they are no tables: {several(passed)}."] if passed else []
        return tables, faults, [*notes, *_table_notes(tables)]

    @property
    def _named_file(self) -> bool:
        return bool(self.labels) and _is_table_file(self.labels)

    def _table_files(self, files: Sequence[Listed]) -> Iterable[tuple[str, bytes, str]]:
        """Give name and bytes of each file that may be a table, or why it cannot be read."""
        if self._named_file:
            path = Path(self.labels).expanduser()
            yield path.name, path.read_bytes(), ""
            return
        store = open_store(self.labels) if self.labels else self._store
        listed = store.listing() if self.labels else files
        for file in listed:
            if may_be_table(file.name) or (self.tables not in KINDS[:4] and _is_other(file.name)):
                try:
                    yield file.name, store.read(file.name), file.fault or ""
                except BadClip as error:
                    yield file.name, b"", str(error)

    def _paired(
        self, tables: Sequence[Table], durations: Mapping[str, float], unusable: set[str]
    ) -> Pairing:
        """Pair tables with recordings; those of recordings that cannot be read say nothing."""
        everything = {**durations, **dict.fromkeys(unusable, np.inf)}
        pairing = pair(tables, everything, not self.labels, self.path)
        for name in unusable:
            del pairing.recordings[name]
        return pairing

    def _surveyed(
        self, opened: Mapping[str, tuple[float, int]], pairing: Pairing
    ) -> tuple[list[Surveyed], list[Entry], list[str]]:
        """Choose the selections that count; see to recordings without a table."""
        wanted = self._wanted(pairing)
        absent = [name for name, each in pairing.recordings.items() if not each.tables]
        skipped = set() if self.without_table == "background" else set(absent)
        recordings, notes, left = [], [], 0
        for name, paired in pairing.recordings.items():
            selections = paired.selections()
            counting = self._counting(selections, wanted)
            left += int((~counting).sum())
            if name not in skipped:
                chosen = selections.take(counting)
                rate, frames = opened[name]
                recordings.append(Surveyed(name, rate, frames, chosen, tuple(paired.blurred)))
        if doubled := sum(each.doubled() for each in pairing.recordings.values()):
            notes.append(
                f"{counted(doubled, 'row')} passed over that say what another one says: a "
                "selection that is seen in several views counts once."
            )
        if left:
            notes.append(
                f"{counted(left, 'selection')} of another class, band or channel than asked for "
                "count as background."
            )
        faults = self._absence_faults(absent)
        if absent and not faults:
            what = "are background" if self.without_table == "background" else "are left out"
            notes.append(f"{counted(len(absent), 'recording')} without a table {what}: "
                         f"{several(absent)}.")  # fmt: skip
        return recordings, faults, notes

    def _absence_faults(self, absent: Sequence[str]) -> list[Entry]:
        if self.without_table != "fault":
            return []
        why = (
            "has no table of selections; if nobody heard anything in it, say "
            "without_table=background, if nobody listened, without_table=leave-out"
        )
        return [Entry(name, "", where=name, fault=why) for name in absent]

    def _wanted(self, pairing: Pairing) -> frozenset[str]:
        """Return the classes that count.

        Raises
        ------
        DatasetError
            No selection has one of them.
        """
        wanted = frozenset(each.strip() for each in self.classes.split(",") if each.strip())
        known = {
            label for each in pairing.recordings.values() for part in each.parts
            for label in part.labels
        }  # fmt: skip
        if missing := sorted(wanted - known):
            raise DatasetError(
                f"{self.name}: no selection is labelled {', '.join(map(repr, missing))}; the "
                f"labels are {several(sorted(map(repr, known)), 12)}."
            )
        return wanted

    def _counting(self, selections: Selections, wanted: frozenset[str]) -> NDArray[np.bool_]:
        """Say which selections are of a class, band and channel that count."""
        counting = np.ones(len(selections), dtype=bool)
        if wanted:
            counting &= np.array([label in wanted for label in selections.labels], dtype=bool)
        if self.low is not None:
            counting &= ~(selections.high_hz < self.low)
        if self.high is not None:
            counting &= ~(selections.low_hz > self.high)
        if self._channel:
            counting &= (selections.channels == self._channel) | (selections.channels == 0)
        return counting


def _is_table_file(path: str) -> bool:
    place = Path(path).expanduser()
    return place.is_file() and place.suffix.casefold() != ".zip"


def _is_other(name: str) -> bool:
    """Say whether a file may be of a kind that is known by its content alone."""
    return PurePosixPath(name).suffix.casefold() in (".xml", ".mat")


def _table_notes(tables: Sequence[Table]) -> list[str]:
    """Say how tables were understood, each way once with the tables that it was needed for."""
    noted: dict[str, list[str]] = defaultdict(list)
    for table in tables:
        for note in table.notes:
            noted[note].append(table.name)
    return [
        f"Table {names[0]}: it {note}." if len(names) == 1 else
        f"Tables {several(names)}: each {note}."
        for note, names in noted.items()
    ]  # fmt: skip


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [Annotated]
