"""Whether a value is one that its parameter takes."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Collection
from dataclasses import Field
from pathlib import Path
from typing import Any

from harness.declarations.parameters import written_name
from harness.errors import ParameterError


def checked(plugin: str, each: Field[Any], hint: Any, value: Any) -> Any:
    """Return a parameter's value in its own type.

    Parameters
    ----------
    plugin
        The plugin's name, for the message.
    hint
        The type that the field is annotated with.

    Raises
    ------
    ParameterError
        It has another type, is none of the choices, is not finite, or lies outside the limits.
    """
    kinds = _kinds(hint)
    own = _converted(value, kinds)
    limits = each.metadata
    fault = _type_fault(own, kinds)
    if fault is None and own is not None:
        fault = (
            _choice_fault(own, limits.get("choices", ()))
            or _finite_fault(own)
            or _range_fault(own, limits.get("low"), limits.get("high"), limits.get("unit", ""))
        )
    if fault is not None:
        raise ParameterError(f"{plugin}: {written_name(each)}={own!r} {fault}.")
    return own


def _kinds(hint: Any) -> tuple[Any, ...]:
    """Take a union of types apart."""
    union = typing.get_origin(hint) in (types.UnionType, typing.Union)
    return typing.get_args(hint) if union else (hint,)


def _converted(value: Any, kinds: tuple[Any, ...]) -> Any:
    """Let a value be written as people write it: 3 for 3.0, 3.0 for 3, text for a path."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if float in kinds and whole:
        return float(value)
    if int in kinds and float not in kinds and isinstance(value, float) and value.is_integer():
        return int(value)
    if Path in kinds and isinstance(value, str):
        return Path(value)
    if kinds == (str,) and isinstance(value, (int, float)):
        return str(value)
    return value


def _type_fault(value: Any, kinds: tuple[Any, ...]) -> str | None:
    if any(_is_a(value, kind) for kind in kinds):
        return None
    names = " or ".join(getattr(kind, "__name__", str(kind)) for kind in kinds)
    return f"is not {names.replace('NoneType', 'none')}"


def _is_a(value: Any, kind: Any) -> bool:
    if kind in (int, float) and isinstance(value, bool):
        return False
    if typing.get_origin(kind) is typing.Literal:
        return value in typing.get_args(kind)
    return kind is Any or isinstance(value, typing.get_origin(kind) or kind)


def _choice_fault(value: Any, choices: Collection[str]) -> str | None:
    return f"is none of {', '.join(choices)}" if choices and value not in choices else None


def _finite_fault(value: Any) -> str | None:
    finite = not isinstance(value, float) or math.isfinite(value)
    return None if finite else "is not a finite number"


def _range_fault(value: Any, low: float | None, high: float | None, unit: str) -> str | None:
    if low is not None and value < low:
        return f"is below the least that it takes, {low:g} {unit}".rstrip()
    if high is not None and value > high:
        return f"is above the most that it takes, {high:g} {unit}".rstrip()
    return None
