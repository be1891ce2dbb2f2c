"""What a classifier has learnt, as arrays and plain values, and made again from them.

What is learnt is a tree of frozen dataclasses whose fields are arrays, plain values, names of
classes, or others of them. A tree is made again of classes that the reader names: what is written
chooses among them, and can make nothing else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError, Knowledge

DEEPEST = 8
"""Levels of a tree; one of ours has four. A part that is kept in another form has `to_write()`."""
_IS, _ARRAY, _EACH = "is", "array", "each"


Row32 = Annotated[NDArray[np.float32], 1]
Row64 = Annotated[NDArray[np.float64], 1]
Table32 = Annotated[NDArray[np.float32], 2]
Table64 = Annotated[NDArray[np.float64], 2]
"""Fields of a tree that are arrays, with their dimensions."""


def write(tree: Any) -> Knowledge:
    """Write down a tree of dataclasses."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    return Knowledge(arrays, _plain(tree, "", arrays))


def _plain(value: Any, place: str, arrays: dict[str, Any]) -> Any:
    if hasattr(value, "to_write"):
        value = value.to_write()
    if isinstance(value, np.ndarray):
        arrays[place] = value
        return {_ARRAY: place}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in dataclasses.fields(value)]
        parts = {name: _plain(getattr(value, name), _joined(place, name), arrays) for name in names}
        return {_IS: type(value).__name__, **parts}
    if isinstance(value, Mapping):
        parts = {name: _plain(each, _joined(place, name), arrays) for name, each in value.items()}
        return {_EACH: parts}
    if isinstance(value, tuple):
        return [_plain(each, "", arrays) for each in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ClassifierError(
        f"It can be benchmarked but not kept: of what it learns, {type(value).__name__} cannot be "
        "written down."
    )


def _joined(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def make_again(knowledge: Knowledge, *kinds: type[Any]) -> Any:
    """Make a tree of what was written down.

    Parameters
    ----------
    kinds
        The dataclasses that it may hold.

    Raises
    ------
    ClassifierError
        It holds others, or a field is missing or of another type.
    """
    known = {each.__name__: each for each in kinds}
    return _Reading(knowledge.arrays, known).made(knowledge.values, "what was learnt", 0)


@dataclasses.dataclass(frozen=True)
class _Reading:
    arrays: Mapping[str, Any]
    kinds: Mapping[str, type[Any]]

    def made(self, value: Any, place: str, depth: int) -> Any:
        if depth > DEEPEST:
            raise ClassifierError(f"{place} is nested too deeply.")
        if isinstance(value, list):
            return tuple(self.made(each, place, depth + 1) for each in value)
        if not isinstance(value, Mapping):
            return value
        if set(value) == {_ARRAY}:
            return self._array(value[_ARRAY], place)
        if set(value) == {_EACH} and isinstance(value[_EACH], Mapping):
            parts = value[_EACH].items()
            return {name: self.made(each, f"{place}.{name}", depth + 1) for name, each in parts}
        return self._dataclass(value, place, depth)

    def _array(self, name: Any, place: str) -> Any:
        if not isinstance(name, str) or name not in self.arrays:
            raise ClassifierError(f"{place} names an array that is not there.")
        return self.arrays[name]

    def _dataclass(self, value: Mapping[str, Any], place: str, depth: int) -> Any:
        kind = self.kinds.get(str(value.get(_IS)))
        names = [] if kind is None else [each.name for each in dataclasses.fields(kind)]
        if kind is None or set(value) != {_IS, *names}:
            raise ClassifierError(f"{place} is none of {', '.join(sorted(self.kinds))}.")
        parts = {
            each.name: self.made(value[each.name], f"{place}.{each.name}", depth + 1)
            for each in dataclasses.fields(kind)
        }
        for each in dataclasses.fields(kind):
            _check(parts[each.name], _hints(cast(Any, kind))[each.name], f"{place}.{each.name}")
        return kind(**parts)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _check(value: Any, hint: Any, place: str) -> None:
    """Ask for an array of the numbers and dimensions declared, or a plain value of the type."""
    if get_origin(hint) is Annotated:
        array, dimensions = get_args(hint)
        numbers = get_args(get_args(array)[1])[0]
        right = isinstance(value, np.ndarray) and dimensions == value.ndim
        right = right and value.dtype == np.dtype(numbers)
    elif hint in (int, str, bool):
        right = type(value) is hint
    elif hint is float:
        right = type(value) in (int, float)
    elif get_origin(hint) is tuple:
        right = isinstance(value, tuple) and all(isinstance(each, str) for each in value)
    elif get_origin(hint) is not None and issubclass(get_origin(hint), Mapping):
        right = isinstance(value, Mapping)
    else:
        right = dataclasses.is_dataclass(value)
    if not right:
        raise ClassifierError(f"{place} is of another type than was written.")
