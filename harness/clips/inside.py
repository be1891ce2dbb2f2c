"""The training side of a split, each of its folds held out once; its holdout is not there at all.

What is compared on these splits can be chosen freely, and has never seen the holdout of the split
that they are made of: no clip of it is drawn, learnt from or asked.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from harness.clips.collection import Collection
from harness.clips.drawn_kinds import DRAWN_KINDS, make_kind
from harness.clips.splits import Split, read_split, verify
from harness.clips.splitting import Rows, SplitKind
from harness.contracts import parameter
from harness.errors import SpecError, SplitError


@dataclass(frozen=True, kw_only=True)
class Inside(SplitKind):
    """The training side of another split, each of its folds held out once."""

    name: ClassVar[str] = "inside"
    of: str = parameter(help="the split whose training side it is, in quotes, or a saved one")
    number: int = parameter(0, "which of several splits of that kind", low=0)
    count: int = parameter(5, "folds of the training side; a saved split has its own", low=2)
    _fold: ClassVar[int] = 0

    def splits(self, collection: Collection) -> int | None:
        """Say how many folds there are: each is held out in a split of its own."""
        return _outer(self, collection).fold_count

    def numbered(self, number: int) -> SplitKind:
        """Return the same training side, the fold of this number held out."""
        chosen = copy.copy(self)
        object.__setattr__(chosen, "_fold", number)
        return chosen

    def keeps_units(self, collection: Collection) -> bool:
        """Say whether the outer split draws groups or blocks whole."""
        kind = self._kind(collection)
        return kind is not None and kind.keeps_units(collection)

    def unit(self, collection: Collection, row: int) -> Hashable:
        """Return what the outer split keeps together, as far as a saved one says."""
        kind = self._kind(collection)
        return super().unit(collection, row) if kind is None else kind.unit(collection, row)

    def sides(self, collection: Collection) -> tuple[Rows, Rows]:
        """Return the rows of the other folds and of the one that is held out."""
        outer = _outer(self, collection)
        rows, folds = collection.ids.places(outer.train), np.array(outer.folds)
        return rows[folds != self._fold], rows[folds == self._fold]

    def _kind(self, collection: Collection) -> SplitKind | None:
        """Return the kind of the outer split; None where a saved one names none that is known."""
        try:
            return make_kind(_outer(self, collection).kind, DRAWN_KINDS)
        except SpecError:
            return None


def inside_of(of: str, number: int, split: Split) -> Inside:
    """Return the splits inside the training side of a split.

    Parameters
    ----------
    of, number
        As it was written, and which of several it is.

    Raises
    ------
    SplitError
        It has fewer than two folds.
    """
    if split.fold_count < 2:
        raise SplitError(
            f"{split.kind} has no folds inside training: there is nothing to choose by. Give "
            "--folds 5, or a saved split that was made with folds."
        )
    return Inside(of=of, number=number, count=split.fold_count)


@lru_cache(maxsize=4)
def _outer(inside: Inside, collection: Collection) -> Split:
    """Make or read the split whose training side it is: once for all of its folds.

    Raises
    ------
    SplitError
        It cannot be made, or does not fit the data; a saved one has no folds.
    """
    if not inside.of.endswith(".json"):
        kind = make_kind(inside.of, DRAWN_KINDS)
        return kind.make(collection, inside.count, inside.number)
    split = read_split(Path(inside.of).expanduser())
    verify(split, collection)
    if split.fold_count < 2:
        raise SplitError(f"{inside.of} has no folds, so nothing can be held out inside it.")
    return split


__all__ = ["Inside", "inside_of"]
