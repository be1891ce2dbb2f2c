"""What a person wants kept of a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.analysis.rows import Row
from harness.analysis.thresholds import Promise
from harness.results.record import Record
from harness.results.store import Run
from harness.statistics.events import Joining


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants kept.

    Parameters
    ----------
    row
        The cell, over its splits and seeds; those of the first record are taken.
    chosen
        How it was chosen, in words.
    training_side
        Learn from the training side of the split alone, as the benchmark did.
    background
        The class that stands for nothing; None for what the dataset says.
    promise
        Choose thresholds inside training for it; None to let the largest probability decide.
    joining
        How windows become events, for the promise.
    path
        The dataset's path, where it has moved since.
    """

    run: Run
    row: Row
    chosen: str
    training_side: bool = False
    background: str | None = None
    promise: Promise | None = None
    joining: Joining = field(default_factory=Joining)
    path: str | None = None

    @property
    def record(self) -> Record:
        """The first record of the cell."""
        return self.row.records[0]
