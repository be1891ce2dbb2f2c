"""Three kinds of split with sizes: clips at random, whole groups, runs of neighbours."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from harness.clips.collection import Collection
from harness.clips.sizes import Sized
from harness.clips.spans import without_edges
from harness.clips.splitting import Rows, RowsLike
from harness.clips.units import Units
from harness.contracts import parameter
from harness.errors import SplitError


@dataclass(frozen=True, kw_only=True)
class Stratified(Sized):
    """Clips at random, each class in the same share; copies of a clip stay together."""

    name: ClassVar[str] = "stratified"


@dataclass(frozen=True, kw_only=True)
class Grouped(Sized):
    """Whole groups: a speaker, a tape, a site is never on both sides."""

    name: ClassVar[str] = "grouped"
    whole_units: ClassVar[bool] = True

    def unit(self, collection: Collection, row: int) -> Hashable:
        """Return the group of a clip."""
        group = collection.entries.groups.one(row)
        if group is None:
            raise SplitError(
                f"grouped: {collection.entries[row].id!r} has no group. Say where groups are read "
                "from, or choose another split."
            )
        return group


@dataclass(frozen=True, kw_only=True)
class Blocked(Sized):
    """Whole runs of neighbours in time or file order: they share noise, so they share a side."""

    name: ClassVar[str] = "blocked"
    whole_units: ClassVar[bool] = True
    block: float = parameter(
        100.0, "length of a run, in the dataset's own positions (clip numbers, ...)", low=1e-9
    )

    def unit(self, collection: Collection, row: int) -> Hashable:
        """Return the number of a clip's block."""
        return self._number(row, collection.entries.column("position").one(row))

    def units_of(self, collection: Collection, rows: Rows) -> Iterable[Hashable]:
        """Return the numbers of some clips' blocks."""
        return map(self._number, rows.tolist(), collection.entries.column("position").take(rows))

    def _number(self, row: int, position: float | None) -> int:
        return int((row if position is None else position) // self.block)

    def drawn(self, collection: Collection, rows: Rows) -> Units:
        """Draw blocks as they are: windows over their edges are left out of training."""
        return Units.of(rows, self.unit_numbers(collection, rows))

    def usable(self, collection: Collection, train: Rows) -> RowsLike:
        """Leave out windows that reach into the next block: folds could not be dealt else."""
        if not collection.cut:
            return train
        units = dict(zip(train.tolist(), self.units_of(collection, train), strict=True))
        return without_edges(collection.entries, train.tolist(), units)
