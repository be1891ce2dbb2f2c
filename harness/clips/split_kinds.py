"""The ways to split: clips, whole groups, runs of neighbours, given sides, the blog's draw.

The same clip twice (by content) never ends up on both sides: `Stratified` keeps copies
together, the other kinds leave out the training copies of holdout clips and count them.
"""

from __future__ import annotations

import dataclasses
import random
from abc import abstractmethod
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from harness.clips.collection import Collection
from harness.clips.splits import Split
from harness.contracts import Plugin, parameter
from harness.errors import SpecError, SplitError, UnknownName
from harness.planning.parameters import nearest, values_of
from harness.planning.specs import Spec, parse_specs

ATTEMPTS = 2000
"""Random orders of groups or blocks that are tried before a size is called impossible."""


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
        return collection.readings[row].content

    def make(self, collection: Collection, folds: int, number: int = 0) -> Split:
        """Make the split of that number; the same arguments always give the same split.

        Raises
        ------
        SplitError
            The data has too few clips, groups or blocks for what is asked.
        """
        chosen = self.numbered(number)
        train, holdout = chosen.sides(collection)
        _need_both_sides(collection, train, holdout)
        kept = _without_copies(collection, train, holdout)
        _need_both_sides(collection, kept, holdout)
        ids = [entry.id for entry in collection.entries]
        kept, holdout = sorted(kept), sorted(holdout)
        contents = collection.contents
        return Split(
            kind=chosen.written(),
            train=tuple(ids[row] for row in kept),
            holdout=tuple(ids[row] for row in holdout),
            folds=chosen.folds(collection, kept, folds, number) if folds else (),
            contents={ids[row]: contents[ids[row]] for row in (*kept, *holdout)},
            dropped=len(train) - len(kept),
            units={ids[row]: str(chosen.unit(collection, row)) for row in holdout}
            if chosen.whole_units
            else {},
        )

    def numbered(self, number: int) -> SplitKind:
        """Return the same kind for the split of that number."""
        return self

    def written(self) -> str:
        """Write the kind with all of its parameters."""
        pairs = ((each.name, getattr(self, each.name)) for each in dataclasses.fields(self))
        return str(Spec(self.name, tuple(pair for pair in pairs if pair[1] is not None)))

    def folds(
        self, collection: Collection, train: Sequence[int], count: int, seed: int
    ) -> tuple[int, ...]:
        """Deal training clips into folds, units kept whole, classes spread evenly.

        Raises
        ------
        SplitError
            There are fewer than two units to deal.
        """
        units: dict[Hashable, list[int]] = defaultdict(list)
        for position, row in enumerate(train):
            units[self.unit(collection, row)].append(position)
        if len(units) < 2:
            raise SplitError(
                f"{self.name}: all {len(train)} training clips belong together, so they cannot be "
                "dealt into folds. Give smaller groups or blocks, or --folds 0."
            )
        classes = {name: column for column, name in enumerate(collection.classes)}
        labels = np.array([classes[collection.entries[row].label] for row in train])
        counted = [
            (members, np.bincount(labels[members], minlength=len(classes)))
            for members in units.values()
        ]
        return _deal(counted, min(count, len(units)), len(train), len(classes), seed)


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


def _need_both_sides(collection: Collection, train: Sequence[int], holdout: Sequence[int]) -> None:
    for side, rows in (("training", train), ("holdout", holdout)):
        present = {collection.entries[row].label for row in rows}
        if not present:
            raise SplitError(f"The {side} side would have no clip. Give another size.")
        if side == "training" and len(present) < 2:
            raise SplitError(
                f"The training side would have one class only, {present.pop()!r}. "
                "Give another size."
            )


def _without_copies(
    collection: Collection, train: Sequence[int], holdout: Sequence[int]
) -> list[int]:
    held = {collection.readings[row].content for row in holdout}
    return [row for row in train if collection.readings[row].content not in held]


def _rows_by_class(collection: Collection, rows: Iterable[int]) -> dict[str, list[int]]:
    table: dict[str, list[int]] = {name: [] for name in collection.classes}
    for row in rows:
        table[collection.entries[row].label].append(row)
    return table


def _goal(size: int | float | None, available: int) -> int | None:
    """Turn a size into clips of one class: a number below 1 is a share of what there is."""
    if size is None:
        return None
    return round(size * available) if size < 1 else int(size)


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

    def numbered(self, number: int) -> SplitKind:
        """Return the same kind with the seed moved on by `number`."""
        return dataclasses.replace(self, seed=self.seed + number)

    def sides(self, collection: Collection) -> tuple[list[int], list[int]]:
        """Draw units at random until each side has the clips of each class that it needs."""
        units = self._units(collection)
        goals = self._goals(collection)
        rng = np.random.default_rng([self.seed, 0x5EED])
        for _ in range(ATTEMPTS if self.whole_units else 1):
            order = [units[place] for place in rng.permutation(len(units))]
            held = self._hold_out(collection, order, goals)
            if held is not None:
                rest = [row for row in range(len(collection)) if row not in held]
                return self._trim(collection, rest, sorted(held), goals, rng)
        raise SplitError(self._why_not(collection, len(units), goals))

    def _units(self, collection: Collection) -> list[list[int]]:
        units: dict[Hashable, list[int]] = defaultdict(list)
        for row in range(len(collection)):
            units[self.unit(collection, row)].append(row)
        return list(units.values())

    def _goals(self, collection: Collection) -> dict[str, tuple[int, int | None]]:
        goals = {}
        for name, count in collection.counts.items():
            held, train = _goal(self.holdout, count), _goal(self.train, count)
            if held is None or held < 1 or held + (train or 1) > count:
                raise SplitError(
                    f"{self.name}: class {name!r} has {count} clips, too few for "
                    f"{held} held out and {train or 'at least 1'} for training."
                )
            goals[name] = (held, train)
        return goals

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
            if self._enough(need, held, collection):
                break
            tally = Counter(collection.entries[row].label for row in unit)
            useful = any(need[name] > 0 for name in tally)
            if not useful or any(count > spare[name] for name, count in tally.items()):
                continue
            held.update(unit)
            for name, count in tally.items():
                need[name] -= count
                spare[name] -= count
        return held if self._enough(need, held, collection) else None

    def _enough(self, need: Mapping[str, int], held: set[int], collection: Collection) -> bool:
        if self.holdout >= 1 or not self.whole_units:
            return all(count <= 0 for count in need.values())
        every = all(need[name] < collection.counts[name] * self.holdout for name in need)
        return len(held) >= self.holdout * len(collection) and every

    def _trim(
        self,
        collection: Collection,
        train: Sequence[int],
        holdout: Sequence[int],
        goals: Mapping[str, tuple[int, int | None]],
        rng: np.random.Generator,
    ) -> tuple[list[int], list[int]]:
        """Cut both sides to the sizes asked for, at random within each class."""
        free = self.holdout < 1 and self.whole_units
        held_goals = {name: None if free else held for name, (held, _) in goals.items()}
        kept = _without_copies(collection, train, holdout) if self.train else list(train)
        train_goals = {name: size for name, (_, size) in goals.items()}
        return (
            _draw(collection, kept, train_goals, rng, f"{self.name}: training"),
            _draw(collection, holdout, held_goals, rng, f"{self.name}: holdout"),
        )

    def _why_not(
        self, collection: Collection, units: int, goals: Mapping[str, tuple[int, int | None]]
    ) -> str:
        asked = "; ".join(
            f"{name}: {held} held out and {train or 'some'} for training of "
            f"{collection.counts[name]}"
            for name, (held, train) in goals.items()
        )
        return (
            f"{self.name}: none of {ATTEMPTS} ways to hold out whole units ({units} in all) leaves "
            f"enough clips on both sides ({asked}). Ask for fewer clips or use smaller units."
        )


def _draw(
    collection: Collection,
    rows: Sequence[int],
    goals: Mapping[str, int | None],
    rng: np.random.Generator,
    what: str,
) -> list[int]:
    chosen: list[int] = []
    for name, members in _rows_by_class(collection, rows).items():
        goal = goals[name]
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
        group = collection.entries[row].group
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
        position = collection.entries[row].position
        return int((row if position is None else position) // self.block)


@dataclass(frozen=True, kw_only=True)
class Given(SplitKind):
    """The sides that the dataset itself names; clips without a side are not used."""

    name: ClassVar[str] = "given"

    def sides(self, collection: Collection) -> tuple[list[int], list[int]]:
        """Return the rows of each named side."""
        named = [entry.side for entry in collection.entries]
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
        return collection.entries[row].group or collection.readings[row].content


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
        table = _rows_by_class(collection, range(len(collection)))
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


SPLIT_KINDS: Mapping[str, type[SplitKind]] = {
    each.name: each for each in (Stratified, Grouped, Blocked, Given, Blog)
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
    own = collection.dataset.suggest_split(collection.entries)
    if own:
        return own
    if all(entry.side is not None for entry in collection.entries):
        return Given.name
    if all(entry.group is not None for entry in collection.entries):
        return Grouped.name
    return Stratified.name
