"""Patterns such as "{label}_{group}_{index}", by which file names are read."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from harness import ParameterError

FIELDS = {
    "label": "[^/]+?",
    "group": "[^/]+?",
    "fold": "[^/]+?",
    "index": r"[0-9]{1,15}",
    "*": "[^/]*?",
}
_FIELD = re.compile(r"\{([^{}]*)\}")


def check_pattern(plugin: str, field: str, pattern: str) -> None:
    """Refuse a pattern that cannot give what it is for.

    Raises
    ------
    ParameterError
        It names no such field, one twice, or not the one that it is for.
    """
    named = fields_of(pattern)
    unknown = sorted(set(named) - set(FIELDS))
    if unknown or "{" in _FIELD.sub("", pattern) or "}" in _FIELD.sub("", pattern):
        wrong = ", ".join(f"{{{each}}}" for each in unknown) or "a brace without its partner"
        raise ParameterError(
            f"{plugin}: {field}={pattern!r} holds {wrong}; "
            "it takes {label}, {group}, {fold}, {index} and {*}."
        )
    doubled = sorted({each for each in named if each != "*" and named.count(each) > 1})
    if doubled:
        raise ParameterError(f"{plugin}: {field}={pattern!r} names {{{doubled[0]}}} twice.")
    if field not in named:
        raise ParameterError(f"{plugin}: {field}={pattern!r} does not say where {{{field}}} is.")
    if field == "group" and "label" in named:
        raise ParameterError(f"{plugin}: group={pattern!r} also names {{label}}; use label= alone.")


def fields_of(pattern: str) -> list[str]:
    """Return the names between braces, in order."""
    return _FIELD.findall(pattern)


def match(pattern: str, name: str) -> dict[str, str] | None:
    """Read the fields out of a path without its suffix, or None where it does not fit."""
    path = PurePosixPath(name)
    subject = str(path.with_suffix("")) if "/" in pattern else path.stem
    found = _compile(pattern).search(subject)
    return found.groupdict() if found else None


def _compile(pattern: str) -> re.Pattern[str]:
    parts = _FIELD.split(pattern)
    read = [
        re.escape(part) if place % 2 == 0 else _field_expression(part)
        for place, part in enumerate(parts)
    ]
    begin = r"(?:\A|/)" if "/" in pattern else r"\A"
    return re.compile(begin + "".join(read) + r"\Z")


def _field_expression(field: str) -> str:
    return FIELDS[field] if field == "*" else f"(?P<{field}>{FIELDS[field]})"
