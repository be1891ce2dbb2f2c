"""What a person wants kept of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from harness.analysis.ensembles import MixedRun
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
        The cell, or the ensemble of cells, over its splits and seeds; those of the first record
        are taken.
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

    @property
    def members(self) -> tuple[tuple[Record, int], ...]:
        """What learns, and how often each counts; by name, whatever order a person named."""
        cell = self.record.cell
        average = self.run.average(cell) if isinstance(self.run, MixedRun) else None
        if average is None:
            return ((self.record, 1),)
        shared = math.gcd(*(count for _, count in average.counted))
        own = [(record, count // shared) for record, count in average.counted]
        return tuple(sorted(own, key=lambda each: _name(each[0])))


def _name(record: Record) -> tuple[str, str]:
    return str(record.cell.representation), str(record.cell.classifier)
