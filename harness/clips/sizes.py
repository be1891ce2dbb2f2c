"""Splits of a size: clips at random, whole groups, runs of neighbours."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.clips.collection import Collection
from harness.clips.shares import draw_nearest
from harness.clips.splitting import Rows, RowsLike, SplitKind, without_leaks
from harness.clips.units import Units
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
    contents, numbers = collection.readings.contents, collection.class_numbers
    counts = collection.counts
    rows = (np.flatnonzero(numbers == number) for number in range(len(counts)))
    alike = [bool((contents[each] == contents[each[0]]).all()) for each in rows]
    return {name: counts[name] for name, one in zip(counts, alike, strict=True) if one}


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

    def folds(self, collection: Collection, train: Rows, count: int, seed: int) -> tuple[int, ...]:
        """Deal with the kind's own seed: the third of several splits is that of seed=2 whole."""
        return super().folds(collection, train, count, self.seed)

    def sides(self, collection: Collection) -> tuple[RowsLike, RowsLike]:
        """Draw units at random until each side has the clips of each class that it needs."""
        alone = lone_classes(collection) if self.holdout < 1 else {}
        goals = self._goals(collection, alone)
        there = np.array([name not in alone for name in collection.classes], bool)
        rows = np.flatnonzero(there[collection.class_numbers])
        units = self.drawn(collection, rows)
        rng = np.random.default_rng([self.seed, 0x5EED])
        if self._nearest(collection):
            held = self._hold_out_nearest(collection, units, goals, rng)
        else:
            held = self._hold_out_enough(collection, units, goals, rng)
        if held is None:
            raise SplitError(self._why_not(collection, units, goals))
        chosen = held[units.places]
        rest, out = np.sort(units.rows[~chosen]), np.sort(units.rows[chosen])
        return self._trim(collection, rest, out, goals, rng)

    def drawn(self, collection: Collection, rows: Rows) -> Units:
        """Put rows together that are drawn together."""
        return self.units(collection, rows)

    def _nearest(self, collection: Collection) -> bool:
        """Say whether units are so large that a share can only be come near to."""
        return self.holdout < 1 and (self.whole_units or collection.cut)

    def remarks(self, collection: Collection, train: Rows, holdout: Rows) -> tuple[str, ...]:
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
        units: Units,
        goals: Mapping[str, tuple[int, int | None]],
        rng: np.random.Generator,
    ) -> NDArray[np.bool_] | None:
        """Hold units out, as near to the share as they allow; None if a class has one side only."""
        columns = {name: place for place, name in enumerate(goals)}
        places = np.array([columns.get(name, -1) for name in collection.classes])
        tallies = np.zeros((len(units), len(columns)))
        np.add.at(tallies, (units.places, places[collection.class_numbers[units.rows]]), 1)
        least = np.array([train or 1 for _, train in goals.values()], np.float64)
        held, whole = draw_nearest(tallies, float(self.holdout), least, rng)
        return held if whole else None

    def _hold_out_enough(
        self,
        collection: Collection,
        units: Units,
        goals: Mapping[str, tuple[int, int | None]],
        rng: np.random.Generator,
    ) -> NDArray[np.bool_] | None:
        """Hold units out in random orders until one leaves each side enough of each class."""
        parted = bool((units.sizes == 1).all())
        for _ in range(1 if parted else ATTEMPTS):
            order = rng.permutation(len(units))
            held = self._hold_out(collection, units, order, goals)
            if held is not None:
                return held
        return None

    def _hold_out(
        self,
        collection: Collection,
        units: Units,
        order: NDArray[np.intp],
        goals: Mapping[str, tuple[int, int | None]],
    ) -> NDArray[np.bool_] | None:
        """Take units in order until every class has enough; None if training is left short."""
        numbers = {name: number for number, name in enumerate(collection.classes)}
        need = {numbers[name]: held for name, (held, _) in goals.items()}
        counts = collection.counts
        spare = {numbers[n]: counts[n] - (train or 1) for n, (_, train) in goals.items()}
        classes, held = collection.class_numbers[units.rows], np.zeros(len(units), bool)
        lacking = sum(count > 0 for count in need.values())
        for place in map(int, order):
            if not lacking:
                break
            tally = Counter(classes[units.ends[place] : units.ends[place + 1]].tolist())
            useful = any(need[name] > 0 for name in tally)
            if not useful or any(count > spare[name] for name, count in tally.items()):
                continue
            held[place] = True
            for name, count in tally.items():
                lacking -= need[name] > 0 >= need[name] - count
                need[name] -= count
                spare[name] -= count
        return None if lacking else held

    def _trim(
        self,
        collection: Collection,
        train: Rows,
        holdout: Rows,
        goals: Mapping[str, tuple[int, int | None]],
        rng: np.random.Generator,
    ) -> tuple[Rows, Rows]:
        """Cut both sides to the sizes asked for, at random within each class."""
        free = self._nearest(collection)
        held_goals = {name: None if free else held for name, (held, _) in goals.items()}
        kept = without_leaks(collection, train, holdout) if self.train else train
        train_goals = {name: size for name, (_, size) in goals.items()}
        return (
            _draw(collection, kept, train_goals, rng, f"{self.name}: training"),
            _draw(collection, holdout, held_goals, rng, f"{self.name}: holdout"),
        )

    def _why_not(
        self,
        collection: Collection,
        units: Units,
        goals: Mapping[str, tuple[int, int | None]],
    ) -> str:
        pairs = np.stack((collection.class_numbers[units.rows], units.places))
        counts = np.bincount(np.unique(pairs, axis=1)[0], minlength=len(collection.classes))
        known = dict(zip(collection.classes, counts.tolist(), strict=True))
        places = {name: known[name] for name in goals}
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
    rows: Rows,
    goals: Mapping[str, int | None],
    rng: np.random.Generator,
    what: str,
) -> Rows:
    chosen = [np.empty(0, np.intp)]
    numbers = collection.class_numbers[rows]
    for name, goal in goals.items():
        members = rows[numbers == collection.classes.index(name)]
        if goal is None:
            chosen.append(members)
        elif len(members) < goal:
            raise SplitError(
                f"{what} has {len(members)} clips of {name!r} once copies of holdout clips are "
                f"left out; {goal} were asked for."
            )
        else:
            chosen.append(members[rng.permutation(len(members))[:goal]])
    return np.concatenate(chosen)
