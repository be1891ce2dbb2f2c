"""Words of which few differ, numbers that may be missing, and whatever fits nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.columns.column import BLOCK, Column, Value


class Coded(Column[Value]):
    """Values of which few differ: the number of each, and what the numbers stand for.

    Parameters
    ----------
    numbers : array [shape=(values,)], int32
    words
        One a number.
    """

    __slots__ = ("numbers", "words")

    def __init__(self, numbers: NDArray[np.int32], words: Sequence[Value]) -> None:
        self.numbers, self.words = numbers, tuple(words)

    @classmethod
    def of(cls, values: Iterable[Value]) -> Coded[Value]:
        """Number values in the order in which they come."""
        known: dict[Value, int] = {}
        numbers = [known.setdefault(each, len(known)) for each in values]
        return cls(np.array(numbers, np.int32), tuple(known))

    def __len__(self) -> int:
        return len(self.numbers)

    def one(self, row: int) -> Value:
        """Return a value."""
        return self.words[int(self.numbers[row])]

    def some(self) -> Iterator[list[Value]]:
        """Give all values in order, some at a time."""
        for start in range(0, len(self), BLOCK):
            yield [self.words[number] for number in self.numbers[start : start + BLOCK].tolist()]

    def take(self, rows: ArrayLike | slice) -> Coded[Value]:
        """Return some values."""
        chosen = rows if isinstance(rows, slice) else np.asarray(rows, np.intp)
        return Coded(self.numbers[chosen], self.words)

    @classmethod
    def joined(cls, parts: Sequence[Coded[Value]]) -> Coded[Value]:
        """Put values one below the other."""
        known: dict[Value, int] = {}
        numbers = [np.empty(0, np.int32)]
        for part in parts:
            places = [known.setdefault(word, len(known)) for word in part.words]
            numbers.append(np.array(places, np.int32)[part.numbers])
        return cls(np.concatenate(numbers), tuple(known))

    def used(self) -> set[Value]:
        """Return the values that there are."""
        return {self.words[number] for number in np.unique(self.numbers).tolist()}

    def counts(self) -> dict[Value, int]:
        """Return how many there are of each value."""
        counts = np.bincount(self.numbers, minlength=len(self.words)).tolist()
        return {word: count for word, count in zip(self.words, counts, strict=True) if count}

    def __reduce__(self) -> tuple[Any, ...]:
        used, numbers = np.unique(self.numbers, return_inverse=True)
        words = tuple(self.words[number] for number in used.tolist())
        return Coded, (numbers.astype(np.int32), words)


class Floats(Column[float | None]):
    """Numbers; NaN stands for itself, or for none where it is marked so.

    Parameters
    ----------
    values : array [shape=(values,)], float64
    missing : array [shape=(values,)], bool
    """

    __slots__ = ("missing", "values")

    def __init__(self, values: NDArray[np.float64], missing: NDArray[np.bool_]) -> None:
        self.values, self.missing = values, missing

    @classmethod
    def of(cls, values: Sequence[float | None]) -> Floats:
        """Put numbers into an array."""
        numbers = np.array(values, np.float64)  # None becomes NaN
        missing = np.isnan(numbers)
        for row in np.flatnonzero(missing).tolist():
            missing[row] = values[row] is None
        return cls(numbers, missing)

    def __len__(self) -> int:
        return len(self.values)

    def one(self, row: int) -> float | None:
        """Return a number, or None."""
        return None if self.missing[row] else float(self.values[row])

    def some(self) -> Iterator[list[float | None]]:
        """Give all numbers in order, some at a time."""
        for start in range(0, len(self), BLOCK):
            here = slice(start, start + BLOCK)
            values: list[float | None] = self.values[here].tolist()
            for row in np.flatnonzero(self.missing[here]).tolist():
                values[row] = None
            yield values

    def take(self, rows: ArrayLike | slice) -> Floats:
        """Return some numbers."""
        chosen = rows if isinstance(rows, slice) else np.asarray(rows, np.intp)
        return Floats(self.values[chosen], self.missing[chosen])

    @classmethod
    def joined(cls, parts: Sequence[Floats]) -> Floats:
        """Put numbers one below the other."""
        values = np.concatenate([part.values for part in parts])
        return cls(values, np.concatenate([part.missing for part in parts]))

    def __reduce__(self) -> tuple[Any, ...]:
        return Floats, (np.ascontiguousarray(self.values), np.ascontiguousarray(self.missing))


class Anything(Column[Value]):
    """Values of any kind, as they are."""

    __slots__ = ("values",)

    def __init__(self, values: Sequence[Value]) -> None:
        self.values = tuple(values)

    def __len__(self) -> int:
        return len(self.values)

    def one(self, row: int) -> Value:
        """Return a value."""
        return self.values[row]

    def some(self) -> Iterator[list[Value]]:
        """Give all values."""
        yield list(self.values)

    def take(self, rows: ArrayLike | slice) -> Anything[Value]:
        """Return some values."""
        if isinstance(rows, slice):
            return Anything(self.values[rows])
        return Anything([self.values[row] for row in np.asarray(rows, np.intp).tolist()])

    @classmethod
    def joined(cls, parts: Sequence[Anything[Value]]) -> Anything[Value]:
        """Put values one below the other."""
        return cls([value for part in parts for value in part.values])

    def __reduce__(self) -> tuple[Any, ...]:
        return Anything, (self.values,)
