"""What all columns can: they are sequences, and equal to the tuples that they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TypeVar, overload

from numpy.typing import ArrayLike

BLOCK = 16384
"""Values that are made, or put away, at a time."""

Value = TypeVar("Value")


class Column(Sequence[Value]):
    """Values that are made when they are asked for; some of them are again such a column."""

    __slots__ = ()

    def one(self, row: int) -> Value:
        """Return the value of a row, counted from the beginning."""
        raise NotImplementedError

    def take(self, rows: ArrayLike | slice) -> Column[Value]:
        """Return the values of some rows, in the order given."""
        raise NotImplementedError

    def some(self) -> Iterator[list[Value]]:
        """Give all values in order, some at a time."""
        raise NotImplementedError

    @overload
    def __getitem__(self, row: int) -> Value: ...

    @overload
    def __getitem__(self, row: slice) -> Column[Value]: ...

    def __getitem__(self, row: int | slice) -> Value | Column[Value]:
        if isinstance(row, slice):
            return self.take(row)
        count = len(self)
        place = row + count if row < 0 else row
        if not 0 <= place < count:
            raise IndexError(f"row {row} of {count}")
        return self.one(place)

    def __iter__(self) -> Iterator[Value]:
        return chain.from_iterable(self.some())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Column, tuple)):
            return NotImplemented
        if len(self) != len(other):
            return False
        return all(one == another for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(tuple(self))
