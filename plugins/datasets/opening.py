"""Long recordings opened one after another: how long they are, and what is odd about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness import BadClip, Entry
from plugins.datasets.annotations.tables import several
from plugins.datasets.file_names import Listed
from plugins.datasets.long_recordings import LongRecording


@dataclass(slots=True)
class Opened:
    """What the headers and the last samples of recordings show.

    Parameters
    ----------
    rates, frames
        Samples per second (Hz) and samples of each that can be read, by name.
    faults
        Those that cannot.
    notes
        What is odd, in sentences.
    """

    rates: dict[str, float] = field(default_factory=dict)
    frames: dict[str, int] = field(default_factory=dict)
    channels: set[int] = field(default_factory=set)
    faults: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def duration_s(self, name: str) -> float:
        """Return how long a recording is (s)."""
        return self.frames[name] / self.rates[name]


def open_all(
    files: Sequence[Listed], open_one: Callable[[str], LongRecording], window_s: float
) -> Opened:
    """Open recordings; one that cannot be read becomes a fault."""
    opened = Opened()
    for file in files:
        try:
            if file.fault:
                raise BadClip(file.fault)
            recording = open_one(file.name)
        except BadClip as error:
            opened.faults.append(Entry(file.name, "", where=file.name, fault=str(error)))
            continue
        opened.rates[file.name] = recording.rate
        opened.frames[file.name] = recording.frames
        opened.channels.add(recording.channels)
        if recording.frames < recording.promised:
            opened.notes.append(
                f"{file.name} breaks off at {recording.duration_s:.6g} s; its header promises "
                f"{recording.promised / recording.rate:.6g} s. It is used up to there."
            )
    short = [name for name in opened.rates if opened.duration_s(name) < window_s]
    if short:
        opened.notes.append(f"Shorter than a window, so never used: {several(short)}.")
    return opened
