"""Splits that somebody else drew: the sides that a dataset names, the draw of the blog post."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from harness.clips.collection import Collection
from harness.clips.splitting import SplitKind, rows_by_class
from harness.contracts import parameter
from harness.errors import SplitError


@dataclass(frozen=True, kw_only=True)
class Given(SplitKind):
    """The sides that the dataset itself names; clips without a side are not used."""

    name: ClassVar[str] = "given"

    def sides(self, collection: Collection) -> tuple[list[int], list[int]]:
        """Return the rows of each named side."""
        named = list(collection.entries.column("side"))
        if "train" not in named or "holdout" not in named:
            raise SplitError(
                f"given: {collection.dataset.name} does not say which clips train and which are "
                "held out. Choose another split."
            )
        rows = range(len(collection))
        return (
            [row for row in rows if named[row] == "train"],
            [row for row in rows if named[row] == "holdout"],
        )

    def unit(self, collection: Collection, row: int) -> Hashable:
        """Return the group of a clip where it has one, else what its copies share."""
        return collection.entries.groups.one(row) or collection.readings.content(row)


@dataclass(frozen=True, kw_only=True)
class Blog(SplitKind):
    """The draw of the blog post: the positive class sampled first, then the other.

    Clips in the dataset's order, separated by label; ``random.seed(2350834243)``;
    ``random.sample`` of each; the last ones drawn are the holdout.
    """

    name: ClassVar[str] = "blog"
    train: int = parameter(2500, "training clips of each class", low=1)
    holdout: int = parameter(1000, "clips of each class held out", low=1)
    first: str = parameter("right-whale", "the class that is drawn first")
    seed: int = parameter(2350834243, "of Python's random", low=0)

    def numbered(self, number: int) -> SplitKind:
        """Return the same draw with the seed moved on by `number`."""
        return dataclasses.replace(self, seed=self.seed + number)

    def sides(self, collection: Collection) -> tuple[list[int], list[int]]:
        """Repeat the draw."""
        table = rows_by_class(collection, range(len(collection)))
        if self.first not in table or len(table) != 2:
            raise SplitError(
                f"blog: the draw is of two classes, {self.first!r} first; "
                f"{collection.dataset.name} has {', '.join(map(repr, table))}."
            )
        size = self.train + self.holdout
        short = {name: len(rows) for name, rows in table.items() if len(rows) < size}
        if short:
            raise SplitError(
                f"blog: the draw needs {size} clips of each class, and there are "
                + ", ".join(f"{count} of {name!r}" for name, count in short.items())
                + ". Give smaller sizes: blog[train=…,holdout=…]."
            )
        generator = random.Random(self.seed)
        second = next(name for name in table if name != self.first)
        drawn = [generator.sample(table[name], size) for name in (self.first, second)]
        return (
            [row for rows in drawn for row in rows[: self.train]],
            [row for rows in drawn for row in rows[self.train :]],
        )
