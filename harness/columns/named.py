"""Values by name: a mapping in few bytes."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, Sequence, ValuesView
from typing import Any

import numpy as np

from harness.columns.column import Column, Value
from harness.columns.strings import Strings


class Named(Mapping[str, Value]):
    """Values by name: a mapping in few bytes.

    Parameters
    ----------
    names
        Each stands once.
    texts
        The value of each.
    """

    __slots__ = ("names", "texts")

    def __init__(self, names: Strings, texts: Column[Value]) -> None:
        self.names, self.texts = names, texts

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Value:
        place = self.names.place(name) if isinstance(name, str) else -1
        if place < 0:
            raise KeyError(name)
        return self.texts.one(place)

    def pick(self, names: Sequence[str]) -> Column[Value]:
        """Return the values of some names, in that order.

        Raises
        ------
        KeyError
            One is not there.
        """
        places = self.names.places(names)
        if (places < 0).any():
            raise KeyError(names[int(np.argmax(places < 0))])
        return self.texts.take(places)

    def items(self) -> ItemsView[str, Value]:
        """Give names and values in order, without looking any up."""
        return _Items(self)

    def values(self) -> ValuesView[Value]:
        """Give the values in the order of their names."""
        return _Values(self)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return Named, (self.names, self.texts)


class _Items(ItemsView[str, Value]):
    _mapping: Named[Value]

    def __iter__(self) -> Iterator[tuple[str, Value]]:
        return zip(self._mapping.names, self._mapping.texts, strict=True)


class _Values(ValuesView[Value]):
    _mapping: Named[Value]

    def __iter__(self) -> Iterator[Value]:
        return iter(self._mapping.texts)


def named(values: Mapping[str, str]) -> Named[str]:
    """Put texts by name into columns."""
    if isinstance(values, Named):
        return values
    return Named(Strings.of(values.keys()), Strings.of(values.values()))
