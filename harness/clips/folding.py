"""Cross-validation as a split: every clip is held out exactly once."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

from harness.clips.collection import Collection
from harness.clips.sized import Blocked
from harness.clips.splitting import Rows, SplitKind, deal
from harness.contracts import parameter
from harness.errors import SplitError
from harness.planning.parameters import values_of
from harness.planning.specs import parse_specs


@dataclass(frozen=True, kw_only=True)
class Folds(SplitKind):
    """Every clip held out once: a split a fold, whole groups or blocks where clips have them."""

    name: ClassVar[str] = "folds"
    count: int = parameter(
        5, "folds that clips are dealt into; official ones have their number", low=2
    )
    by: str = parameter(
        "",
        "where folds are read from: 'fold' takes the official folds of the dataset, 'group' holds "
        "out one group at a time; empty deals clips into folds",
        choices=("", "fold", "group"),
    )
    seed: int = parameter(0, "of the deal", low=0)
    _fold: ClassVar[int] = 0

    def splits(self, collection: Collection) -> int | None:
        """Say how many folds there are: each is held out in a split of its own."""
        return 1 + max(number for number in self._numbers(collection) if number is not None)

    def numbered(self, number: int) -> SplitKind:
        """Return the same folds, that of this number held out."""
        chosen = copy.copy(self)
        object.__setattr__(chosen, "_fold", number)
        return chosen

    def keeps_units(self, collection: Collection) -> bool:
        """Say whether groups, blocks or recordings are held out whole."""
        return collection.grouped or _block(collection.suggested) is not None

    def unit(self, collection: Collection, row: int) -> Hashable:
        """Return the group of a clip where all have one, else its block, else its content."""
        if collection.grouped:
            return collection.entries.groups.one(row)
        block = _block(collection.suggested)
        return collection.readings.content(row) if block is None else block.unit(collection, row)

    def sides(self, collection: Collection) -> tuple[list[int], list[int]]:
        """Return the rows of the other folds and of the one that is held out."""
        numbers = self._numbers(collection)
        used = [row for row, number in enumerate(numbers) if number is not None]
        held = [row for row in used if numbers[row] == self._fold]
        return [row for row in used if numbers[row] != self._fold], held

    def remarks(self, collection: Collection, train: Rows, holdout: Rows) -> tuple[str, ...]:
        """Say where official folds leave clips out, or part what should stay together."""
        if not self.by:
            return ()
        numbers = self._numbers(collection)
        told = []
        unused = numbers.count(None)
        if unused:
            told.append(f"{unused} of {len(numbers)} clips are in no {self.by}: they are not used")
        parted = self._parted(collection, numbers)
        if parted:
            told.append(
                f"official folds part {parted} groups: clips of one group train and are held out"
            )
        return tuple(told)

    def _numbers(self, collection: Collection) -> list[int | None]:
        """Return the fold of each clip, from 0; None for a clip that is not used."""
        if self.by:
            return self._named(collection)
        rows = np.arange(len(collection))
        units = self.units(collection, rows)
        if len(units) < self.count:
            raise SplitError(
                f"folds: clips that belong together make {len(units)} units, too few for "
                f"{self.count} folds. Give a smaller count or smaller groups."
            )
        return list(deal(collection, units, rows, self.count, self.seed))

    def _named(self, collection: Collection) -> list[int | None]:
        names = list(collection.entries.column(self.by))
        order = sorted({name for name in names if name is not None}, key=_by_number)
        if len(order) < 2:
            raise SplitError(
                f"folds[by={self.by}]: {collection.dataset.name} names "
                f"{'one' if order else 'no'} {self.by}; two or more are needed. Say where they are "
                "read from, or let clips be dealt: folds[count=5]."
            )
        places = {name: place for place, name in enumerate(order)}
        return [places.get(name) for name in names]

    def _parted(self, collection: Collection, numbers: Sequence[int | None]) -> int:
        """Count the groups that are in several folds."""
        folds: dict[str, set[int]] = {}
        for group, number in zip(collection.entries.groups, numbers, strict=True):
            if group is not None and number is not None:
                folds.setdefault(group, set()).add(number)
        return sum(len(found) > 1 for found in folds.values())


@cache
def _block(suggested: str) -> Blocked | None:
    """Return the blocks that a dataset suggests, if it does."""
    spec = parse_specs(suggested)[0] if suggested else None
    if spec is None or spec.name != Blocked.name:
        return None
    return Blocked(**values_of(Blocked, spec))


def _by_number(name: str) -> tuple[int, str]:
    """Order "fold2" before "fold10"."""
    digits = "".join(letter for letter in name if letter in "0123456789")
    return int(digits[:18] or 0), name
