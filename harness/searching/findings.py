"""What a search found, as tables and exports show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.planning.plan import WrittenPlan
from harness.statistics.choosing import Corrected
from harness.statistics.paired import PairedComparison

Fate = Literal["chosen", "on all folds", "behind", "clearly worse", "failed", "not reached"]
"""What became of a candidate."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One candidate of a search.

    Parameters
    ----------
    way
        How it draws, as it is written.
    round
        The round that it was proposed in, from 0.
    folds
        On how many folds inside training it ran.
    figure
        What it was ranked by on those folds (the higher, the better); None without a result.
    gain
        Accuracy on those folds minus that of the start on the same clips.
    fate, reason
        What became of it, and why.
    """

    way: str
    round: int
    folds: int
    figure: float | None
    gain: float | None
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Advantage:
    """The choice against the start, clip by clip.

    Parameters
    ----------
    start, chosen
        Accuracy of each.
    pair
        Chosen minus start.
    """

    start: float
    chosen: float
    pair: PairedComparison


@dataclass(frozen=True, slots=True)
class Found:
    """What a search inside one training side found.

    Parameters
    ----------
    start, chosen
        The way that it began with, and the one it chose; the same where nothing was better.
    tried
        Every candidate, the start first.
    cells
        Trials: a candidate on a fold.
    rounds
        Rounds of proposals.
    inside
        The choice against the start on the clips that chose it, so it is flattered.
    corrected
        The accuracy of choosing among those that ran on all folds, on clips that did not choose.
    finalists
        How many those are.
    """

    start: str
    chosen: str
    tried: tuple[Tried, ...]
    cells: int
    rounds: int
    inside: Advantage | None
    corrected: Corrected | None
    finalists: int


@dataclass(frozen=True, slots=True)
class SplitFinding:
    """A search on one split, and what its one look at the holdout showed.

    Parameters
    ----------
    split
        Its number.
    inside_run
        The run that holds the trials, as `sightbench show` takes it.
    holdout
        The choice against the start on the holdout; None where the start itself was chosen.
    accuracy
        Of the choice on the holdout.
    earlier
        Cells of the same clips with a figure on this holdout from before: earlier looks.
    """

    split: int
    found: Found
    inside_run: str
    accuracy: float
    holdout: Advantage | None
    earlier: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found on one split or several.

    Parameters
    ----------
    plan
        What to type: the start and the choice of the first split, on that split.
    run
        The run that holds the look at the holdout.
    dataset, classifier, start
        As written.
    synthetic
        The clips are computed, not recorded.
    by
        The figure that candidates were ranked by.
    seed
        Of the proposals.
    budget
        What it was allowed, in words: "60 cells".
    varied
        The plugins that it could vary.
    splits
        One finding a split.
    pooled
        Choices against starts over all holdouts together; None where no split chose another way.
    """

    plan: WrittenPlan
    run: str
    dataset: str
    classifier: str
    start: str
    synthetic: bool
    by: str
    seed: int
    budget: str
    varied: tuple[str, ...]
    splits: tuple[SplitFinding, ...]
    pooled: Advantage | None

    @property
    def nested(self) -> bool:
        """Say whether it searched anew inside several training sides."""
        return len(self.splits) > 1

    @property
    def candidates(self) -> int:
        """How many candidates were tried on all splits together, the starts included."""
        return sum(len(each.found.tried) for each in self.splits)
