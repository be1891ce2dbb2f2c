"""Where a classifier that looks at the signal itself beats every picture, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.planning.ways import SIGNAL, has_picture


def signal_remarks(summary: Summary) -> Iterator[str]:
    """Say that a signal beats every picture, where that is beyond doubt.

    Beyond doubt means: better than each row that looks at a representation, by the paired test
    that the tie letters stand on, corrected over all pairs of the table.
    """
    found, rows = summary.comparisons, summary.compared
    heard = [place for place, row in enumerate(rows) if row.representation == str(SIGNAL)]
    seen = [place for place, row in enumerate(rows) if has_picture(row.representation)]
    if found is None or not heard or not seen:
        return
    own = max(heard, key=lambda place: _accuracy(rows[place]))
    if not all(found.different[own, each] and found.difference[own, each] > 0 for each in seen):
        return
    best = max(seen, key=lambda place: _accuracy(rows[place]))
    low, high = (100 * side[own, best] for side in (found.low, found.high))
    yield (
        f"{rows[own].classifier} looks at the signal itself and beats every picture here: "
        f"{100 * _accuracy(rows[own]):.1f}% against {100 * _accuracy(rows[best]):.1f}% of the "
        f"best of them, {rows[best].title} ({100 * found.difference[own, best]:+.1f} points, 95% "
        f"{low:+.1f} to {high:+.1f}). Something that tells these classes apart is lost in these "
        "pictures, or by what looks at them."
    )


def _accuracy(row: Row) -> float:
    return row.accuracy or 0.0
