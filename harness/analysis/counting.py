"""What cells of a run found and alarmed, counted by the same units for every cell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from harness.analysis.hearing import Scene
from harness.analysis.thresholds import Promise, Threshold, choose
from harness.analysis.units import Units, choose_units
from harness.results.predictions import PredictionTable
from harness.results.record import Record
from harness.results.store import Run
from harness.statistics.alarms import (
    MOST_THRESHOLDS,
    Alarms,
    Heard,
    added,
    count_alarms,
    telling_thresholds,
)
from harness.statistics.drawn import draw_units
from harness.statistics.events import Joining, Numbers
from harness.statistics.precision import draw_average_precision
from harness.statistics.scaling import Scaling, fit_scaling
from harness.values import Missing

DRAWS, MOST_WORK = 500, 25_000_000
"""Draws of units; fewer, 100 at least, where these times windows are more than the second."""


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What one cell said of one class, a split and seed after another.

    Parameters
    ----------
    heard
        On the holdouts, with scores as the classifier gives them.
    training
        Cross-validated inside training, or why there is nothing.
    scalings
        What makes scores calibrated, learnt inside training.
    comparable
        `heard`, with calibrated scores where there are several: those of several classifiers
        mean the same then.
    """

    heard: tuple[Heard, ...]
    training: tuple[Heard | Missing, ...]
    scalings: tuple[Scaling, ...]
    comparable: tuple[Heard, ...]


class Counting:
    """Reads predictions once, and draws the same units for every cell.

    Parameters
    ----------
    splits
        The numbers of those that are counted; None for all.
    """

    def __init__(
        self, run: Run, scene: Scene, rules: Joining, splits: Collection[int] | None = None
    ) -> None:
        self.scene, self.rules = scene, rules
        self._read = cache(run.predictions)
        groups: dict[str, str] = {}
        ids: list[str] = []
        for number, split in enumerate(run.splits()):
            if splits is None or number in splits:
                groups |= split.units
                ids += split.holdout
        self.units: Units = choose_units(scene, ids, groups)
        work = max(len(ids), 1)
        self.draws = draw_units(self.units.count, int(np.clip(MOST_WORK / work, 100, DRAWS)))
        self.thinned = False

    def table(self, record: Record) -> PredictionTable:
        """Return what a cell said; it is kept."""
        return self._read(record.cell)

    def holdout(self, record: Record, label: str) -> Heard:
        """Lay what a cell said of the holdout along the recordings."""
        return self.scene.heard(self.table(record).side("holdout"), label, self.units.numbers)

    def counted(self, records: Sequence[Record], label: str) -> Counted:
        """Gather what a cell said of a class."""
        heard = tuple(self.holdout(record, label) for record in records)
        training = tuple(self._training(self.table(record), label) for record in records)
        scalings = tuple(
            Scaling()
            if isinstance(each, Missing)
            else fit_scaling(each.scores, each.positive, each.weights)
            for each in training
        )
        self.thinned = self.thinned or any(each.thinned for each in heard)
        comparable = heard if len(heard) == 1 else tuple(map(rescored, heard, scalings))
        return Counted(heard, training, scalings, comparable)

    def _training(self, table: PredictionTable, label: str) -> Heard | Missing:
        inside = table.side("cv")
        if not len(inside.predictions):
            return Missing(
                "there are no folds inside training to choose a threshold in (--folds 5)"
            )
        return self.scene.heard(inside, label)

    def swept(self, heard: Sequence[Heard]) -> Alarms:
        """Count at the same thresholds on all splits and seeds."""
        found = [telling_thresholds(each, self.rules) for each in heard]
        thresholds = np.unique(np.concatenate(found))[::-1]
        if len(thresholds) > MOST_THRESHOLDS:
            places = np.linspace(0, len(thresholds) - 1, MOST_THRESHOLDS).round().astype(np.intp)
            thresholds = thresholds[np.unique(places)]
        return added([count_alarms(each, thresholds, self.rules) for each in heard])

    def chosen(
        self, counted: Counted, label: str, promise: Promise | None
    ) -> tuple[tuple[Threshold, ...], Alarms] | Missing:
        """Choose a threshold inside the training of each split and seed, and look once."""
        chosen: list[Threshold] = []
        for each in counted.training:
            found = each if isinstance(each, Missing) else choose(each, label, promise, self.rules)
            if isinstance(found, Missing):
                return found
            chosen.append(found)
        values = [np.array([each.value]) for each in chosen]
        pairs = zip(counted.heard, values, strict=True)
        return tuple(chosen), added([count_alarms(*each, self.rules) for each in pairs])

    def average_precision(self, heard: Sequence[Heard]) -> tuple[float, Numbers]:
        """Return the average precision of windows, and that of each draw."""
        scores, positive, weights, units = (
            np.concatenate([getattr(each, name) for each in heard])
            for name in ("scores", "positive", "weights", "units")
        )
        once = np.ones((1, self.units.count))
        value = draw_average_precision(scores, positive, weights, units, once)[0]
        return float(value), draw_average_precision(scores, positive, weights, units, self.draws)


def rescored(heard: Heard, scaling: Scaling) -> Heard:
    """Return windows with calibrated scores."""
    return replace(heard, scores=scaling.scaled(heard.scores))
