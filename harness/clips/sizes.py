"""Splits of a size: clips at random, whole groups, runs of neighbours."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.clips.collection import Collection
from harness.clips.shares import draw_nearest
from harness.clips.splitting import SplitKind, rows_by_class, without_leaks
from harness.contracts import parameter
from harness.errors import ParameterError, SplitError

ATTEMPTS = 2000
"""Random orders of units that are tried before a size is called impossible."""
MISSED = 0.03
"""A share that is missed by more is told."""


def _goal(size: int | float | None, available: int) -> int | None:
    """Turn a size into clips of one class: a number below 1 is a share of what there is."""
    if size is None:
        return None
    return round(size * available) if size < 1 else int(size)


def lone_classes(collection: Collection) -> dict[str, int]:
    """Return the classes without two different clips, which cannot be on both sides."""
    contents: dict[str, set[str]] = defaultdict(set)
    for entry, content in zip(collection.entries, collection.readings.texts(), strict=True):
        contents[entry.label].add(content)
    counts = collection.counts
    return {name: counts[name] for name, found in sorted(contents.items()) if len(found) < 2}


@dataclass(frozen=True, kw_only=True)
class Sized(SplitKind):
    """A kind that takes sizes and a seed."""

    holdout: int | float = parameter(
        0.3, "clips of each class held out, or their share if below 1", low=0
    )
    train: int | float | None = parameter(
        None, "training clips of each class, or their share; none for all the rest", low=0
    )
    seed: int = parameter(0, "of the draw", low=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, size in (("holdout", self.holdout), ("train", self.train)):
            if size is not None and size >= 1 and int(size) != size:
                raise ParameterError(
                    f"{self.name}: {name}={size:g} is neither a share, which is below 1, nor a "
                    "whole number of clips."
                )

    def numbered(self, number: int) -> SplitKind:
        """Return the same kind with the seed moved on by `number`."""
        return dataclasses.replace(self, seed=self.seed + number)

    def folds(
        self, collection: Collection, train: Sequence[int], count: int, seed: int
    ) -> tuple[int, ...]:
        """Deal with the kind's own seed: the third of several splits is that of seed=2 whole."""
        return super().folds(collection, train, count, self.seed)

    def sides(self, collection: Collection) -> tuple[list[int], list[int]]:
        """Draw units at random until each side has the clips of each class that it needs."""
        alone = lone_classes(collection) if self.holdout < 1 else {}
        rows = [row for row, entry in enumerate(collection.entries) if entry.label not in alone]
        goals = self._goals(collection, alone)
        units = self.drawn(collection, rows)
        rng = np.random.default_rng([self.seed, 0x5EED])
        if self._nearest(collection):
            held = self._hold_out_nearest(collection, units, goals, rng)
        else:
            held = self._hold_out_enough(collection, units, goals, rng)
        if held is None:
            raise SplitError(self._why_not(collection, units, goals))
        rest = [row for row in rows if row not in held]
        return self._trim(collection, rest, sorted(held), goals, rng)

    def drawn(self, collection: Collection, rows: Sequence[int]) -> list[list[int]]:
        """Put rows together that are drawn together."""
        return self.units(collection, rows)

    def _nearest(self, collection: Collection) -> bool:
        """Say whether units are so large that a share can only be come near to."""
        apart = self.whole_units or any(entry.span is not None for entry in collection.entries)
        return self.holdout < 1 and apart

    def remarks(
        self, collection: Collection, train: Sequence[int], holdout: Sequence[int]
    ) -> tuple[str, ...]:
        """Say what classes were left out, and by how much the share asked for was missed."""
        if self.holdout >= 1:
            return ()
        told = [
            f"class {name!r} has {count} {'clip' if count == 1 else 'clips, copies of one'}, too "
            "few to stand on both sides: the split leaves it out"
            for name, count in lone_classes(collection).items()
        ]
        got = len(holdout) / (len(holdout) + len(train))
        if self.train is None and abs(got - self.holdout) > MISSED:
            told.append(
                f"{100 * got:.1f}% of the clips are held out instead of the "
                f"{100 * self.holdout:g}% asked for: {self._why_missed(collection)}"
            )
        return tuple(told)

    def _why_missed(self, collection: Collection) -> str:
        if self._nearest(collection):
            return "what must stay together comes no nearer"
        return "whole clips of each class come no nearer"

    def _goals(
        self, collection: Collection, alone: Container[str]
    ) -> dict[str, tuple[int, int | None]]:
        goals = {
            name: (self._held_goal(count), _goal(self.train, count))
            for name, count in collection.counts.items()
            if name not in alone
        }
        if len(goals) < 2:
            raise SplitError(
                f"{self.name}: {len(goals) or 'no'} class has two different clips or more, one to "
                "learn from and one to hold out; two such classes are needed. Give more clips."
            )
        counts = collection.counts
        short = [
            f"class {name!r} has {counts[name]} and needs {held} held out and "
            f"{train or 'at least 1'} for training"
            for name, (held, train) in goals.items()
            if held < 1 or held + (train or 1) > counts[name]
        ]
        if short:
            raise SplitError(
                f"{self.name}: too few clips: {'; '.join(short[:10])}"
                f"{f'; and {len(short) - 10} more classes' if len(short) > 10 else ''}. "
                "Give smaller sizes, or a share such as holdout=0.3."
            )
        return goals

    def _held_goal(self, count: int) -> int:
        held = _goal(self.holdout, count) or 0
        return min(max(held, 1), count - 1) if 0 < self.holdout < 1 else held

    def _hold_out_nearest(
        self,
        collection: Collection,
        units: Sequence[Sequence[int]],
        goals: Mapping[str, tuple[int, int | None]],
        rng: np.random.Generator,
    ) -> set[int] | None:
        """Hold units out, as near to the share as they allow; None if a class has one side only."""
        columns = {name: place for place, name in enumerate(goals)}
        tallies = np.zeros((len(units), len(columns)))
        for place, unit in enumerate(units):
            for row in unit:
                tallies[place, columns[collection.entries[row].label]] += 1
        least = np.array([train or 1 for _, train in goals.values()], np.float64)
        held, whole = draw_nearest(tallies, float(self.holdout), least, rng)
        if not whole:
            return None
        return {row for place in np.flatnonzero(held) for row in units[place]}

    def _hold_out_enough(
        self,
        collection: Collection,
        units: Sequence[Sequence[int]],
        goals: Mapping[str, tuple[int, int | None]],
        rng: np.random.Generator,
    ) -> set[int] | None:
        """Hold units out in random orders until one leaves each side enough of each class."""
        parted = all(len(unit) == 1 for unit in units)
        for _ in range(1 if parted else ATTEMPTS):
            order = [units[place] for place in rng.permutation(len(units))]
            held = self._hold_out(collection, order, goals)
            if held is not None:
                return held
        return None

    def _hold_out(
        self,
        collection: Collection,
        order: Sequence[Sequence[int]],
        goals: Mapping[str, tuple[int, int | None]],
    ) -> set[int] | None:
        """Take units in order until every class has enough; None if training is left short."""
        need = {name: held for name, (held, _) in goals.items()}
        spare = {name: collection.counts[name] - (train or 1) for name, (_, train) in goals.items()}
        held: set[int] = set()
        for unit in order:
            if all(count <= 0 for count in need.values()):
                break
            tally = Counter(collection.entries[row].label for row in unit)
            useful = any(need[name] > 0 for name in tally)
            if not useful or any(count > spare[name] for name, count in tally.items()):
                continue
            held.update(unit)
            for name, count in tally.items():
                need[name] -= count
                spare[name] -= count
        return held if all(count <= 0 for count in need.values()) else None

    def _trim(
        self,
        collection: Collection,
        train: Sequence[int],
        holdout: Sequence[int],
        goals: Mapping[str, tuple[int, int | None]],
        rng: np.random.Generator,
    ) -> tuple[list[int], list[int]]:
        """Cut both sides to the sizes asked for, at random within each class."""
        free = self._nearest(collection)
        held_goals = {name: None if free else held for name, (held, _) in goals.items()}
        kept = without_leaks(collection, train, holdout) if self.train else list(train)
        train_goals = {name: size for name, (_, size) in goals.items()}
        return (
            _draw(collection, kept, train_goals, rng, f"{self.name}: training"),
            _draw(collection, holdout, held_goals, rng, f"{self.name}: holdout"),
        )

    def _why_not(
        self,
        collection: Collection,
        units: Sequence[Sequence[int]],
        goals: Mapping[str, tuple[int, int | None]],
    ) -> str:
        labels = [{collection.entries[row].label for row in unit} for unit in units]
        places = {name: sum(name in found for found in labels) for name in goals}
        lone = [name for name, count in places.items() if count < 2]
        if lone:
            return (
                f"{self.name}: all clips of {', '.join(map(repr, lone[:5]))} belong together "
                f"({collection.counts[lone[0]]} of {lone[0]!r}), so they cannot be on both sides. "
                "Use smaller groups or blocks, another split, or leave the class out."
            )
        asked = "; ".join(
            f"{name}: {held} held out and {train or 'some'} for training of "
            f"{collection.counts[name]}"
            for name, (held, train) in list(goals.items())[:10]
        )
        return (
            f"{self.name}: no way was found to hold out whole units ({len(units)} in all) that "
            f"leaves enough clips on both sides ({asked}). Ask for fewer clips, or use smaller "
            "units."
        )


def _draw(
    collection: Collection,
    rows: Sequence[int],
    goals: Mapping[str, int | None],
    rng: np.random.Generator,
    what: str,
) -> list[int]:
    chosen: list[int] = []
    members_of = rows_by_class(collection, rows)
    for name, goal in goals.items():
        members = members_of[name]
        if goal is None:
            chosen += members
        elif len(members) < goal:
            raise SplitError(
                f"{what} has {len(members)} clips of {name!r} once copies of holdout clips are "
                f"left out; {goal} were asked for."
            )
        else:
            chosen += [members[place] for place in rng.permutation(len(members))[:goal]]
    return chosen
