"""What a run says of its clips and of its splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.clips.splits import Split
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
        Training clips left out because the holdout has the same clip.
    """

    kind: str
    count: int
    digests: tuple[str, ...]
    train: int
    holdout: int
    units: int
    folds: int
    dropped: int

    @classmethod
    def of(cls, splits: Sequence[Split]) -> SplitAbout:
        """Describe splits of one kind."""
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
        )
