"""What was found in recordings: detections, an hour at a time, and what could not be heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.applying.blocks import Scores, Unread
from harness.applying.detecting import Detection, Rules, detect
from harness.applying.listening import Heard, Work

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of a recording.

    Parameters
    ----------
    number
        From 0, the recording's first.
    seconds
        How much of the recording lies in it.
    windows, unread
        That begin in it, and those of them that could not be read or scored.
    detections
        Of each class, that begin in it.
    """

    recording: str
    number: int
    seconds: float
    windows: int
    unread: int
    detections: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was found in one recording.

    Parameters
    ----------
    scores : array [shape=(windows, classes)]
    """

    heard: Heard
    scores: Scores
    detections: tuple[Detection, ...]
    hours: tuple[Hour, ...]
    unread: tuple[Unread, ...]

    @property
    def unread_windows(self) -> int:
        """How many windows could not be read or scored."""
        return sum(each.last - each.first + 1 for each in self.unread)


def find(work: Work, rules: Rules) -> Iterator[Found]:
    """Read the scores of one recording after another and say what was found in it.

    Raises
    ------
    StoreError
        Scores are damaged or gone.
    """
    detector = work.bundle.detector
    for heard in work.heard:
        scores, unread = heard.scores(len(detector.classes))
        recording = heard.recording
        spacing = (recording.window_s, recording.hop_s)
        found = detect(detector, rules, heard.name, scores, spacing)
        hours = tuple(_hours(heard, found, unread, detector.wanted))
        yield Found(heard, scores, tuple(found), hours, tuple(unread))


def _hours(
    heard: Heard, found: Sequence[Detection], unread: Sequence[Unread], wanted: Sequence[str]
) -> Iterator[Hour]:
    recording = heard.recording
    begun = np.floor(np.arange(recording.windows) * recording.hop_s / HOUR_S + 1e-9)
    windows = Counter(begun.astype(int).tolist())
    lost = Counter(
        int(begun[number]) for each in unread for number in range(each.first, each.last + 1)
    )
    counts = Counter((int(each.start_s // HOUR_S), each.label) for each in found)
    for number in range(int(np.ceil(recording.seconds / HOUR_S))):
        yield Hour(
            recording=heard.name,
            number=number,
            seconds=round(min(recording.seconds - number * HOUR_S, HOUR_S), 6),
            windows=windows[number],
            unread=lost[number],
            detections={name: counts[number, name] for name in wanted},
        )
