"""What datasets of long recordings share: windows, their labels, groups and places in time."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from harness import BadClip, Clip, Dataset, DatasetError, Entry, ParameterError, parameter
from plugins.datasets.annotations.selections import Selections
from plugins.datasets.annotations.windows import (
    BACKGROUND,
    PARTLY,
    SEVERAL,
    Windows,
    label_windows,
    thin,
)
from plugins.datasets.recording_names import began_at, check_pattern, group_of
from plugins.datasets.recordings import fit_length, resample

Samples = NDArray[np.float32]


class Readable(Protocol):
    """A recording of which any stretch can be read."""

    @property
    def rate(self) -> float:
        """Samples per second (Hz)."""

    @property
    def frames(self) -> int:
        """How long it is, in samples."""

    def read(self, first: int, count: int) -> Samples:
        """Return samples [shape=(channels, count)]; raise BadClip with the reason."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A recording as it was listed.

    Parameters
    ----------
    selections
        What counts in it.
    blurred
        Stretches (s) of which nothing is known, for a row of a table is damaged.
    """

    name: str
    rate: float
    frames: int
    selections: Selections
    blurred: tuple[tuple[float, float], ...] = ()

    @property
    def duration_s(self) -> float:
        """How long it is (s)."""
        return self.frames / self.rate


@dataclass(frozen=True, slots=True)
class Survey:
    """Recordings and what is wrong with them, before they are cut.

    Parameters
    ----------
    faults
        Entries that cannot be used, each with its file and row.
    notes
        How things were understood, in sentences.
    """

    recordings: tuple[Surveyed, ...]
    faults: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """The windows of a survey, and the tally of what became of them."""

    entries: tuple[Entry, ...]
    tally: Mapping[str, int]
    unheld: int
    dated: bool


@dataclass(frozen=True, kw_only=True)
class Windowed(Dataset):
    """Windows of long recordings."""

    window: float = parameter(2.0, "length of a window", unit="s", low=0.001)
    hop: float = parameter(1.0, "from one window's beginning to the next's", unit="s", low=0.001)
    least: float = parameter(
        0.5,
        "share of a selection, or of the window, from which on it is its label",
        low=0.0,
        high=1.0,
    )
    most: float = parameter(
        0.0, "share of any selection up to which a window is background", low=0.0, high=1.0
    )
    classes: str = parameter("", "labels that count, 'a, b'; empty for all; others are background")
    background: str = parameter("background", "label of windows that hold nothing")
    background_per_call: float | None = parameter(
        None,
        "background windows kept for each window with a label, by recording; none keeps all, "
        "which is their true share",
        low=0.0,
    )
    low: float | None = parameter(
        None, "selections that lie wholly below it are background; none takes all", unit="Hz"
    )
    high: float | None = parameter(
        None, "selections that lie wholly above it are background; none takes all", unit="Hz"
    )
    group: str = parameter(
        "", "pattern of names such as '{site}_{*}'; empty: a recording is its own group"
    )
    part: float | None = parameter(
        None,
        "cut groups further into parts of so many seconds; windows over an edge are left out",
        unit="s",
        low=0.001,
    )
    seed: int = parameter(0, "of the draw of background windows", low=0, high=2**32 - 1)
    rate: float | None = parameter(
        None,
        "resample all windows to this rate; none for the lowest that the recordings have",
        unit="Hz",
        low=1.0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.group:
            check_pattern(self.name, self.group)
        if self.least <= self.most:
            raise ParameterError(
                f"{self.name}: least={self.least:g} must be above most={self.most:g}; windows "
                "with a share between the two are left out."
            )
        if self.part is not None and self.part < self.window:
            raise ParameterError(
                f"{self.name}: part={self.part:g} s holds no window of {self.window:g} s."
            )
        if not self.background.strip():
            raise ParameterError(f"{self.name}: background= needs a label.")

    def __reduce__(self) -> tuple[Any, ...]:
        rate = self.__dict__.get("_target_rate")
        known = {} if rate is None else {"_target_rate": rate}
        return (*super().__reduce__(), known)

    @abstractmethod
    def survey(self) -> Survey:
        """Look at all recordings and tables, decoding nothing.

        Raises
        ------
        DatasetError
            The recordings as a whole cannot be used.
        """

    @abstractmethod
    def _recording(self, name: str) -> Readable:
        """Open a recording; raise BadClip with the reason."""

    def entries(self) -> Sequence[Entry]:
        """List the windows in order of time, and what is damaged with its file and row."""
        survey = self.survey()
        cut = self._cut(survey)
        self.__dict__["_target_rate"] = self.rate or min(
            (each.rate for each in survey.recordings), default=None
        )
        self.__dict__["_seen"] = (survey, cut)
        return (*survey.faults, *cut.entries)

    def suggest_split(self, entries: Sequence[Entry]) -> str:
        """Name the split by groups: it alone keeps windows that overlap on one side.

        Raises
        ------
        DatasetError
            All windows are of one group, which no split can cut without a leak.
        """
        groups = {entry.group for entry in entries if entry.fault is None}
        if len(groups) < 2:
            raise DatasetError(
                f"{self.name}: all windows are of one group, {next(iter(groups), None)!r}, and "
                "neighbours share their sound. Cut it into parts that are groups of their own "
                "(part=300), or give more recordings."
            )
        return "grouped"

    def remarks(self, entries: Sequence[Entry]) -> Sequence[str]:
        """Tell what was left out and how things were understood."""
        from plugins.datasets.windowed_remarks import remarks_of

        survey, cut = self._listed
        return remarks_of(self, survey, cut)

    def selections(self) -> Mapping[str, Selections]:
        """Return what is marked in each recording, of the classes and in the band that count."""
        survey, _ = self._listed
        return {each.name: each.selections for each in survey.recordings}

    @property
    def _listed(self) -> tuple[Survey, Cut]:
        if "_seen" not in self.__dict__:
            self.entries()
        seen: tuple[Survey, Cut] = self.__dict__["_seen"]
        return seen

    @cached_property
    def _target_rate(self) -> float | None:
        self.entries()
        found: float | None = self.__dict__.get("_target_rate")
        return found

    @property
    def windows(self) -> Windows:
        """How windows lie, and when a selection is their label."""
        return Windows(self.window, self.hop, self.least, self.most)

    def read(self, entry: Entry) -> Clip:
        """Decode one window, and resample it by itself: it does not hang on its neighbours."""
        name, start_s = _place(entry)
        recording = self._recording(name)
        first, count = round(start_s * recording.rate), round(self.window * recording.rate)
        samples = self._channels(recording.read(first, max(count, 1)))
        target = self.rate or self._target_rate or recording.rate
        if target != recording.rate:
            samples = resample(samples, recording.rate, target)
            samples = fit_length(samples, round(self.window * target))
        return Clip(entry.id, samples, target, entry.label, entry.group)

    def _channels(self, samples: Samples) -> Samples:
        return samples

    def _cut(self, survey: Survey) -> Cut:
        begins, dated = _begins(survey.recordings, self.window)
        tally: Counter[str] = Counter()
        entries: list[Entry] = []
        unheld = 0
        for recording in survey.recordings:
            group = group_of(recording.name, self.group) if self.group else recording.name
            kept, missed = self._windows_of(recording, tally)
            unheld += missed
            entries += self._entries_of(recording.name, group, begins[recording.name], kept)
        return Cut(tuple(entries), dict(tally), unheld, dated)

    def _windows_of(
        self, recording: Surveyed, tally: Counter[str]
    ) -> tuple[list[tuple[float, str]], int]:
        """Return beginning and label of the windows that are kept, and count the others."""
        chosen = recording.selections
        names = sorted(set(chosen.labels))
        codes = {name: code for code, name in enumerate(names)}
        classes = np.array([codes[label] for label in chosen.labels], dtype=np.intp)
        starts = self.windows.starts(recording.duration_s)
        labelled = label_windows(
            self.windows, len(starts), chosen.start_s, chosen.end_s, classes, recording.blurred
        )
        whole = self._within_parts(starts)
        tally["edge"] += int((~whole).sum())
        for what, code in (("partly", PARTLY), ("several", SEVERAL)):
            tally[what] += int((whole & (labelled.codes == code)).sum())
        named = np.flatnonzero(whole & (labelled.codes >= 0))
        empty = np.flatnonzero(whole & (labelled.codes == BACKGROUND))
        kept = self._thinned(recording.name, empty, len(named))
        tally["thinned"] += len(empty) - len(kept)
        rows = np.sort(np.concatenate([named, kept]))
        found = labelled.codes[rows].tolist()
        labels = [self.background if code < 0 else names[code] for code in found]
        tally.update(f"label {label}" for label in labels)
        return list(zip(starts[rows].tolist(), labels, strict=True)), int((~labelled.held).sum())

    def _within_parts(self, starts: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which windows lie in one part whole."""
        if self.part is None:
            return np.ones(len(starts), dtype=bool)
        edges = (np.floor(starts / self.part + 1e-9) + 1) * self.part
        return np.asarray(starts + self.window <= edges + 1e-9)

    def _thinned(self, name: str, empty: NDArray[np.intp], calls: int) -> NDArray[np.intp]:
        """Draw background for the calls of one recording; one without calls counts as one call."""
        if self.background_per_call is None:
            return empty
        digest = hashlib.blake2b(name.encode("utf-8"), digest_size=8).digest()
        keep = round(self.background_per_call * max(calls, 1))
        return thin(empty, keep, (self.seed, int.from_bytes(digest, "big")))

    def _entries_of(
        self, name: str, group: str | None, begin: float, kept: Iterable[tuple[float, str]]
    ) -> Iterator[Entry]:
        fault = None if group else f"is of no group: its name does not fit {self.group!r}"
        if fault:
            yield Entry(name, "", where=name, fault=fault)
            return
        for start_s, label in kept:
            at = f"{start_s:.6f}".rstrip("0").rstrip(".")
            part = "" if self.part is None else f" part {int(start_s / self.part + 1e-9) + 1}"
            yield Entry(
                id=f"{name}@{at}",
                label=label,
                group=f"{group}{part}",
                position=round(begin + start_s, 6),
                where=f"{name} at {at} s",
            )


def _place(entry: Entry) -> tuple[str, float]:
    """Return recording and beginning (s) of a window, from its id."""
    name, at, written = entry.id.rpartition("@")
    digits = written.replace(".", "", 1)
    if not at or not (digits.isascii() and digits.isdecimal()) or len(written) > 20:
        raise BadClip("is no window of a recording: its id should end in @ and seconds")
    return name, float(written)


def _begins(recordings: Sequence[Surveyed], window_s: float) -> tuple[dict[str, float], bool]:
    """Say where each recording begins in time (s), and whether their names told it.

    Recordings without dates are put one after another, in the order of the listing.
    """
    moments = {each.name: began_at(each.name) for each in recordings}
    known = [moment for moment in moments.values() if moment is not None]
    if known and len(known) == len(recordings):
        return {name: (moment or 0.0) - min(known) for name, moment in moments.items()}, True
    begins, begin = {}, 0.0
    for each in recordings:
        begins[each.name] = begin
        begin += float(np.ceil(each.duration_s + window_s))
    return begins, False
