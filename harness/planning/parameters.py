"""The parameters of a plugin: described, read from what was written, written down again."""

from __future__ import annotations

import dataclasses
import difflib
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.contracts import Plugin
from harness.declarations.parameters import written_name
from harness.errors import ParameterError
from harness.planning.specs import Spec, Value

OPTIONS = "options"
"""The field that collects the parameters of a plugin with ``open_parameters``."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a person may write in the brackets.

    Parameters
    ----------
    name, field
        How it is written, and the field of the class that it fills.
    default
        None if `required`.
    low, high
        The smallest and largest value that it takes.
    search
        Values worth trying, in their order; empty where its author names none.
    """

    name: str
    field: str
    default: Any
    unit: str
    help: str
    choices: tuple[str, ...]
    low: float | None
    high: float | None
    required: bool
    search: tuple[Value, ...] = ()

    def __str__(self) -> str:
        if self.required:
            value = "(required)"
        else:
            value = str(Spec("x", ((self.name, self.default),)))[2:-1].partition("=")[2]
        return f"{self.name}={value} {self.unit}".strip()


def parameters(cls: type[Plugin]) -> list[Parameter]:
    """Describe the parameters of a plugin class, in the order of its fields."""
    return [
        Parameter(
            name=written_name(each),
            field=each.name,
            default=None if _required(each) else each.default,
            unit=each.metadata.get("unit", ""),
            help=each.metadata.get("help", ""),
            choices=tuple(each.metadata.get("choices", ())),
            low=each.metadata.get("low"),
            high=each.metadata.get("high"),
            required=_required(each),
            search=tuple(each.metadata.get("search", ())),
        )
        for each in _named_fields(cls)
    ]


def spec_of(plugin: Plugin) -> Spec:
    """Write a plugin down: its name and the parameters that differ from their defaults."""
    written: list[tuple[str, Value]] = [
        (written_name(each), getattr(plugin, each.name))
        for each in _named_fields(type(plugin))
        if _required(each) or getattr(plugin, each.name) != each.default
    ]
    if plugin.open_parameters:
        written += getattr(plugin, OPTIONS)
    return Spec(plugin.name, tuple(written))


def _named_fields(cls: type[Plugin]) -> list[dataclasses.Field[Any]]:
    skipped = OPTIONS if cls.open_parameters else None
    return [each for each in dataclasses.fields(cls) if each.name != skipped]


def _required(each: dataclasses.Field[Any]) -> bool:
    return each.default is dataclasses.MISSING


def values_of(cls: type[Plugin], spec: Spec) -> dict[str, Any]:
    """Turn what was written into the arguments of a plugin class.

    Raises
    ------
    ParameterError
        It has no such parameter, or one is missing, or text lost its quotes.
    """
    values = _gathered(cls, spec)
    _check_names(cls, values)
    hints = typing.get_type_hints(cls)
    fields = {written_name(each): each.name for each in _named_fields(cls)}
    for key, value in values.items():
        if hints[fields.get(key, key)] is str and isinstance(value, (bool, float)):
            raise ParameterError(
                f"{cls.name}: {key}={value!r} is text that reads as a number or a word; "
                "put it in quotes, just as it should be."
            )
    return {fields.get(key, key): value for key, value in values.items()}


def _gathered(cls: type[Plugin], spec: Spec) -> dict[str, Any]:
    """Sort the written parameters into fields and, where they are open, the rest."""
    if not cls.open_parameters:
        return dict(spec.parameters)
    named = {written_name(each) for each in _named_fields(cls)}
    values: dict[str, Any] = {key: value for key, value in spec.parameters if key in named}
    values[OPTIONS] = tuple((key, value) for key, value in spec.parameters if key not in named)
    return values


def _check_names(cls: type[Plugin], values: dict[str, Any]) -> None:
    takes = parameters(cls)
    names = [each.name for each in takes]
    for key in values:
        if key not in names and not (key == OPTIONS and cls.open_parameters):
            written = ", ".join(str(each) for each in takes) or "no parameters"
            raise ParameterError(
                f"{cls.name} has no parameter {key!r}{nearest(key, names)}. It takes {written}."
            )
    missing = [each for each in takes if each.required and each.name not in values]
    if missing:
        words = " and ".join(f"{each.name}= ({each.help})" for each in missing)
        example = Spec(cls.name, tuple((each.name, "...") for each in missing))
        raise ParameterError(f"{cls.name} needs {words}: write {example}.")


def nearest(name: str, names: Iterable[str]) -> str:
    """Return "; did you mean ...?" where a name is close to one of the valid ones."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
