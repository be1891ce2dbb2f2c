"""Scores of windows become detections: windows that are detected are joined to events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.applying.detector import Decision, Detector
from harness.statistics.events import Joining, Windows, join_windows


@dataclass(frozen=True, slots=True)
class Detection:
    """A stretch of a recording in which something was detected.

    Parameters
    ----------
    score
        The highest probability of its windows.
    windows
        How many detected windows it is made of.
    best
        The number of the surest of them.
    """

    recording: str
    start_s: float
    end_s: float
    label: str
    score: float
    windows: int
    best: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What makes a detection.

    Parameters
    ----------
    decision
        When a window is detected.
    joining
        How windows become events.
    """

    decision: Decision
    joining: Joining


def detected(
    detector: Detector, decision: Decision, scores: NDArray[np.float64]
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Give, for each class that is wanted, the probability of the windows that are detected.

    Parameters
    ----------
    scores : array [shape=(windows, classes)]

    Yields
    ------
    The class, and an array [shape=(windows,)] with NaN where it is not detected.
    """
    known = np.isfinite(scores).all(axis=1)
    largest = np.where(known, np.nan_to_num(scores).argmax(axis=1), -1)
    for column, name in enumerate(detector.classes):
        if name == decision.background:
            continue
        own = scores[:, column]
        if not decision.thresholds:
            yield name, np.where(largest == column, own, np.nan)
        elif name in decision.thresholds:
            yield name, np.where(known & (own >= decision.thresholds[name]), own, np.nan)


def detect(
    detector: Detector,
    rules: Rules,
    recording: str,
    scores: NDArray[np.float64],
    spacing: tuple[float, float],
) -> list[Detection]:
    """Join the detected windows of one recording, class by class, in order of time.

    Parameters
    ----------
    spacing
        Length of a window, and time from one beginning to the next (s).
    """
    window_s, hop_s = spacing
    starts = np.round(np.arange(len(scores)) * hop_s, 6)
    windows = Windows(np.zeros(len(scores), np.intp), starts, starts + window_s)
    found = []
    for label, own in detected(detector, rules.decision, scores):
        events = join_windows(windows, own, 0.0, rules.joining)
        first = np.searchsorted(events.owners, np.arange(len(events)))
        for number in range(len(events)):
            rows = events.rows[first[number] : first[number] + events.counts[number]]
            found.append(
                Detection(
                    recording,
                    float(events.start_s[number]),
                    float(events.end_s[number]),
                    label,
                    float(events.scores[number]),
                    int(events.counts[number]),
                    int(rows[own[rows].argmax()]),
                )
            )
    return sorted(found, key=lambda each: (each.start_s, each.label))
