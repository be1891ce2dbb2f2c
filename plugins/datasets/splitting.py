"""The split that a data set's own sides suggest."""

from __future__ import annotations

from collections.abc import Sequence

from harness import Entry


def suggest_named(entries: Sequence[Entry]) -> str:
    """Name the split by the given sides where there are two, though some clips have none."""
    sides = {entry.side for entry in entries}
    return "given" if {"train", "holdout"} <= sides else ""
