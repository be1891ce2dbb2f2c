"""The clips of a dataset as they are listed, in columns: one takes some 60 bytes, not 400."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import islice
from operator import attrgetter
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.columns.column import BLOCK, Column
from harness.columns.strings import Strings
from harness.columns.values import Anything, Coded, Floats
from harness.values import Entry

NAMES = tuple(each.name for each in fields(Entry))
_TEXTS, _NUMBERS, _SPAN = ("id", "where"), ("position", "stands_for_s"), "span"

Span = tuple[str, float, float]


class Entries(Sequence[Entry]):
    """Entries, made when they are asked for: what a dataset lists, in its order.

    Parameters
    ----------
    columns
        One a field of `Entry`, by `NAMES`; what a stranger's dataset lists comes out as it was.
    """

    __slots__ = ("columns",)

    def __init__(self, columns: Sequence[Column[Any]]) -> None:
        self.columns = tuple(columns)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Entries:
        """Put entries into columns, some at a time."""
        if isinstance(entries, Entries):
            return entries
        rest = iter(entries)
        parts: list[list[Column[Any]]] = [[] for _ in NAMES]
        while block := list(islice(rest, BLOCK)):
            for name, part in zip(NAMES, parts, strict=True):
                part.append(_column(name, list(map(attrgetter(name), block))))
        columns = [_joined(part or [_column(n, [])]) for n, part in zip(NAMES, parts, strict=True)]
        ids, where = columns[0], NAMES.index("where")
        if columns[where] == ids:
            columns[where] = ids
        return cls(columns)

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, row: int) -> Entry: ...

    @overload
    def __getitem__(self, row: slice) -> Entries: ...

    def __getitem__(self, row: int | slice) -> Entry | Entries:
        if isinstance(row, slice):
            return self._each(lambda column: column.take(row))
        return Entry(*(column[row] for column in self.columns))

    def __iter__(self) -> Iterator[Entry]:
        return map(Entry, *self.columns)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Entries, tuple)):
            return NotImplemented
        return len(self) == len(other) and all(map(_equal, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Entries, (self.columns,)

    def take(self, rows: ArrayLike) -> Entries:
        """Return some entries, in the order given."""
        chosen = np.asarray(rows, np.intp)
        if len(chosen) == len(self) and bool((chosen == np.arange(len(self))).all()):
            return self
        return self._each(lambda column: column.take(chosen))

    def _each(self, change: Callable[[Column[Any]], Column[Any]]) -> Entries:
        """Change every column; one that stands for two fields stays one."""
        changed = {id(column): change(column) for column in self.columns}
        return Entries([changed[id(column)] for column in self.columns])

    def column(self, name: str) -> Column[Any]:
        """Return what all entries have in a field."""
        return self.columns[NAMES.index(name)]

    @property
    def ids(self) -> Strings:
        """The id of each clip, all of which are texts where they can be used."""
        return Strings.of(self.columns[0])

    @property
    def labels(self) -> Coded[str]:
        """The class of each clip."""
        labels = self.column("label")
        return labels if isinstance(labels, Coded) else Coded.of(labels)

    @property
    def groups(self) -> Coded[str | None]:
        """The group of each clip."""
        groups = self.column("group")
        return groups if isinstance(groups, Coded) else Coded.of(groups)

    @property
    def spans(self) -> Column[Span | None] | None:
        """What each clip is cut from; None where none is cut from anything."""
        spans = self.column(_SPAN)
        return None if isinstance(spans, Coded) and spans.used() <= {None} else spans

    def sound(self) -> NDArray[np.intp]:
        """Return the rows of entries without a fault."""
        faults = self.column("fault")
        if isinstance(faults, Coded) and faults.used() <= {None}:
            return np.arange(len(self))
        return np.flatnonzero([fault is None for fault in faults])


class Spans(Column[Span]):
    """Spans, each of a recording's name, a start and an end (s)."""

    __slots__ = ("ends", "names", "starts")

    def __init__(
        self, names: Coded[str], starts: NDArray[np.float64], ends: NDArray[np.float64]
    ) -> None:
        self.names, self.starts, self.ends = names, starts, ends

    @classmethod
    def of(cls, spans: Sequence[Span]) -> Spans:
        """Put spans into columns."""
        starts, ends = (np.array([each[place] for each in spans]) for place in (1, 2))
        return cls(Coded.of(each[0] for each in spans), starts, ends)

    @classmethod
    def joined(cls, parts: Sequence[Spans]) -> Spans:
        """Put spans one below the other."""
        names = Coded.joined([part.names for part in parts])
        starts, ends = ([getattr(part, name) for part in parts] for name in ("starts", "ends"))
        return cls(names, np.concatenate(starts), np.concatenate(ends))

    def __len__(self) -> int:
        return len(self.starts)

    def one(self, row: int) -> Span:
        """Return a span."""
        return self.names.one(row), float(self.starts[row]), float(self.ends[row])

    def some(self) -> Iterator[list[Span]]:
        """Give all spans in order, some at a time."""
        for start in range(0, len(self), BLOCK):
            here = slice(start, start + BLOCK)
            times = self.starts[here].tolist(), self.ends[here].tolist()
            yield list(zip(self.names.take(here), *times, strict=True))

    def take(self, rows: ArrayLike | slice) -> Spans:
        """Return some spans."""
        chosen = rows if isinstance(rows, slice) else np.asarray(rows, np.intp)
        return Spans(self.names.take(chosen), self.starts[chosen], self.ends[chosen])

    def __reduce__(self) -> tuple[Any, ...]:
        return Spans, (self.names, *map(np.ascontiguousarray, (self.starts, self.ends)))


def _equal(one: Entry, other: Entry) -> bool:
    return one == other


def _column(name: str, values: list[Any]) -> Column[Any]:
    """Put the values of a field into a column; as they are, where one is not as it should be."""
    kinds = set(map(type, values))
    if kinds == {type(None)} and name not in (*_TEXTS, *_NUMBERS):
        return Coded(np.zeros(len(values), np.int32), (None,))
    if name in _TEXTS:
        return Strings.of(values) if kinds <= {str} else Anything(values)
    if name in _NUMBERS:
        return Floats.of(values) if kinds <= {float, type(None)} else Anything(values)
    if kinds <= ({type(None)} if name == _SPAN else {str, type(None)}):
        return Coded.of(values)
    return Spans.of(values) if name == _SPAN and all(map(_is_span, values)) else Anything(values)


def _is_span(value: Any) -> bool:
    return type(value) is tuple and tuple(map(type, value)) == (str, float, float)


def _joined(parts: list[Any]) -> Column[Any]:
    kind = type(parts[0])
    if any(type(part) is not kind for part in parts):
        return Anything([value for part in parts for value in part])
    joined: Column[Any] = parts[0] if len(parts) == 1 else kind.joined(parts)
    return joined
