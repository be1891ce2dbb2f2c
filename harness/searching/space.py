"""What a search may vary: representations, improvements, and the values of their parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.contracts import Plot
from harness.errors import PlanError
from harness.planning.parameters import Parameter, nearest
from harness.planning.specs import Spec, Value
from harness.registry.catalogue import Catalogue, Listed


@dataclass(frozen=True, slots=True)
class Dial:
    """A parameter that a search turns.

    Parameters
    ----------
    values
        What it tries, in their order; at least two.
    ordered
        Neighbouring values are alike: it is turned step by step, now and then further.
    """

    name: str
    values: tuple[Value, ...]
    default: Value
    ordered: bool

    def place(self, spec: Spec) -> int | None:
        """Say where in the values the parameter of a plugin stands, or None."""
        value = dict(spec.parameters).get(self.name, self.default)
        return self.values.index(value) if value in self.values else None


@dataclass(frozen=True, slots=True)
class Space:
    """Plugins by name, each with its dials.

    Parameters
    ----------
    stacks
        Two or three ways may share one picture.
    """

    representations: Mapping[str, tuple[Dial, ...]]
    improvements: Mapping[str, tuple[Dial, ...]]
    stacks: bool = True

    def dials(self, name: str) -> tuple[Dial, ...]:
        """Return what may be turned of a plugin; nothing of one that is not in the space."""
        return self.representations.get(name) or self.improvements.get(name) or ()


def space_of(catalogue: Catalogue, among: Sequence[str] = (), stacks: bool = True) -> Space:
    """Say what may be varied: what is installed, can be used here and needs no parameter.

    Parameters
    ----------
    among
        Names of representations and improvements; all where none is named.

    Raises
    ------
    PlanError
        A name is none of theirs, or no representation is left.
    """
    kinds = {
        kind: [each for each in catalogue.listed(kind) if _usable(catalogue, each)]
        for kind in ("representation", "improvement")
    }
    known = [each.name for listed in kinds.values() for each in listed]
    unknown = [f"{name!r}{nearest(name, known)}" for name in among if name not in known]
    if unknown:
        raise PlanError(
            f"A search cannot vary {', '.join(unknown)}. It can vary: {', '.join(known)}."
        )
    chosen = {
        kind: {each.name: dials_of(each) for each in listed if not among or each.name in among}
        for kind, listed in kinds.items()
    }
    if not chosen["representation"]:
        raise PlanError("A search needs a representation to vary: name one, --among mel.")
    return Space(chosen["representation"], chosen["improvement"], stacks)


def dials_of(listed: Listed) -> tuple[Dial, ...]:
    """Return the parameters of a plugin that have values to try."""
    dials = (_dial(each) for each in listed.parameters)
    return tuple(dial for dial in dials if len(dial.values) > 1)


def _usable(catalogue: Catalogue, listed: Listed) -> bool:
    finished = issubclass(catalogue.find(listed.kind, listed.name), Plot)
    required = any(each.required for each in listed.parameters)
    return listed.unavailable is None and not required and not finished


def _writable(value: object) -> bool:
    """Say whether a stranger's value can stand in brackets; others are not tried."""
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, (str, int))


def _dial(parameter: Parameter) -> Dial:
    """Take the values that the author names, else choices, else both of true and false."""
    values: tuple[Value, ...] = tuple(filter(_writable, parameter.search)) or parameter.choices
    if not values and isinstance(parameter.default, bool):
        values = (False, True)
    if values and parameter.default not in values and _writable(parameter.default):
        values = (parameter.default, *values)
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    return Dial(parameter.name, tuple(values), parameter.default, numbers)
