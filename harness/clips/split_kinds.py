"""The ways to split by name, and the one that suits some clips."""

from __future__ import annotations

from collections.abc import Mapping

from harness.clips.collection import Collection
from harness.clips.drawn_kinds import DRAWN_KINDS, make_kind
from harness.clips.given import Given
from harness.clips.inside import Inside
from harness.clips.sized import Grouped, Stratified
from harness.clips.splitting import SplitKind

SPLIT_KINDS: Mapping[str, type[SplitKind]] = {**DRAWN_KINDS, Inside.name: Inside}


def parse_split_kind(written: str) -> SplitKind:
    """Make the kind of split that is written: "blocked[block=1000,holdout=800]".

    Raises
    ------
    SpecError
        There is no such kind, or it has no such parameter.
    """
    return make_kind(written, SPLIT_KINDS)


def suggest(collection: Collection) -> str:
    """Name the split that suits the data: what it says itself, else its sides, else its groups."""
    if collection.suggested:
        return collection.suggested
    if None not in set(collection.entries.column("side")):
        return Given.name
    if collection.grouped:
        return Grouped.name
    return Stratified.name
