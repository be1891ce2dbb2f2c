"""The ways to split by name, and the one that suits some clips."""

from __future__ import annotations

from collections.abc import Mapping

from harness.clips.collection import Collection
from harness.clips.folding import Folds
from harness.clips.given import Blog, Given
from harness.clips.sized import Blocked, Grouped, Stratified
from harness.clips.splitting import SplitKind
from harness.errors import SpecError, UnknownName
from harness.planning.parameters import nearest, values_of
from harness.planning.specs import parse_specs

SPLIT_KINDS: Mapping[str, type[SplitKind]] = {
    each.name: each for each in (Stratified, Grouped, Blocked, Folds, Given, Blog)
}


def parse_split_kind(written: str) -> SplitKind:
    """Make the kind of split that is written: "blocked[block=1000,holdout=800]".

    Raises
    ------
    SpecError
        There is no such kind, or it has no such parameter.
    """
    specs = parse_specs(written)
    if len(specs) != 1:
        raise SpecError(f"{written} sweeps over {len(specs)} splits; --splits N repeats one kind.")
    name = specs[0].name
    if name not in SPLIT_KINDS:
        hint = nearest(name, SPLIT_KINDS)
        raise UnknownName(
            f"No split is called {name!r}{hint}. The splits are: {', '.join(SPLIT_KINDS)}; "
            "a saved one ends in .json."
        )
    return SPLIT_KINDS[name](**values_of(SPLIT_KINDS[name], specs[0]))


def suggest(collection: Collection) -> str:
    """Name the split that suits the data: what it says itself, else its sides, else its groups."""
    if collection.suggested:
        return collection.suggested
    if all(entry.side is not None for entry in collection.entries):
        return Given.name
    if collection.grouped:
        return Grouped.name
    return Stratified.name
