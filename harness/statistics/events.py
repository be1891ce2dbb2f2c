"""From scores of neighbouring windows to events: what a detector writes into a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Codes = NDArray[np.intp]

TOUCHING_S = 1e-6
"""Times that differ by less (s) are the same: they come from decimal figures."""

LONGEST_WINDOWS = 5.0
"""Without a limit of its own an event goes on for so many lengths of a window."""


@dataclass(frozen=True, slots=True)
class Joining:
    """How windows become events.

    Parameters
    ----------
    gap_s
        Detected windows are joined across so much time that none of them covers; with 0 those
        that overlap or touch are.
    shortest
        Fewest windows of an event; what is shorter is dropped.
    longest_s
        Windows that begin so much after an event's first one begin another event. None for
        `LONGEST_WINDOWS` lengths of a window: a detector that always says yes would otherwise
        make one event of a night, which holds every call and is one false alarm at most.

    Raises
    ------
    ValueError
        A figure is out of range; the message says which.
    """

    gap_s: float = 0.0
    shortest: int = 1
    longest_s: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.gap_s < np.inf:
            raise ValueError(f"the gap between joined windows is 0 s or more, got {self.gap_s:g}")
        if self.shortest < 1:
            raise ValueError(f"the shortest event has 1 window or more, got {self.shortest}")
        if self.longest_s is not None and not self.longest_s > 0:
            raise ValueError(f"the longest event is above 0 s, got {self.longest_s:g}")

    def limit_s(self, window_s: float) -> float:
        """Return when an event is over (s), for windows of this length."""
        return LONGEST_WINDOWS * window_s if self.longest_s is None else self.longest_s


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Where windows lie, in order of recording and time.

    Parameters
    ----------
    recordings : array [shape=(n,)]
        The number of each one's recording, ascending.
    start_s, end_s : array [shape=(n,)]
        Seconds from the beginning of the recording, ascending in each.
    """

    recordings: Codes
    start_s: Numbers
    end_s: Numbers

    def __post_init__(self) -> None:
        fresh = self.recordings[1:] > self.recordings[:-1]
        later = (self.recordings[1:] == self.recordings[:-1]) & (
            self.start_s[1:] >= self.start_s[:-1]
        )
        if not (fresh | later).all():
            raise ValueError("windows must be in order of recording and time")

    def __len__(self) -> int:
        return len(self.recordings)

    @property
    def length_s(self) -> float:
        """How long a window is (s): the first one, and 0 without any."""
        return float(self.end_s[0] - self.start_s[0]) if len(self) else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Stretches that a detector marks, in order of recording and time.

    Parameters
    ----------
    recordings, start_s, end_s : array [shape=(events,)]
        From the beginning of the first window to the end of the last, and to the beginning of the
        next event where both were one before it grew too long.
    scores : array [shape=(events,)]
        The highest of its windows.
    counts : array [shape=(events,)]
        How many detected windows each is made of.
    rows : array [shape=(detected windows that are in an event,)]
        Those windows, in order.
    owners : array [shape=(detected windows that are in an event,)]
        The event of each.
    """

    recordings: Codes
    start_s: Numbers
    end_s: Numbers
    scores: Numbers
    counts: Codes
    rows: Codes
    owners: Codes

    def __len__(self) -> int:
        return len(self.recordings)


def join_windows(windows: Windows, scores: Numbers, threshold: float, rules: Joining) -> Events:
    """Join detected windows that are neighbours.

    Parameters
    ----------
    scores : array [shape=(windows,)]
        A window is detected from the threshold on; NaN is not.
    """
    rows = np.flatnonzero(scores >= threshold)
    starts, ends, places = windows.start_s[rows], windows.end_s[rows], windows.recordings[rows]
    fresh = np.ones(len(rows), dtype=bool)
    apart = starts[1:] - ends[:-1] > rules.gap_s + TOUCHING_S
    fresh[1:] = apart | (places[1:] != places[:-1])
    runs = np.cumsum(fresh) - 1
    long_enough = np.bincount(runs, minlength=1)[runs] >= rules.shortest if len(rows) else fresh
    begins = starts[fresh][runs] if len(rows) else starts
    pieces = np.floor((starts - begins + TOUCHING_S) / max(rules.limit_s(windows.length_s), 1e-9))
    rows, runs, pieces = rows[long_enough], runs[long_enough], pieces[long_enough]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (runs[1:] != runs[:-1]) | (pieces[1:] != pieces[:-1])
    at = np.flatnonzero(first)
    last = np.append(at[1:], len(rows))[: len(at)] - 1
    highest = np.maximum.reduceat(scores[rows], at) if len(at) else np.empty(0)
    begin_s, end_s = windows.start_s[rows[at]], windows.end_s[rows[last]]
    goes_on = runs[at][1:] == runs[at][:-1]  # an event that is cut covers what its run joined
    end_s[:-1] = np.where(goes_on, np.maximum(end_s[:-1], begin_s[1:]), end_s[:-1])
    return Events(
        windows.recordings[rows[at]],
        begin_s,
        end_s,
        highest,
        (last - at + 1).astype(np.intp),
        rows,
        np.cumsum(first) - 1,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What an annotator marked, in any order: each with its recording, beginning and end (s)."""

    recordings: Codes
    start_s: Numbers
    end_s: Numbers

    def __len__(self) -> int:
        return len(self.recordings)


def overlapping(first: Marks | Events | Windows, second: Marks | Events | Windows) -> Codes:
    """Count, for each of the first, how many of the second share time with it.

    To a millionth of a second; stretches without length are points, and shared by what holds them.

    Returns
    -------
    array [shape=(first,)]
    """
    stride = 2 + max((_ticks(each.end_s).max(initial=0) for each in (first, second)), default=0)
    begins, ends = _line(first, stride)
    other_begins, other_ends = _line(second, stride)
    begun = np.searchsorted(np.sort(other_begins), ends, side="left")
    over = np.searchsorted(np.sort(other_ends), begins, side="right")
    return np.asarray(begun - over, dtype=np.intp)


def _line(each: Marks | Events | Windows, stride: int) -> tuple[Codes, Codes]:
    """Put recordings one after another on one line of ticks; a point gets the length of one."""
    offset = each.recordings * stride
    begins = _ticks(each.start_s)
    return offset + begins, offset + np.maximum(_ticks(each.end_s), begins + 1)


def _ticks(times_s: Numbers) -> Codes:
    return np.round(np.asarray(times_s) / TOUCHING_S).astype(np.int64)
