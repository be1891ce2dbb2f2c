"""What all ways to split share: no leak between sides, units kept whole, folds inside training.

The same clip twice (by content) never ends up on both sides, nor do windows that overlap: kinds
keep them together, or leave out what training would have of the holdout, and count it.
"""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from harness.clips.collection import Collection
from harness.clips.spans import overlapping
from harness.clips.splits import Split
from harness.clips.units import joined_units
from harness.contracts import Plugin
from harness.errors import SplitError
from harness.planning.specs import Spec


@dataclass(frozen=True, kw_only=True)
class SplitKind(Plugin):
    """A way to split; its parameters are written like those of any plugin."""

    kind: ClassVar[str] = "split"
    whole_units: ClassVar[bool] = False
    """True where clips are drawn with their neighbours or group, not one by one."""

    @abstractmethod
    def sides(self, collection: Collection) -> tuple[list[int], list[int]]:
        """Return the rows of the training and of the holdout clips."""

    def unit(self, collection: Collection, row: int) -> Hashable:
        """Say what must stay together with a clip: by default its copies."""
        return collection.readings.content(row)

    def keeps_units(self, collection: Collection) -> bool:
        """Say whether clips are drawn with their neighbours or group: statistics do so then too."""
        return self.whole_units

    def splits(self, collection: Collection) -> int | None:
        """Say how many splits the kind makes by itself; None where a person says how many."""
        return None

    def remarks(
        self, collection: Collection, train: Sequence[int], holdout: Sequence[int]
    ) -> tuple[str, ...]:
        """Say what a person should know of how the split came out."""
        return ()

    def make(self, collection: Collection, folds: int, number: int = 0) -> Split:
        """Make the split of that number; the same arguments always give the same split.

        Raises
        ------
        SplitError
            The data has too few clips, groups or blocks for what is asked.
        """
        chosen = self.numbered(number)
        train, holdout = chosen.sides(collection)
        need_both_sides(collection, train, holdout)
        kept = chosen.usable(collection, without_leaks(collection, train, holdout))
        need_both_sides(collection, kept, holdout)
        ids = [entry.id for entry in collection.entries]
        kept, holdout = sorted(kept), sorted(holdout)
        contents = collection.contents
        dealt = chosen.folds(collection, kept, folds, number) if folds else ()
        return Split(
            kind=chosen.written(),
            train=tuple(ids[row] for row in kept),
            holdout=tuple(ids[row] for row in holdout),
            folds=dealt,
            contents={ids[row]: contents[ids[row]] for row in (*kept, *holdout)},
            dropped=len(train) - len(kept),
            units=chosen.held_units(collection, holdout),
            remarks=(*chosen.remarks(collection, kept, holdout), *_fewer_folds(dealt, folds)),
        )

    def usable(self, collection: Collection, train: Sequence[int]) -> list[int]:
        """Return the training rows that folds can be dealt from."""
        return list(train)

    def held_units(self, collection: Collection, holdout: Sequence[int]) -> dict[str, str]:
        """Name what each holdout clip was drawn with, or the recording that it is cut from."""
        entries = collection.entries
        if self.keeps_units(collection):
            return {entries[row].id: str(self.unit(collection, row)) for row in holdout}
        spans = {entries[row].id: entries[row].span for row in holdout}
        return {id: span[0] for id, span in spans.items() if span is not None}

    def numbered(self, number: int) -> SplitKind:
        """Return the same kind for the split of that number."""
        return self

    def written(self) -> str:
        """Write the kind with all of its parameters."""
        pairs = ((each.name, getattr(self, each.name)) for each in dataclasses.fields(self))
        return str(Spec(self.name, tuple(pair for pair in pairs if pair[1] not in (None, ""))))

    def folds(
        self, collection: Collection, train: Sequence[int], count: int, seed: int
    ) -> tuple[int, ...]:
        """Deal training clips into folds, units kept whole, classes spread evenly.

        Raises
        ------
        SplitError
            There are fewer than two units to deal.
        """
        units = self.units(collection, train)
        if len(units) < 2:
            raise SplitError(
                f"{self.name}: all {len(train)} training clips belong together, so they cannot be "
                "dealt into folds. Give smaller groups or blocks, or --folds 0."
            )
        return deal(collection, units, train, min(count, len(units)), seed)

    def units(self, collection: Collection, rows: Sequence[int]) -> list[list[int]]:
        """Put rows together that must not be parted: those of a unit, and what overlaps them."""
        return joined_units(collection.entries, rows, (self.unit(collection, row) for row in rows))


def _fewer_folds(dealt: Sequence[int], asked: int) -> Iterator[str]:
    count = len(set(dealt))
    if 0 < count < asked:
        yield f"{count} folds instead of the {asked} asked for: no more can be parted"


def deal(
    collection: Collection,
    units: Sequence[Sequence[int]],
    rows: Sequence[int],
    count: int,
    seed: int,
) -> tuple[int, ...]:
    """Deal units of rows into folds, each to the one that is shortest of its classes."""
    places = {row: place for place, row in enumerate(rows)}
    classes = {name: column for column, name in enumerate(collection.classes)}
    labels = np.array([classes[collection.entries[row].label] for row in rows])
    positions = [[places[row] for row in unit] for unit in units]
    counted = [(each, np.bincount(labels[each], minlength=len(classes))) for each in positions]
    return _deal(counted, count, len(rows), len(classes), seed)


def _deal(
    units: list[tuple[list[int], Any]], count: int, clips: int, classes: int, seed: int
) -> tuple[int, ...]:
    """Deal units, the largest first, each to the fold that is shortest of its classes."""
    order = np.random.default_rng([seed, 0xF01D]).permutation(len(units))
    shuffled = sorted((units[place] for place in order), key=lambda unit: -len(unit[0]))
    held = np.zeros((count, classes))
    sizes = np.zeros(count)
    folds = [0] * clips
    for members, tally in shuffled:
        crowding = held @ tally + 1e-6 * sizes
        fold = int(crowding.argmin())
        held[fold] += tally
        sizes[fold] += len(members)
        for position in members:
            folds[position] = fold
    return tuple(folds)


def need_both_sides(collection: Collection, train: Sequence[int], holdout: Sequence[int]) -> None:
    """Refuse a side without clips, and training on one class.

    Raises
    ------
    SplitError
        There is nothing to learn from, or nothing to ask.
    """
    for side, rows in (("training", train), ("holdout", holdout)):
        present = {collection.entries[row].label for row in rows}
        if not present:
            raise SplitError(f"The {side} side would have no clip. Give another size.")
        if side == "training" and len(present) < 2:
            raise SplitError(
                f"The training side would have one class only, {present.pop()!r}. "
                "Give another size."
            )


def without_leaks(
    collection: Collection, train: Sequence[int], holdout: Sequence[int]
) -> list[int]:
    """Leave out training clips of which the holdout has a copy, or one that overlaps them."""
    held = {collection.readings.content(row) for row in holdout}
    kept = [row for row in train if collection.readings.content(row) not in held]
    shared = overlapping(collection.entries, kept, holdout)
    return [row for row in kept if row not in shared]


def rows_by_class(collection: Collection, rows: Iterable[int]) -> dict[str, list[int]]:
    """Sort rows by class; every class of the collection is there."""
    table: dict[str, list[int]] = {name: [] for name in collection.classes}
    for row in rows:
        table[collection.entries[row].label].append(row)
    return table
