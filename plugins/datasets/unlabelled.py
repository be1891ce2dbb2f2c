"""Windows of recordings that nobody has labelled, for a kept detector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import ClassVar

from harness import (
    BadClip,
    Clip,
    Dataset,
    DatasetError,
    Entry,
    ParameterError,
    Recording,
    UnlabelledDataset,
    hookimpl,
    parameter,
)
from plugins.datasets.annotations.windows import Windows
from plugins.datasets.file_names import Listed
from plugins.datasets.long_recordings import SUFFIXES, LongRecording, Samples, open_recording
from plugins.datasets.stores import Store, open_store
from plugins.datasets.window_cutting import (
    WindowCut,
    channel_number,
    chosen_channels,
    read_together,
)

LABEL = "unlabelled"


@dataclass(frozen=True, kw_only=True)
class Unlabelled(UnlabelledDataset):
    """Windows of recordings that nobody has labelled: what `sightbench apply` reads.

    Recordings of any length are read in blocks, each window resampled by itself, exactly as
    `annotated` reads them.
    """

    name: ClassVar[str] = "unlabelled"

    path: str = parameter("", "a recording, or a folder or zip of recordings")
    window: float = parameter(2.0, "length of a window", unit="s", low=0.001)
    hop: float = parameter(1.0, "from one window's beginning to the next's", unit="s", low=0.001)
    rate: float | None = parameter(
        None, "resample all windows to this rate; none keeps the recording's", unit="Hz", low=1.0
    )
    channels: str = parameter("mix", "mix all channels, keep them apart, or the number of one")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.channels not in ("mix", "keep") and not channel_number(self.channels):
            raise ParameterError(
                f"{self.name}: channels={self.channels!r} is none of mix, keep, or a number from 1."
            )

    @cached_property
    def _store(self) -> Store:
        place = Path(self.path).expanduser()
        return open_store(str(place.parent) if self._only else self.path)

    @property
    def _only(self) -> str:
        """The name of the one recording that `path` is; empty for a folder or a zip."""
        place = Path(self.path).expanduser()
        single = place.suffix.casefold() != ".zip" and place.is_file()
        return place.name if single else ""

    def recordings(self) -> Sequence[Recording]:
        """List the recordings, opening each for its length."""
        if only := self._only:
            return [self._described(Listed(only, None))]
        found = [each for each in self._store.listing() if _is_sound(each.name)]
        if not found:
            raise DatasetError(
                f"No recordings in {self.path!r}: it should hold .wav, .flac, .aiff, .ogg or .mp3 "
                "files; if they lie inside another zip, unpack that first."
            )
        return [self._described(each) for each in found]

    def _described(self, file: Listed) -> Recording:
        try:
            if file.fault:
                raise BadClip(file.fault)
            recording = self._opened(file.name)
        except BadClip as error:
            return Recording(file.name, fault=str(error))
        windows = len(Windows(self.window, self.hop).starts(recording.duration_s))
        seconds, note = recording.duration_s, ""
        if recording.frames < recording.promised:
            promised = recording.promised / recording.rate
            note = f"breaks off at {seconds:.6g} s; its header promises {promised:.6g} s"
        elif not windows:
            note = f"is shorter than a window of {self.window:g} s"
        return Recording(file.name, seconds, windows, self.window, self.hop, note=note)

    def _opened(self, name: str) -> LongRecording:
        recording = open_recording(self._store, name)
        if channel_number(self.channels) > recording.channels:
            raise BadClip(f"has no channel {self.channels}, only {recording.channels}")
        return recording

    def _held(self, name: str) -> LongRecording:
        """Open a recording, or keep the last one: to look at its file costs as much as a window."""
        last: tuple[str, LongRecording] | None = self.__dict__.get("_last")
        if last is None or last[0] != name:
            last = self.__dict__["_last"] = (name, self._opened(name))
        return last[1]

    def listen(self, name: str, number: int) -> Clip:
        """Read one window."""
        recording = self._held(name)
        start_s = round(number * self.hop, 6)
        target = self.rate or recording.rate
        cut = WindowCut(start_s, self.window, target)
        samples, origin = cut.read(recording, name, self._chosen)
        return Clip(_id(name, start_s), samples, target, LABEL, name, origin=origin)

    def listen_on(self, name: str, first: int, count: int) -> Sequence[Clip]:
        """Read neighbouring windows from one stretch of a recording."""
        recording = self._held(name)
        target = self.rate or recording.rate
        starts = [round(number * self.hop, 6) for number in range(first, first + count)]
        cuts = [WindowCut(start_s, self.window, target) for start_s in starts]
        found = read_together(cuts, recording, name, self._chosen)
        return [
            Clip(_id(name, start_s), samples, target, LABEL, name, origin=origin)
            for start_s, (samples, origin) in zip(starts, found, strict=True)
        ]

    def _chosen(self, samples: Samples) -> Samples:
        return chosen_channels(samples, self.channels)

    def entries(self) -> Sequence[Entry]:
        """List all windows; none has a class of its own."""
        return [entry for each in self.recordings() for entry in self._entries(each)]

    def _entries(self, recording: Recording) -> Iterator[Entry]:
        name = recording.name
        if recording.fault:
            yield Entry(name, "", where=name, fault=recording.fault)
        for number in range(recording.windows):
            start_s = round(number * self.hop, 6)
            where, span = f"{name} at {start_s:g} s", (name, start_s, start_s + self.window)
            yield Entry(_id(name, start_s), LABEL, name, start_s, where=where, span=span)

    def read(self, entry: Entry) -> Clip:
        """Read the window that an entry names."""
        if entry.span is None:
            raise BadClip("is no window of a recording")
        return self.listen(entry.span[0], round(entry.span[1] / self.hop))


def _id(name: str, start_s: float) -> str:
    at = f"{start_s:.6f}".rstrip("0").rstrip(".")
    return f"{name}@{at}"


def _is_sound(name: str) -> bool:
    return PurePosixPath(name).suffix.casefold() in SUFFIXES


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [Unlabelled]
