"""The ways to split that are drawn from clips alone, by name; a split of a split is none."""

from __future__ import annotations

from collections.abc import Mapping

from harness.clips.folding import Folds
from harness.clips.given import Blog, Given
from harness.clips.sized import Blocked, Grouped, Stratified
from harness.clips.splitting import SplitKind
from harness.errors import SpecError, UnknownName
from harness.planning.parameters import nearest, values_of
from harness.planning.specs import parse_specs

DRAWN_KINDS: Mapping[str, type[SplitKind]] = {
    each.name: each for each in (Stratified, Grouped, Blocked, Folds, Given, Blog)
}


def make_kind(written: str, kinds: Mapping[str, type[SplitKind]]) -> SplitKind:
    """Make one of some kinds of split as it is written: "blocked[block=1000,holdout=800]".

    Raises
    ------
    SpecError
        There is no such kind, or it has no such parameter.
    """
    specs = parse_specs(written)
    if len(specs) != 1:
        raise SpecError(f"{written} sweeps over {len(specs)} splits; --splits N repeats one kind.")
    name = specs[0].name
    if name not in kinds:
        hint = nearest(name, kinds)
        raise UnknownName(
            f"No split is called {name!r}{hint}. The splits are: {', '.join(kinds)}; "
            "a saved one ends in .json."
        )
    return kinds[name](**values_of(kinds[name], specs[0]))
