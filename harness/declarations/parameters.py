"""A parameter of a plugin, as its author declares it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any


def parameter(
    default: Any = dataclasses.MISSING,
    help: str = "",
    *,
    unit: str = "",
    choices: Collection[str] = (),
    low: float | None = None,
    high: float | None = None,
    written: str = "",
    search: Collection[float | int | str | None] = (),
) -> Any:
    """Declare a parameter of a plugin.

    Parameters
    ----------
    default
        Its value when nobody says otherwise; leave it out to make it required.
    help
        A few words on what it is.
    unit
        "Hz", "s", ...; empty for a pure number.
    choices
        The words that it takes, when it is one of a few.
    low, high
        The smallest and largest value that it takes (inclusive).
    written
        How it is written in the brackets, where the field cannot be called so (``name``).
    search
        Values worth trying, in their order: what ``sightbench search`` tries of it, beside the
        default. Left out, it tries all choices, both of true and false, and of others none.
    """
    metadata = {
        "help": help,
        "unit": unit,
        "choices": tuple(choices),
        "low": low,
        "high": high,
        "written": written,
        "search": tuple(search),
    }
    return dataclasses.field(default=default, metadata=metadata)


def written_name(each: dataclasses.Field[Any]) -> str:
    """Return how a parameter is called in the brackets."""
    return str(each.metadata.get("written") or each.name)
