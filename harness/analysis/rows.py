"""One representation with one classifier: what its records come to, over splits and seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from harness.results.record import Record
from harness.statistics.intervals import Spread

Measured = Literal["cv", "holdout"]
Figure = Literal[
    "accuracy",
    "accuracy_completed",
    "balanced_accuracy",
    "brier",
    "coverage",
    "log_loss",
    "macro_f1",
    "roc_auc",
]
"""The figures of `Scores` that are averaged over repetitions."""


@dataclass(frozen=True, slots=True)
class Row:
    """One representation with one classifier, over all splits and seeds of the run.

    Parameters
    ----------
    records
        With all training clips; one a split and seed.
    accuracy, low, high
        Mean holdout accuracy and its 95% interval; None where no record is ok.
    about
        What the interval speaks of: "new clips like these", "new groups", "new splits".
    spread
        Between splits and seeds; None for a single one.
    letters
        Rows that share a letter cannot be told apart; empty for controls and failures.
    """

    representation: str
    classifier: str
    records: tuple[Record, ...]
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    about: str = ""
    spread: Spread | None = None
    letters: str = ""

    @property
    def title(self) -> str:
        """Representation and classifier in one."""
        return f"{self.representation} × {self.classifier}"

    @property
    def control(self) -> bool:
        """Say whether the classifier is a yardstick."""
        return self.records[0].control

    @property
    def remote(self) -> bool:
        """Say whether the classifier is a service."""
        return self.records[0].remote

    @property
    def status(self) -> str:
        """The worst that happened: failed, partial, skipped, or ok."""
        states = {record.status for record in self.records}
        return next(s for s in ("failed", "partial", "skipped", "ok") if s in states)

    @property
    def reason(self) -> str:
        """Why the row is not ok, in one line."""
        return next((r.reason for r in self.records if r.status != "ok"), "")

    def mean(self, side: Measured, figure: Figure) -> float | None:
        """Average a figure of one side over the records that have it."""
        sides = [record.cv if side == "cv" else record.holdout for record in self.records]
        values = [v for s in sides if s is not None and (v := getattr(s, figure)) is not None]
        return float(np.mean(values)) if values else None

    def milliseconds(self, *stages: str) -> float | None:
        """Add up the median milliseconds a clip of some stages."""
        found = [
            sum(r.seconds[s].median_ms or 0.0 for s in stages if s in r.seconds)
            for r in self.records
            if r.seconds
        ]
        return float(np.median(found)) if found else None

    def total_seconds(self, *stages: str) -> float | None:
        """Add up the seconds of some stages, the mean of all records."""
        found = [
            sum(r.seconds[s].total_s for s in stages if s in r.seconds)
            for r in self.records
            if r.seconds
        ]
        return float(np.mean(found)) if found else None
