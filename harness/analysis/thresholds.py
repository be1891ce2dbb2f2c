"""A threshold that means something: chosen inside training for a promise, confirmed elsewhere.

>>> promise = Promise.parse("precision=0.9")
>>> promise.figure, promise.value
('precision', 0.9)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from harness.errors import PlanError
from harness.statistics.alarms import Alarms, Heard, count_alarms, telling_thresholds
from harness.statistics.events import Joining, Numbers
from harness.statistics.scaling import Scaling, fit_scaling
from harness.values import Missing

Promised = Literal["precision", "recall", "false-alarms-per-hour"]
FEWEST_EVENTS = 5
"""A precision or a rate of fewer right events than these promises nothing."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a threshold is chosen for: at least that precision or recall, at most that rate."""

    figure: Promised
    value: float

    @classmethod
    def parse(cls, written: str) -> Promise:
        """Read "precision=0.9", "recall=0.8" or "false-alarms-per-hour=2".

        Raises
        ------
        PlanError
            It is none of these, or the value is out of range.
        """
        name, _, number = (part.strip() for part in written.partition("="))
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        high = math.inf if name == "false-alarms-per-hour" else 1.0
        low_enough = value < high if math.isinf(high) else value <= high
        if name not in get_args(Promised) or not (value > 0 and low_enough):
            raise PlanError(
                f"--at {written!r}: say precision=0.9 or recall=0.8 (above 0, up to 1), or "
                "false-alarms-per-hour=2 (above 0)."
            )
        return cls(cast(Promised, name), value)

    def __str__(self) -> str:
        return f"{self.figure}={self.value:g}"

    def kept_by(self, figure: float) -> bool:
        """Say whether a figure is what was promised; NaN is not."""
        if self.figure == "false-alarms-per-hour":
            return figure <= self.value + 1e-9
        return figure >= self.value - 1e-9


@dataclass(frozen=True, slots=True)
class Inside:
    """What a threshold comes to inside training, on clips that were not learnt from.

    Parameters
    ----------
    precision, recall
        Of events (0 without any) and of selections.
    per_hour
        False alarms an hour; None where clips are of no recordings.
    right, marked
        Events that overlap a selection; selections.
    """

    precision: float
    recall: float
    per_hour: float | None
    right: int
    marked: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which score on a window is detected, and why.

    Parameters
    ----------
    label
        The class.
    value
        The score, as the classifier gives it: a window is detected from it on.
    promise
        What it was chosen for; None for the highest F1 of events.
    inside
        What it comes to where it was chosen.
    scaling
        Makes scores calibrated probabilities; learnt inside training, too.
    """

    label: str
    value: float
    promise: Promise | None
    inside: Inside
    scaling: Scaling

    @property
    def calibrated(self) -> float:
        """The threshold as a calibrated probability."""
        return float(self.scaling.scaled(self.value))


def choose(
    heard: Heard, label: str, promise: Promise | None, rules: Joining | None = None
) -> Threshold | Missing:
    """Choose a threshold inside training.

    Of those that keep the promise it takes the one with the highest recall; for a recall, the one
    with the fewest false alarms, which is the highest.

    Parameters
    ----------
    heard
        Training clips with cross-validated scores: no clip by what has learnt from it.
    promise
        None for the highest F1 of events.

    Returns
    -------
    Threshold, or Missing with the reason where nothing keeps the promise
    """
    if not (heard.mark_units >= 0).any():
        return Missing(f"nothing is marked as {label} in training")
    if promise and promise.figure == "false-alarms-per-hour" and not heard.seconds.any():
        return Missing("clips of no recordings have no hours to count false alarms in")
    rules = rules or Joining()
    alarms = count_alarms(heard, telling_thresholds(heard, rules), rules)
    if not len(alarms.thresholds):
        return Missing(f"no window in training that shares time with {label} has a score")
    row = _best(alarms, promise)
    if row is None:
        return Missing(_why_none(alarms, cast(Promise, promise)))
    scaling = fit_scaling(heard.scores, heard.positive, heard.weights)
    return Threshold(label, float(alarms.thresholds[row]), promise, inside(alarms, row), scaling)


def inside(alarms: Alarms, row: int) -> Inside:
    """Return what one of some thresholds comes to."""
    per_hour = float(alarms.per_hour()[row])
    return Inside(
        precision=float(np.nan_to_num(alarms.precision()[row])),
        recall=float(alarms.recall()[row]),
        per_hour=None if np.isnan(per_hour) else per_hour,
        right=round(float(alarms.right[row].sum())),
        marked=round(float(alarms.marked.sum())),
    )


def _best(alarms: Alarms, promise: Promise | None) -> int | None:
    precision, recall = np.nan_to_num(alarms.precision()), alarms.recall()
    if promise is None:
        both = precision + recall
        f1 = np.where(both > 0, 2 * precision * recall / np.where(both > 0, both, 1), 0.0)
        return int(f1.argmax())
    figures = _figures(alarms, promise)
    keeping = np.array([promise.kept_by(float(each)) for each in figures])
    if promise.figure != "recall":
        keeping &= _enough(alarms)
    rows = np.flatnonzero(keeping)
    if not len(rows):
        return None
    return int(rows[0] if promise.figure == "recall" else rows[recall[rows].argmax()])


def _figures(alarms: Alarms, promise: Promise) -> Numbers:
    match promise.figure:
        case "precision":
            return alarms.precision()
        case "recall":
            return alarms.recall()
        case _:
            return alarms.per_hour()


def _why_none(alarms: Alarms, promise: Promise) -> str:
    figures = _figures(alarms, promise)
    telling = np.isfinite(figures)
    if promise.figure != "recall":
        telling &= _enough(alarms)
    if not telling.any():
        return f"no threshold finds {FEWEST_EVENTS} events in training that are right"
    found = figures[telling]
    nearest = found.min() if promise.figure == "false-alarms-per-hour" else found.max()
    return f"no threshold has {promise} inside training; the nearest is {nearest:.3g}"


def _enough(alarms: Alarms) -> NDArray[np.bool_]:
    """Say at which thresholds there are events enough that are right."""
    fewest = min(FEWEST_EVENTS, float(alarms.marked.sum()))
    return np.asarray(alarms.right.sum(axis=1) >= fewest)
