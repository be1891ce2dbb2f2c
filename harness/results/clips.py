"""What a run says of its clips and of its splits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.clips.oddities import Oddities
from harness.clips.splits import Split
from harness.columns.column import Column
from harness.columns.named import Named, named
from harness.columns.values import Coded
from harness.values import Fault


@dataclass(frozen=True, slots=True)
class ClipsAbout:
    """The clips of a run, as `data.json` keeps them.

    Parameters
    ----------
    dataset
        As written.
    summary
        What the dataset says of itself.
    digest
        Hashes ids, labels, groups and contents.
    clips, classes, groups
        How many; of each class, sorted by name.
    rates_hz, shortest_s, longest_s
        Of the clips that are used.
    left_out
        Clips that cannot be used.
    odd
        What a person should know of them before any accuracy.
    """

    dataset: str
    summary: str
    digest: str
    synthetic: bool
    clips: int
    classes: Mapping[str, int]
    groups: int
    rates_hz: tuple[float, ...]
    shortest_s: float
    longest_s: float
    left_out: tuple[Fault, ...]
    odd: Oddities = field(default_factory=Oddities)


@dataclass(frozen=True, slots=True)
class SplitAbout:
    """The splits of a run: how many, and the figures of the first.

    Parameters
    ----------
    kind
        As written, with all parameters.
    digests
        One a split.
    units
        Groups or blocks that are held out; 0 where clips were drawn one by one.
    dropped
        Training clips left out because the holdout has the same clip, or one that overlaps it.
    remarks
        What a person should know of how it came out.
    never_learnt, never_asked
        Classes that some split asks for and did not learn; that no split asks for.
    each_once
        Whether the splits hold every clip out exactly once.
    """

    kind: str
    count: int
    digests: tuple[str, ...]
    train: int
    holdout: int
    units: int
    folds: int
    dropped: int
    remarks: tuple[str, ...] = ()
    never_learnt: tuple[str, ...] = ()
    never_asked: tuple[str, ...] = ()
    each_once: bool = False

    @classmethod
    def of(cls, splits: Sequence[Split], labels: Mapping[str, str] | None = None) -> SplitAbout:
        """Describe splits of one kind; `labels` has the class of each clip, by id."""
        by_id = named(labels or {})
        sides = [_classes(split, by_id) for split in splits]
        first = splits[0]
        return cls(
            kind=first.kind,
            count=len(splits),
            digests=tuple(split.digest() for split in splits),
            train=len(first.train),
            holdout=len(first.holdout),
            units=len(set(first.units.values())),
            folds=first.fold_count,
            dropped=first.dropped,
            remarks=tuple(dict.fromkeys(line for split in splits for line in split.remarks)),
            never_learnt=_sorted(held - learnt for learnt, held in sides),
            never_asked=_sorted([_all(learnt for learnt, _ in sides) - _all(h for _, h in sides)]),
            each_once=first.each_once,
        )


def _classes(split: Split, by_id: Named[str]) -> tuple[set[str], set[str]]:
    sides = (by_id.names.places(side) for side in (split.train, split.holdout))
    train, holdout = (_words(by_id.texts.take(rows[rows >= 0])) for rows in sides)
    return train, holdout


def _words(texts: Column[str]) -> set[str]:
    return texts.used() if isinstance(texts, Coded) else set(texts)


def _sorted(sets: Iterable[set[str]]) -> tuple[str, ...]:
    return tuple(sorted(_all(sets)))


def _all(sets: Iterable[set[str]]) -> set[str]:
    return set().union(*sets)
