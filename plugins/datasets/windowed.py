"""What datasets of long recordings share: windows, their labels, groups and places in time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harness import (
    BadClip,
    Basis,
    Clip,
    Dataset,
    DatasetError,
    Entry,
    ParameterError,
    Selection,
    UnlabelledDataset,
    parameter,
)
from plugins.datasets.annotations.selections import Selections
from plugins.datasets.annotations.windows import Windows
from plugins.datasets.cutting import cut_windows
from plugins.datasets.recording_names import check_pattern
from plugins.datasets.surveys import Cut, Readable, Samples, Survey
from plugins.datasets.unlabelled import Unlabelled
from plugins.datasets.window_cutting import WindowCut
from plugins.datasets.windowed_remarks import remarks_of


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
        cut = cut_windows(self, survey)
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
        survey, cut = self._listed
        return remarks_of(self, survey, cut)

    def marked(self) -> Mapping[str, Selections]:
        """Return what is marked in each recording, of the classes and in the band that count."""
        survey, _ = self._listed
        return {each.name: each.selections for each in survey.recordings}

    def selections(self, entries: Sequence[Entry]) -> Sequence[Selection]:
        """List what is marked, recording by recording."""
        return [
            Selection(name, start_s, end_s, label)
            for name, each in self.marked().items()
            for start_s, end_s, label in zip(
                each.start_s.tolist(), each.end_s.tolist(), each.labels, strict=True
            )
        ]

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

    def basis(self, entry: Entry) -> Basis:
        """Name a window's recording, and the rate that all recordings together decide."""
        name, _ = _place(entry)
        return Basis(self._files_of(name), f"{self.rate or self._target_rate!r}")

    @abstractmethod
    def _files_of(self, name: str) -> tuple[str, ...]:
        """Name the file of a recording; none where it is computed."""

    @property
    def windows(self) -> Windows:
        """How windows lie, and when a selection is their label."""
        return Windows(self.window, self.hop, self.least, self.most)

    def read(self, entry: Entry) -> Clip:
        """Decode one window, and resample it by itself: it does not hang on its neighbours."""
        name, start_s = _place(entry)
        recording = self._recording(name)
        target = self.rate or self._target_rate or recording.rate
        cut = WindowCut(start_s, self.window, target)
        samples, origin = cut.read(recording, name, self._channels)
        return Clip(entry.id, samples, target, entry.label, entry.group, origin=origin)

    def for_recordings(self, seconds: float, rate: float) -> UnlabelledDataset:
        """Return what cuts recordings into windows in the same way."""
        channels = getattr(self, "channels", "mix")
        return Unlabelled(window=self.window, hop=self.hop, rate=rate, channels=channels)

    def _channels(self, samples: Samples) -> Samples:
        return samples


def _place(entry: Entry) -> tuple[str, float]:
    """Return recording and beginning (s) of a window, from its id."""
    name, at, written = entry.id.rpartition("@")
    digits = written.replace(".", "", 1)
    if not at or not (digits.isascii() and digits.isdecimal()) or len(written) > 20:
        raise BadClip("is no window of a recording: its id should end in @ and seconds")
    return name, float(written)
