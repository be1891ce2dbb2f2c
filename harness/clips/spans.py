"""Windows that overlap share samples: which ones do, and what must stay together for it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import accumulate

from harness.clips.entries import Entries
from harness.values import Entry

TOUCHING_S = 1e-6
"""Windows that share less than this (s) only touch: their ends are rounded."""

Placed = tuple[float, float, int]
"""Start (s), end (s), row."""


def clusters(entries: Sequence[Entry], rows: Sequence[int]) -> Iterator[list[int]]:
    """Put rows together that overlap, directly or over others; rows without a span are left out."""
    for placed in _by_recording(entries, rows).values():
        together, reach = [placed[0][2]], placed[0][1]
        for start, end, row in placed[1:]:
            if start < reach - TOUCHING_S:
                together.append(row)
            else:
                yield together
                together = [row]
            reach = max(reach, end)
        yield together


def overlapping(entries: Sequence[Entry], rows: Sequence[int], others: Sequence[int]) -> set[int]:
    """Return those of the rows that overlap any of the others."""
    held = {name: _Reach(placed) for name, placed in _by_recording(entries, others).items()}
    return {
        row
        for name, placed in _by_recording(entries, rows).items()
        if name in held
        for start_s, end_s, row in placed
        if held[name].overlaps(start_s, end_s)
    }


def without_edges(
    entries: Sequence[Entry], rows: Sequence[int], units: Mapping[int, Hashable]
) -> list[int]:
    """Leave out rows that overlap a later one of another unit, so that units overlap no more."""
    across: set[int] = set()
    for placed in _by_recording(entries, rows).values():
        starts = [start_s for start_s, _, _ in placed]
        for place, (_, end_s, row) in enumerate(placed):
            reached = placed[place + 1 : bisect_left(starts, end_s - TOUCHING_S)]
            if any(units[other] != units[row] for _, _, other in reached):
                across.add(row)
    return [row for row in rows if row not in across]


class _Reach:
    """Windows of one recording, to be asked what overlaps any of them."""

    def __init__(self, placed: Sequence[Placed]) -> None:
        self.starts = [start_s for start_s, _, _ in placed]
        self.ends = list(accumulate((end_s for _, end_s, _ in placed), max))

    def overlaps(self, start_s: float, end_s: float) -> bool:
        """Say whether one that begins before this end ends after this start."""
        before = bisect_left(self.starts, end_s - TOUCHING_S)
        return before > 0 and self.ends[before - 1] > start_s + TOUCHING_S


def _by_recording(entries: Sequence[Entry], rows: Sequence[int]) -> dict[str, list[Placed]]:
    """Give the rows of each recording in order of time."""
    spans = Entries.of(entries).spans
    if spans is None or not len(rows):
        return {}
    found: dict[str, list[Placed]] = defaultdict(list)
    for row, span in zip(rows, spans.take(rows), strict=True):
        if span is not None:
            recording, start_s, end_s = span
            found[recording].append((start_s, end_s, int(row)))
    return {name: sorted(placed) for name, placed in found.items()}
