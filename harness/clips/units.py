"""What must stay together: clips of one unit, joined with what overlaps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from harness.clips.spans import clusters
from harness.values import Entry


def joined_units(
    entries: Sequence[Entry], rows: Sequence[int], units: Iterable[Hashable]
) -> list[list[int]]:
    """Put rows together that share a unit or overlap, in the order of their first rows.

    Parameters
    ----------
    units
        The unit of each row.
    """
    members: dict[Hashable, list[int]] = defaultdict(list)
    for row, unit in zip(rows, units, strict=True):
        members[unit].append(row)
    if all(entries[row].span is None for row in rows):
        return list(members.values())
    leader = {row: row for row in rows}

    def find(row: int) -> int:
        while leader[row] != row:
            leader[row] = leader[leader[row]]
            row = leader[row]
        return row

    for together in (*members.values(), *clusters(entries, rows)):
        first = find(together[0])
        for row in together[1:]:
            leader[find(row)] = first
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[find(row)].append(row)
    return list(found.values())
