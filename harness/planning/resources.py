"""What a person wrote of resources: 'cnn[cores=2,memory=8GB,gpus=1]', for one classifier."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields

from harness.errors import PlanError, SightbenchError
from harness.planning.specs import Spec, Value, parse_specs
from harness.values import Resources

UNITS: Mapping[str, float] = {
    "": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
    "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40,
}  # fmt: skip
"""Bytes of each unit of memory."""

_AMOUNT = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?)\s*([A-Za-z]*)\s*")
_LIMIT = 2**63
_KNOWN = tuple(each.name for each in fields(Resources))

Wishes = Mapping[str, Mapping[str, int]]
"""What is to be changed of what classifiers ask for: by the classifier's name."""


def read_wishes(written: Iterable[str], classifiers: Iterable[str]) -> Wishes:
    """Read what a person wrote of the resources of some classifiers.

    Parameters
    ----------
    classifiers
        Their names, as the plan has them.

    Raises
    ------
    PlanError
        There is no such classifier or resource, or the amount makes no sense.
    """
    found: dict[str, dict[str, int]] = {}
    for text in written:
        for spec in _specs(text):
            if spec.name not in set(classifiers):
                names = ", ".join(dict.fromkeys(classifiers))
                raise PlanError(
                    f"--resources {text}: no classifier of this run is called {spec.name}; there "
                    f"are {names}."
                )
            changes = found.setdefault(spec.name, {})
            changes.update((name, _amount(text, name, value)) for name, value in spec.parameters)
    return found


def _specs(text: str) -> list[Spec]:
    try:
        specs = parse_specs(text)
    except SightbenchError as error:
        raise PlanError(f"--resources: {error}") from None
    if len(specs) != 1 or not specs[0].parameters:
        raise PlanError(
            f"--resources {text}: name a classifier and one value of each, "
            "'cnn[cores=2,memory=8GB,gpus=1]'."
        )
    return specs


def _amount(text: str, name: str, value: Value) -> int:
    if name not in _KNOWN:
        raise PlanError(f"--resources {text}: there is no {name}; there are {', '.join(_KNOWN)}.")
    amount = _bytes(str(value)) if name == "memory" else value
    low = 1 if name == "cores" else 0
    whole = isinstance(amount, int) and not isinstance(amount, bool)
    if not whole or not low <= amount < _LIMIT:  # type: ignore[operator]
        kind = "an amount, 8GB," if name == "memory" else f"a whole number from {low},"
        raise PlanError(f"--resources {text}: {name} is {kind} not {value!r}.")
    return int(amount)  # type: ignore[arg-type]


def _bytes(text: str) -> int | None:
    match = _AMOUNT.fullmatch(text)
    if match is None or match[2].upper() not in UNITS or len(match[1]) > 20:
        return None
    return int(float(match[1]) * UNITS[match[2].upper()])
