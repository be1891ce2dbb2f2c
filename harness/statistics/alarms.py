"""False alarms an hour against recall: events judged by the selections that they overlap.

What decides in the field (Shiu et al. 2020, "Deep neural networks for automated detection of
marine mammal species", Scientific Reports 10, 607; Kirsebom et al. 2020, "Performance of a deep
neural network at detecting North Atlantic right whale upcalls", JASA 147, 2636): an event is right
where it shares time with a selection, a selection is found where it shares time with an event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.statistics.events import (
    Codes,
    Joining,
    Marks,
    Numbers,
    Windows,
    join_windows,
    overlapping,
)

MOST_THRESHOLDS = 200
"""Of a curve; of more, as many are taken, evenly over the selections that each adds."""

_REACHED = 1e-9
"""A recall that lies less than this below the wanted one reaches it: it is a quotient."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Windows of one side with what was marked in their recordings, for one class.

    Parameters
    ----------
    windows
        In order of recording and time.
    scores : array [shape=(windows,)]
        Of the class; NaN where the prediction failed.
    positive : array [shape=(windows,)], bool
        Windows that are labelled as the class.
    weights : array [shape=(windows,)]
        How many windows each stands for: above 1 where background was thinned.
    seconds : array [shape=(windows,)]
        How much time each stands for.
    units : array [shape=(windows,)]
        What each is drawn with: its site, its recording.
    marks
        What is marked as the class in these recordings.
    mark_units : array [shape=(marks,)]
        What each is drawn with; -1 for those that are not of this side.
    count
        How many units there are.
    """

    windows: Windows
    scores: Numbers
    positive: NDArray[np.bool_]
    weights: Numbers
    seconds: Numbers
    units: Codes
    marks: Marks
    mark_units: Codes
    count: int

    @property
    def thinned(self) -> bool:
        """Say whether a window stands for others that were left out."""
        return bool((self.weights > 1 + _REACHED).any())


@dataclass(frozen=True, slots=True, eq=False)
class Alarms:
    """What came of thresholds, counted by unit.

    Parameters
    ----------
    thresholds : array [shape=(thresholds,)]
        Descending.
    found : array [shape=(thresholds, units)]
        Selections that an event overlaps.
    right, false : array [shape=(thresholds, units)]
        Events that overlap a selection, and that overlap none.
    marked, hours : array [shape=(units,)]
        Selections, and hours listened to.
    """

    thresholds: Numbers
    found: Numbers
    right: Numbers
    false: Numbers
    marked: Numbers
    hours: Numbers

    def recall(self, draws: Numbers | None = None) -> Numbers:
        """Return the share of the selections that are found; NaN without any.

        Parameters
        ----------
        draws : array [shape=(draws, units)]
            How often each unit is drawn; None for once each.

        Returns
        -------
        array [shape=(draws, thresholds)], without its first axis where `draws` is None
        """
        return _share(_total(self.found, draws), _total(self.marked[None], draws))

    def precision(self, draws: Numbers | None = None) -> Numbers:
        """Return the share of the events that are right, as `recall` does; NaN without events."""
        right = _total(self.right, draws)
        return _share(right, right + _total(self.false, draws))

    def per_hour(self, draws: Numbers | None = None) -> Numbers:
        """Return false alarms an hour, as `recall` does."""
        return _share(_total(self.false, draws), _total(self.hours[None], draws))

    def per_hour_at(self, recall: float, draws: Numbers | None = None) -> Numbers:
        """Return false alarms an hour at the highest threshold that has a recall.

        Returns
        -------
        array [shape=(draws,)], a scalar where `draws` is None
            NaN where no threshold has it.
        """
        reached = np.atleast_2d(self.recall(draws)) >= recall - _REACHED
        rates = np.atleast_2d(self.per_hour(draws))
        at = reached.argmax(axis=1)
        found = rates[np.arange(len(rates)), at]
        values = np.where(reached.any(axis=1), found, np.nan)
        return np.asarray(values if draws is not None else values[0])


def count_alarms(heard: Heard, thresholds: Numbers, rules: Joining) -> Alarms:
    """Join windows to events at each threshold, and judge them.

    An event of windows that stand for others counts as many false alarms as they stand for,
    window by window: how those that were left out would have joined is not known, so it is at
    least as many as there would be.
    """
    counted = [_judge(heard, float(threshold), rules) for threshold in thresholds]
    shape = (len(thresholds), heard.count)
    found, right, false = (
        np.array([each[part] for each in counted], dtype=np.float64).reshape(shape)
        for part in range(3)
    )
    marked = _by_unit(heard.mark_units, np.ones(len(heard.marks)), heard.count)
    hours = _by_unit(heard.units, heard.seconds / 3600, heard.count)
    return Alarms(np.asarray(thresholds, np.float64), found, right, false, marked, hours)


def _judge(heard: Heard, threshold: float, rules: Joining) -> tuple[Numbers, Numbers, Numbers]:
    events = join_windows(heard.windows, heard.scores, threshold, rules)
    units = np.empty(len(events), dtype=np.intp)
    units[events.owners] = heard.units[events.rows]
    stands_for = np.bincount(events.owners, heard.weights[events.rows], len(events))
    for_itself = stands_for <= events.counts * (1 + _REACHED)
    hit = overlapping(events, heard.marks) > 0
    false = np.where(hit, 0.0, np.where(for_itself, 1.0, stands_for))
    found = overlapping(heard.marks, events) > 0
    return (
        _by_unit(heard.mark_units, found, heard.count),
        _by_unit(units, hit, heard.count),
        _by_unit(units, false, heard.count),
    )


def _by_unit(units: Codes, values: Numbers | NDArray[np.bool_], count: int) -> Numbers:
    ours = units >= 0
    found = np.bincount(units[ours], np.asarray(values, np.float64)[ours], count)
    return np.asarray(found, dtype=np.float64)


def telling_thresholds(
    heard: Heard, rules: Joining | None = None, most: int = MOST_THRESHOLDS
) -> Numbers:
    """Return the thresholds at which a selection more is found, descending.

    Those are the scores of windows that share time with a selection, and of their neighbours where
    an event needs several: between two of them a higher threshold finds as much with fewer false
    alarms.
    """
    ours = heard.mark_units >= 0
    marks = Marks(heard.marks.recordings[ours], heard.marks.start_s[ours], heard.marks.end_s[ours])
    near = overlapping(heard.windows, marks) > 0
    reach = 2 * (rules.shortest if rules else 1) - 1
    near = np.convolve(near, np.ones(reach), "same") > 0 if len(near) > reach else near
    scores = np.unique(heard.scores[near & np.isfinite(heard.scores)])[::-1]
    if len(scores) > most:
        scores = scores[np.unique(np.linspace(0, len(scores) - 1, most).round().astype(np.intp))]
    return np.asarray(scores, dtype=np.float64)


def added(parts: Sequence[Alarms]) -> Alarms:
    """Add up what came of thresholds of the same number and units, each at its own."""
    first = parts[0]
    return Alarms(
        first.thresholds,
        *(
            np.sum([getattr(each, name) for each in parts], axis=0)
            for name in ("found", "right", "false", "marked", "hours")
        ),
    )


def _total(values: Numbers, draws: Numbers | None) -> Numbers:
    """Add up over units [shape=(..., units)]: once each, or as often as they are drawn."""
    return np.asarray(values.sum(axis=-1) if draws is None else draws @ values.T)


def _share(part: Numbers, whole: Numbers) -> Numbers:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan))
