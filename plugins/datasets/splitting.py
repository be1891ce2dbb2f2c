"""The split that a data set's own sides suggest."""

from __future__ import annotations

from collections.abc import Sequence

from harness import Entry


def suggest_named(entries: Sequence[Entry]) -> str:
    """Name the split that suits the sides of some clips; empty where none has a side.

    Where both sides are named they are the split, though some clips may be on neither. One side
    alone is no split: it is drawn as if there were none.
    """
    sides = {entry.side for entry in entries} - {None}
    if not sides:
        return ""
    if len(sides) > 1:
        return "given"
    return "grouped" if all(entry.group is not None for entry in entries) else "stratified"


def describe_lone_side(entries: Sequence[Entry]) -> list[str]:
    """Say that sides are not used, where only one of them has clips that can be used."""
    sides = {entry.side for entry in entries if entry.fault is None} - {None}
    if len(sides) != 1:
        return []
    verb = "train" if "train" in sides else "are held out"
    return [f"All clips that name a side {verb}: with none on the other, the sides are not used."]
