"""What all ways to split share: no leak between sides, units kept whole, folds inside training.

The same clip twice (by content) never ends up on both sides, nor do windows that overlap: kinds
keep them together, or leave out what training would have of the holdout, and count it.
"""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.clips.collection import Collection
from harness.clips.spans import overlapping
from harness.clips.splits import Split
from harness.clips.units import Units, joined_units, numbered
from harness.columns.named import Named
from harness.columns.strings import Strings
from harness.contracts import Plugin
from harness.errors import SplitError
from harness.planning.specs import Spec

Rows = NDArray[np.intp]
"""Rows of a collection [shape=(rows,)]."""
RowsLike = Rows | Sequence[int]


def _rows(rows: RowsLike) -> Rows:
    return np.asarray(rows, np.intp)


@dataclass(frozen=True, kw_only=True)
class SplitKind(Plugin):
    """A way to split; its parameters are written like those of any plugin."""

    kind: ClassVar[str] = "split"
    whole_units: ClassVar[bool] = False
    """True where clips are drawn with their neighbours or group, not one by one."""

    @abstractmethod
    def sides(self, collection: Collection) -> tuple[RowsLike, RowsLike]:
        """Return the rows of the training and of the holdout clips."""

    def unit(self, collection: Collection, row: int) -> Hashable:
        """Say what must stay together with a clip: by default its copies."""
        return collection.readings.content(row)

    def units_of(self, collection: Collection, rows: Rows) -> Iterable[Hashable]:
        """Say of some rows what must stay together with each."""
        return (self.unit(collection, row) for row in rows.tolist())

    def keeps_units(self, collection: Collection) -> bool:
        """Say whether clips are drawn with their neighbours or group: statistics do so then too."""
        return self.whole_units

    def splits(self, collection: Collection) -> int | None:
        """Say how many splits the kind makes by itself; None where a person says how many."""
        return None

    def remarks(self, collection: Collection, train: Rows, holdout: Rows) -> tuple[str, ...]:
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
        train, holdout = map(_rows, chosen.sides(collection))
        need_both_sides(collection, train, holdout)
        kept = _rows(chosen.usable(collection, without_leaks(collection, train, holdout)))
        need_both_sides(collection, kept, holdout)
        kept, holdout = np.sort(kept), np.sort(holdout)
        dealt = chosen.folds(collection, kept, folds, number) if folds else ()
        used = np.concatenate((kept, holdout))
        ids = collection.ids.take(used)
        contents = Strings.of_bytes(collection.readings.contents[used])
        return Split(
            kind=chosen.written(),
            train=ids[: len(kept)],
            holdout=ids[len(kept) :],
            folds=dealt,
            contents=Named(ids, contents),
            dropped=len(train) - len(kept),
            units=chosen.held_units(collection, holdout),
            remarks=(*chosen.remarks(collection, kept, holdout), *_fewer_folds(dealt, folds)),
        )

    def usable(self, collection: Collection, train: Rows) -> RowsLike:
        """Return the training rows that folds can be dealt from."""
        return train

    def held_units(self, collection: Collection, holdout: Rows) -> dict[str, str]:
        """Name what each holdout clip was drawn with, or the recording that it is cut from."""
        spans, ids = collection.entries.spans, collection.ids.take(holdout)
        if self.keeps_units(collection):
            return dict(zip(ids, map(str, self.units_of(collection, holdout)), strict=True))
        if spans is None:
            return {}
        pairs = zip(ids, spans.take(holdout), strict=True)
        return {id: span[0] for id, span in pairs if span is not None}

    def numbered(self, number: int) -> SplitKind:
        """Return the same kind for the split of that number."""
        return self

    def written(self) -> str:
        """Write the kind with all of its parameters."""
        pairs = ((each.name, getattr(self, each.name)) for each in dataclasses.fields(self))
        return str(Spec(self.name, tuple(pair for pair in pairs if pair[1] not in (None, ""))))

    def folds(self, collection: Collection, train: Rows, count: int, seed: int) -> tuple[int, ...]:
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

    def units(self, collection: Collection, rows: Rows) -> Units:
        """Put rows together that must not be parted: those of a unit, and what overlaps them."""
        return joined_units(collection.entries, rows, self.unit_numbers(collection, rows))

    def unit_numbers(self, collection: Collection, rows: Rows) -> NDArray[np.intp]:
        """Number the units of some rows: what must stay together has one number."""
        if type(self).unit is not SplitKind.unit:
            return numbered(self.units_of(collection, rows))
        contents = collection.readings.contents[rows]
        return np.unique(contents, return_inverse=True)[1].astype(np.intp)


def _fewer_folds(dealt: Sequence[int], asked: int) -> Iterator[str]:
    count = len(set(dealt))
    if 0 < count < asked:
        yield f"{count} folds instead of the {asked} asked for: no more can be parted"


def deal(
    collection: Collection, units: Units, rows: Rows, count: int, seed: int
) -> tuple[int, ...]:
    """Deal units of rows into folds, the largest first, each to the one shortest of its classes."""
    classes = collection.class_numbers[units.rows]
    order = np.random.default_rng([seed, 0xF01D]).permutation(len(units))
    held = np.zeros((count, len(collection.classes)))
    sizes = np.zeros(count)
    dealt = np.zeros(len(units), np.intp)
    for place in order[np.argsort(-units.sizes[order], kind="stable")].tolist():
        members = slice(units.ends[place], units.ends[place + 1])
        tally = np.bincount(classes[members], minlength=held.shape[1])
        crowding = held @ tally + 1e-6 * sizes
        fold = int(crowding.argmin())
        held[fold] += tally
        sizes[fold] += members.stop - members.start
        dealt[place] = fold
    folds = np.zeros(len(collection), np.intp)
    folds[units.rows] = dealt[units.places]
    return tuple(folds[rows].tolist())


def need_both_sides(collection: Collection, train: Rows, holdout: Rows) -> None:
    """Refuse a side without clips, and training on one class.

    Raises
    ------
    SplitError
        There is nothing to learn from, or nothing to ask.
    """
    for side, rows in (("training", train), ("holdout", holdout)):
        present = np.unique(collection.class_numbers[rows])
        if not len(present):
            raise SplitError(f"The {side} side would have no clip. Give another size.")
        if side == "training" and len(present) < 2:
            raise SplitError(
                f"The training side would have one class only, "
                f"{collection.classes[present[0]]!r}. Give another size."
            )


def without_leaks(collection: Collection, train: Rows, holdout: Rows) -> Rows:
    """Leave out training clips of which the holdout has a copy, or one that overlaps them."""
    contents = collection.readings.contents
    kept = train[~np.isin(contents[train], contents[holdout])]
    shared = overlapping(collection.entries, kept.tolist(), holdout.tolist())
    return kept[~np.isin(kept, list(shared))] if shared else kept


def rows_by_class(collection: Collection, rows: RowsLike) -> dict[str, list[int]]:
    """Sort rows by class; every class of the collection is there."""
    given = _rows(rows)
    numbers = collection.class_numbers[given]
    return {
        name: given[numbers == number].tolist() for number, name in enumerate(collection.classes)
    }
