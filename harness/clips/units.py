"""What must stay together: clips of one unit, joined with what overlaps them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.clips.entries import Entries
from harness.clips.spans import clusters
from harness.values import Entry


class Units(Sequence[list[int]]):
    """Rows that belong together, made when they are asked for, in the order of their first ones.

    Parameters
    ----------
    rows : array [shape=(rows,)]
        One unit after the other.
    ends : array [shape=(units + 1,)]
        Where each unit begins, and where the last one ends.
    """

    def __init__(self, rows: NDArray[np.intp], ends: NDArray[np.intp]) -> None:
        self.rows, self.ends = rows, ends

    @classmethod
    def of(cls, rows: ArrayLike, numbers: NDArray[np.intp]) -> Units:
        """Put rows of one number together, as they come."""
        given = np.asarray(rows, np.intp)
        order = np.argsort(numbers, kind="stable")
        sorted_numbers = numbers[order]
        firsts = np.flatnonzero(np.diff(sorted_numbers, prepend=sorted_numbers[:1] - 1))
        sizes = np.diff(firsts, append=len(order))
        turns = np.argsort(order[firsts], kind="stable")
        ends = np.concatenate(([0], sizes[turns].cumsum())).astype(np.intp)
        shifts = np.repeat(firsts[turns] - ends[:-1], sizes[turns])
        return cls(given[order[np.arange(len(order)) + shifts]], ends)

    def __len__(self) -> int:
        return len(self.ends) - 1

    @overload
    def __getitem__(self, place: int) -> list[int]: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[list[int]]: ...

    def __getitem__(self, place: int | slice) -> list[int] | Sequence[list[int]]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(f"unit {place} of {len(self)}")
        rows: list[int] = self.members(place).tolist()
        return rows

    def __eq__(self, other: object) -> bool:
        return list(self) == (list(other) if isinstance(other, Units) else other)

    __hash__ = None  # type: ignore[assignment]

    def members(self, place: int) -> NDArray[np.intp]:
        """Return the rows of a unit."""
        return self.rows[self.ends[place] : self.ends[place + 1]]

    @property
    def sizes(self) -> NDArray[np.intp]:
        """How many rows each unit has."""
        return np.diff(self.ends)

    @property
    def places(self) -> NDArray[np.intp]:
        """The unit of each of `rows`."""
        return np.repeat(np.arange(len(self)), self.sizes)


def numbered(units: Iterable[Hashable]) -> NDArray[np.intp]:
    """Number units in the order in which they come: equal ones have one number."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(each, len(known)) for each in units], np.intp)


def joined_units(
    entries: Sequence[Entry], rows: Sequence[int] | NDArray[np.intp], units: NDArray[np.intp]
) -> Units:
    """Put rows together that share a unit or overlap, in the order of their first rows.

    Parameters
    ----------
    units : array [shape=(rows,)]
        The number of each row's unit.
    """
    found = Units.of(rows, units)
    if Entries.of(entries).spans is None:
        return found
    given = np.asarray(rows, np.intp).tolist()
    leader = {row: row for row in given}

    def find(row: int) -> int:
        while leader[row] != row:
            leader[row] = leader[leader[row]]
            row = leader[row]
        return row

    for together in (*found, *clusters(entries, given)):
        first = find(together[0])
        for row in together[1:]:
            leader[find(row)] = first
    return Units.of(given, np.array([find(row) for row in given], np.intp))
