"""Windows of one length at one step, and what selections make of each.

The share of a selection in a window is the time that they have in common, over the length of
the shorter of the two; a point in time is inside (1) or not (0). So a short call counts by how
much of it is heard, a long one by how much of the window it fills.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugins.datasets.annotations.selections import Numbers

BACKGROUND, PARTLY, SEVERAL = -1, -2, -3
"""What a window is that has no class: nobody's, too little of something, of two classes."""

PAIRS = 2_000_000
"""Windows times selections that are looked at together: 100,000 selections take a second."""

_SLACK = 1e-9
_Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Windows:
    """How windows lie and when a selection is their label.

    Parameters
    ----------
    window_s, hop_s
        Length, and time from one beginning to the next (s).
    least
        A selection with this share in a window, or more, is its label.
    most
        A window with no more than this share of any selection is background.
    """

    window_s: float
    hop_s: float
    least: float = 0.5
    most: float = 0.0

    def starts(self, duration_s: float) -> Numbers:
        """Return where windows begin (s) that end within a recording, to a millionth."""
        spare = duration_s - self.window_s
        count = int(np.floor(spare / self.hop_s + _SLACK)) + 1 if spare > -_SLACK else 0
        return np.round(np.arange(count) * self.hop_s, 6)

    def shares(
        self, start_s: Numbers, end_s: Numbers, count: int
    ) -> Iterator[tuple[_Codes, _Codes, Numbers]]:
        """Give selection, window and share of all that have a share, some at a time.

        Parameters
        ----------
        count
            How many windows there are.
        """
        first = np.floor((start_s - self.window_s) / self.hop_s) + 1
        last = np.ceil(end_s / self.hop_s) - 1
        last = np.where(end_s == start_s, np.floor(end_s / self.hop_s), last)
        first = np.clip(first - 1, 0, count).astype(np.intp)
        stop = np.clip(last + 2, 0, count).astype(np.intp)
        lengths = np.maximum(stop - first, 0)
        for rows in _batches(lengths):
            yield self._shares_of(rows, start_s, end_s, first, lengths)

    def _shares_of(
        self, rows: _Codes, start_s: Numbers, end_s: Numbers, first: _Codes, lengths: _Codes
    ) -> tuple[_Codes, _Codes, Numbers]:
        sizes = lengths[rows]
        which = np.repeat(rows, sizes)
        places = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        window = first[which] + places
        begin = np.round(window * self.hop_s, 6)
        start, end = start_s[which], end_s[which]
        common = np.minimum(end, begin + self.window_s) - np.maximum(start, begin)
        shorter = np.minimum(end - start, self.window_s)
        inside = (start >= begin - _SLACK) & (start < begin + self.window_s - _SLACK)
        share = np.where(shorter > 0, common / np.where(shorter > 0, shorter, 1.0), inside)
        near = share > _SLACK
        return which[near], window[near], np.minimum(share[near], 1.0)


def _batches(lengths: _Codes) -> Iterator[_Codes]:
    """Cut selections into runs with no more than `PAIRS` windows in all, or one selection."""
    total = np.cumsum(lengths)
    begin = 0
    while begin < len(lengths):
        done = total[begin - 1] if begin else 0
        stop = max(int(np.searchsorted(total, done + PAIRS, side="right")), begin + 1)
        yield np.arange(begin, stop)
        begin = stop


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """What windows are.

    Parameters
    ----------
    codes : array [shape=(windows,)]
        The number of a class, or BACKGROUND, PARTLY, SEVERAL.
    held : array [shape=(selections,)]
        Which selections are the label of some window.
    """

    codes: _Codes
    held: NDArray[np.bool_]


def label_windows(
    windows: Windows,
    count: int,
    start_s: Numbers,
    end_s: Numbers,
    classes: _Codes,
    blurred: Sequence[tuple[float, float]] = (),
) -> Labelled:
    """Label windows by the selections of one recording.

    Parameters
    ----------
    count
        How many windows there are.
    start_s, end_s, classes : array [shape=(selections,)]
        Where each selection lies, and the number of its class.
    blurred
        Stretches (s) of which nothing is known; windows that reach into them are left out.
    """
    lowest = np.full(count, np.iinfo(np.intp).max)
    highest = np.full(count, -1, dtype=np.intp)
    touched = np.zeros(count, dtype=bool)
    heard: list[tuple[_Codes, _Codes]] = []
    for which, window, share in windows.shares(start_s, end_s, count):
        touched[window[share > windows.most + _SLACK]] = True
        enough = share >= windows.least - _SLACK
        heard.append((which[enough], window[enough]))
        np.minimum.at(lowest, window[enough], classes[which[enough]])
        np.maximum.at(highest, window[enough], classes[which[enough]])
    codes = np.where(touched, PARTLY, BACKGROUND)
    codes = np.where(highest >= 0, np.where(highest == lowest, highest, SEVERAL), codes)
    codes[_blurred(windows, count, blurred)] = PARTLY
    held = np.zeros(len(start_s), dtype=bool)
    for which, window in heard:
        held[which[codes[window] == classes[which]]] = True
    return Labelled(codes, held)


def _blurred(
    windows: Windows, count: int, stretches: Sequence[tuple[float, float]]
) -> NDArray[np.bool_]:
    """Say which windows reach into a stretch, or hold one that is a point."""
    begins = np.round(np.arange(count) * windows.hop_s, 6)
    marks = np.zeros(count, dtype=bool)
    for start_s, end_s in stretches:
        first = int(np.searchsorted(begins, start_s - windows.window_s + _SLACK, side="right"))
        last = int(np.searchsorted(begins, max(end_s, start_s + 1e-6) - _SLACK, side="left"))
        marks[first:last] = True
    return marks


def thin(background: _Codes, keep: int, seed: Sequence[int]) -> _Codes:
    """Keep some background windows, drawn at random by a seed, in order of time."""
    if keep >= len(background):
        return background
    drawn = np.random.default_rng(list(seed)).permutation(len(background))[:keep]
    return background[np.sort(drawn)]
