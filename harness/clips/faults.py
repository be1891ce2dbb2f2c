"""Why clips cannot be used, grouped by reason: a count, the first few, the rest in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.values import Fault

NAMED = 3
"""Clips that are named of each reason."""
REASONS = 9
"""Reasons that are told; with the clips of each they stay below 40 lines."""
LONGEST_REASON = 300
"""Letters of a reason that are shown."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def pattern_of(text: str, where: str = "") -> str:
    """Return a sentence without its numbers, quotations and place: what makes it a kind."""
    for word in sorted({where, where.replace("\\", "/").rpartition("/")[2]} - {""}, key=len)[::-1]:
        text = text.replace(word, "…")
    return _NUMBER.sub("#", _QUOTED.sub("'…'", text))


def by_reason(faults: Sequence[Fault]) -> list[list[Fault]]:
    """Put faults of one reason together, the most frequent reason first."""
    groups: dict[str, list[Fault]] = {}
    for fault in faults:
        groups.setdefault(pattern_of(fault.why, fault.where), []).append(fault)
    return sorted(groups.values(), key=lambda group: -len(group))


def grouped_lines(faults: Sequence[Fault]) -> Iterator[str]:
    """Tell faults, at most some 40 lines: each reason with its count and first clips.

    A reason that one clip alone has takes one line.
    """
    groups = by_reason(faults)
    for group in groups[:REASONS]:
        if len(group) == 1:
            yield f"{_line(group[0].where)}: {_line(group[0].why)}"
            continue
        alike = len({fault.why for fault in group}) == 1
        yield f"{len(group)} clips: {_line(group[0].why)}{'' if alike else ' (and the like)'}"
        yield from (f"  {_line(fault.where)}" for fault in group[:NAMED])
        if len(group) > NAMED:
            yield f"  and {len(group) - NAMED} more"
    rest = groups[REASONS:]
    if rest:
        yield f"and {sum(map(len, rest))} clips for {len(rest)} other reasons"


def are_all_named(faults: Sequence[Fault]) -> bool:
    """Say whether `grouped_lines` names every clip."""
    groups = by_reason(faults)
    return len(groups) <= REASONS and all(len(group) <= NAMED for group in groups)


def _line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_REASON else f"{words[:LONGEST_REASON]}…"
