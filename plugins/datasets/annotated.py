"""Long recordings with tables of what was heard in them, cut into labelled windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from harness import BadClip, Dataset, DatasetError, Entry, ParameterError, hookimpl, parameter
from plugins.datasets.annotations.columns import Columns
from plugins.datasets.annotations.crowsetta_tables import FORMATS
from plugins.datasets.annotations.gathering import Gathered, TableFile, gather
from plugins.datasets.annotations.pairing import Pairing, pair
from plugins.datasets.annotations.selections import Selections
from plugins.datasets.annotations.tables import KINDS, Recordings, may_be_table, several
from plugins.datasets.choosing import counting, wanted_classes
from plugins.datasets.file_names import Listed
from plugins.datasets.glimpses import glimpse
from plugins.datasets.long_recordings import SUFFIXES, LongRecording, open_recording
from plugins.datasets.opening import Opened, open_all
from plugins.datasets.stores import Store, open_store
from plugins.datasets.surveys import Samples, Survey, Surveyed
from plugins.datasets.window_cutting import channel_number, chosen_channels
from plugins.datasets.windowed import Windowed
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

    path: str = parameter(help="folder or zip of recordings, or one recording")
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

    @classmethod
    def recognises(cls, path: Path) -> float:
        """Know recordings with tables beside them whose names begin with theirs."""
        only = path.name if path.is_file() and path.suffix.casefold() in SUFFIXES else ""
        names = sorted(each.name for each in path.parent.iterdir()) if only else glimpse(path)
        recordings = Recordings(name for name in names if _is_sound(name))
        owners = {recordings.of_table(name, True) for name in names if may_be_table(name)} - {None}
        return 0.8 if (only in owners if only else owners) else 0.0

    @property
    def _channel(self) -> int:
        """The one channel that is used, counted from 1; 0 for all."""
        return channel_number(self.channels)

    @property
    def _only(self) -> str:
        """The name of the one recording that `path` is; empty for a folder or a zip."""
        place = Path(self.path).expanduser()
        single = place.suffix.casefold() in SUFFIXES and place.is_file()
        return place.name if single else ""

    @cached_property
    def _store(self) -> Store:
        return open_store(str(Path(self.path).expanduser().parent) if self._only else self.path)

    def _files(self) -> Sequence[Listed]:
        """List all files, or one recording and its tables."""
        files = self._store.listing()
        if not (only := self._only):
            return files
        names = Recordings(each.name for each in files if _is_sound(each.name))
        return [each for each in files if only in (each.name, names.of_table(each.name, True))]

    def _recording(self, name: str) -> LongRecording:
        recording = open_recording(self._store, name)
        if self._channel > recording.channels:
            raise BadClip(f"has no channel {self._channel}, only {recording.channels}")
        return recording

    def _files_of(self, name: str) -> tuple[str, ...]:
        return (self._store.file(name),)

    def _channels(self, samples: Samples) -> Samples:
        return chosen_channels(samples, self.channels)

    def survey(self) -> Survey:
        """Open all recordings for their lengths, read all tables, bring them together."""
        files = self._files()
        found = [each for each in files if _is_sound(each.name)]
        if not found:
            raise DatasetError(
                f"No recordings in {self.path!r}: it should hold .wav, .flac, .aiff, .ogg or .mp3 "
                "files; if they lie inside another zip, unpack that first."
            )
        opened = open_all(found, self._recording, self.window)
        recording_of = self._finder([each.name for each in found])
        columns = Columns(self.start_column, self.end_column, self.label_column, self.file_column)
        gathered = gather(self._table_files(files), self.tables, columns, recording_of)
        pairing = self._paired(gathered, opened, recording_of)
        recordings, untabled, notes = self._surveyed(opened, pairing)
        faults = (*opened.faults, *gathered.faults, *pairing.faults, *untabled)
        if not recordings and not faults:
            raise DatasetError(f"No recording in {self.path!r} has a table: nothing to learn from.")
        said = (*opened.notes, *self._format_notes(opened), *gathered.notes, *notes)
        return Survey(tuple(recordings), faults, said)

    @property
    def _one_table(self) -> Path | None:
        """The one table that `labels` is, or None for a folder or a zip."""
        place = Path(self.labels).expanduser()
        single = bool(self.labels) and place.is_file() and place.suffix.casefold() != ".zip"
        return place if single else None

    def _finder(self, found: Sequence[str]) -> Callable[[str], str | None]:
        """Return what finds the recording of a table; one table is that of the one recording."""
        names = Recordings(found)
        only = found[0] if self._one_table and len(found) == 1 else None
        return lambda table: names.of_table(table, beside=not self.labels) or only

    def _format_notes(self, opened: Opened) -> list[str]:
        rates = sorted(set(opened.rates.values()))
        notes = []
        if len(rates) > 1 or (self.rate and rates and self.rate != rates[0]):
            shown = ", ".join(f"{rate:g}" for rate in rates)
            target = self.rate or rates[0]
            notes.append(f"The recordings have {shown} Hz; windows are resampled to {target:g} Hz.")
        if max(opened.channels, default=1) > 1:
            used = "are mixed" if self.channels == "mix" else "are kept apart"
            used = f"are left out but for number {self._channel}" if self._channel else used
            notes.append(f"Channels {used}.")
        return notes

    def _table_files(self, files: Sequence[Listed]) -> Iterator[TableFile]:
        """Give each file that may be a table."""
        if place := self._one_table:
            try:
                yield TableFile(place.name, place.read_bytes())
            except OSError as error:
                yield TableFile(place.name, b"", f"cannot be read: {error.strerror}")
            return
        store = open_store(self.labels) if self.labels else self._store
        for file in store.listing() if self.labels else files:
            if may_be_table(file.name) or (self.tables in FORMATS and _is_other(file.name)):
                try:
                    yield TableFile(file.name, store.read(file.name), file.fault or "")
                except BadClip as error:
                    yield TableFile(file.name, b"", str(error))

    def _paired(
        self, gathered: Gathered, opened: Opened, recording_of: Callable[[str], str | None]
    ) -> Pairing:
        """Pair tables with recordings; those of recordings that cannot be read say nothing."""
        durations = {name: opened.duration_s(name) for name in opened.rates}
        unusable = [entry.where for entry in opened.faults]
        everything = {**durations, **dict.fromkeys(unusable, np.inf)}
        pairing = pair(gathered.tables, everything, recording_of, self.path)
        for name in gathered.spoilt:
            pairing.spoil(name)
        for name in unusable:
            del pairing.recordings[name]
        return pairing

    def _surveyed(
        self, opened: Opened, pairing: Pairing
    ) -> tuple[list[Surveyed], list[Entry], list[str]]:
        """Choose the selections that count; see to recordings without a table."""
        wanted = wanted_classes(self, pairing.labels())
        absent = [name for name, each in pairing.recordings.items() if not each.tables]
        skipped = set() if self.without_table == "background" else set(absent)
        recordings, notes, left = [], [], 0
        for name, paired in pairing.recordings.items():
            selections = paired.selections()
            counts = self._counting(selections, wanted)
            left += int((~counts).sum())
            if name not in skipped:
                chosen = selections.take(counts)
                blurred = tuple(paired.blurred)
                rate, frames = opened.rates[name], opened.frames[name]
                recordings.append(Surveyed(name, rate, frames, chosen, blurred))
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
            what = "left out" if skipped else "taken as background"
            notes.append(f"Without a table, so {what}: {several(absent)}.")
        return recordings, faults, notes

    def _absence_faults(self, absent: Sequence[str]) -> list[Entry]:
        if self.without_table != "fault":
            return []
        why = (
            "has no table of selections; if nobody heard anything in it, say "
            "without_table=background, if nobody listened, without_table=leave-out"
        )
        return [Entry(name, "", where=name, fault=why) for name in absent]

    def _counting(self, selections: Selections, wanted: frozenset[str]) -> NDArray[np.bool_]:
        """Say which selections are of a class, band and channel that count."""
        found = counting(self, selections, wanted)
        if self._channel:
            found &= (selections.channels == self._channel) | (selections.channels == 0)
        return found


def _is_sound(name: str) -> bool:
    return PurePosixPath(name).suffix.casefold() in SUFFIXES


def _is_other(name: str) -> bool:
    """Say whether a file may be of a kind that is known by its content alone."""
    return PurePosixPath(name).suffix.casefold() in (".xml", ".mat")


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [Annotated]
