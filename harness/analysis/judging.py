"""A run judged as the field judges: false alarms an hour against recall, by events.

All of it comes from saved predictions: windows are joined to events, which are right where they
overlap a selection. Where a row has several splits or seeds, their events and hours are added up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from harness.analysis.counting import Counted, Counting, rescored
from harness.analysis.hearing import open_scene
from harness.analysis.rows import Row
from harness.analysis.thresholds import Promise, Threshold
from harness.errors import PlanError
from harness.results.record import Record
from harness.results.store import Run
from harness.statistics.alarms import Alarms, Heard
from harness.statistics.drawn import Estimate, rate_estimate, share_estimate
from harness.statistics.events import Joining
from harness.statistics.scaling import Scaling
from harness.values import Missing

RECALLS = (0.5, 0.8, 0.9)
"""At which false alarms an hour are told."""

MIDDLE = 1
"""The place of the recall that rows are ranked by."""

Verdict = Literal["kept", "unclear", "broken"]


@dataclass(frozen=True, slots=True)
class Point:
    """One threshold of a curve; its score is calibrated where there are folds."""

    threshold: float
    recall: float
    per_hour: float
    precision: float | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What thresholds that were chosen inside training come to on the holdout.

    Parameters
    ----------
    thresholds
        One a split and seed.
    precision, recall, per_hour
        Of events, of selections, false alarms an hour; None where undefined.
    right, false, found
        Events that overlap a selection, that overlap none; selections that an event overlaps.
    window_precision, window_recall
        Of windows by their labels, whatever events they make.
    verdict
        "kept"; "broken", or "unclear" where its interval holds the promise still; None where
        nothing was promised.
    """

    thresholds: tuple[Threshold, ...]
    precision: Estimate | None
    recall: Estimate | None
    per_hour: Estimate | None
    right: int
    false: float
    found: int
    window_precision: float | None
    window_recall: float | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Judged:
    """One representation with one classifier, for one class.

    Parameters
    ----------
    average_precision
        Of windows.
    per_hour
        False alarms an hour at each of `RECALLS`; None where no threshold reaches it.
    inside
        The same inside training, where rows are ranked by it; None without folds.
    most_recall
        At the lowest threshold.
    curve
        From the highest threshold to the lowest.
    at
        At the threshold that was chosen inside training, or why there is none.
    """

    representation: str
    classifier: str
    label: str
    control: bool
    average_precision: Estimate | None
    per_hour: tuple[Estimate | None, ...]
    inside: tuple[float | None, ...]
    most_recall: float
    curve: tuple[Point, ...]
    at: Confirmed | Missing

    @property
    def title(self) -> str:
        """Representation and classifier in one."""
        return f"{self.representation} × {self.classifier}"


@dataclass(frozen=True, slots=True)
class Listened:
    """What the holdouts hold of one class: selections, hours, and how many recordings."""

    label: str
    selections: int
    hours: float
    recordings: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """All cells of a run, judged by events.

    Parameters
    ----------
    run
        Its name.
    promise
        What thresholds were chosen for; None for the highest F1 of events.
    longest_s
        When an event is over (s).
    background
        Classes that nothing is marked as.
    units, about
        What intervals are drawn from, and what they speak of.
    thinned
        Whether windows of the holdout stand for others that were left out.
    listened
        One a class.
    rows
        One a cell and class; by class, the fewest false alarms at a recall of 80% first: inside
        training where there are folds, else on the holdout.
    left_out
        Cells without a whole result, each with the reason.
    """

    run: str
    promise: Promise | None
    rules: Joining
    longest_s: float
    background: tuple[str, ...]
    units: str
    about: str
    thinned: bool
    listened: tuple[Listened, ...]
    rows: tuple[Judged, ...]
    left_out: tuple[tuple[str, str], ...]

    def of(self, label: str) -> tuple[Judged, ...]:
        """Return the rows of one class."""
        return tuple(row for row in self.rows if row.label == label)


def judge(
    run: Run, rows: Sequence[Row], promise: Promise | None = None, rules: Joining | None = None
) -> Judgement:
    """Judge the cells of a run by events.

    Parameters
    ----------
    rows
        Of its summary.
    promise
        What a threshold is chosen for inside training; None for the highest F1 of events.

    Raises
    ------
    PlanError
        Its clips are no windows of recordings, nothing is marked, or no cell has a result.
    StoreError
        What was kept is damaged.
    """
    scene, rules = open_scene(run), rules or Joining()
    done = {row.title: [r for r in row.records if r.status == "ok"] for row in rows}
    whole = [row for row in rows if done[row.title]]
    if not whole:
        raise PlanError(f"No cell of {run.name} has a result, so there are no events to judge.")
    counting = Counting(run, scene, rules)
    judging = _Judging(counting, promise)
    judged = [judging.row(row, done[row.title], label) for label in scene.labels for row in whole]
    listened = tuple(judging.listened(done[whole[0].title], label) for label in scene.labels)
    classes = {label for record in done[whole[0].title] for label in counting.table(record).true}
    return Judgement(
        run=run.name,
        promise=promise,
        rules=rules,
        longest_s=rules.limit_s(scene.windows.length_s),
        background=tuple(sorted(classes - set(scene.labels))),
        units=counting.units.kind,
        about=counting.units.about,
        thinned=counting.thinned,
        listened=listened,
        rows=tuple(sorted(judged, key=_order)),
        left_out=tuple((row.title, row.reason) for row in rows if row not in whole),
    )


def _order(row: Judged) -> tuple[str, bool, float, float]:
    """Order by false alarms at the middle recall: inside training, or else on the holdout."""
    inside, seen = row.inside[MIDDLE], row.per_hour[MIDDLE]
    if inside is None and seen is not None:
        inside = seen.value
    precision = row.average_precision
    return (
        row.label,
        row.control,
        np.inf if inside is None else inside,
        0.0 if precision is None else -precision.value,
    )


class _Judging:
    """Judges cells by what a counting counted."""

    def __init__(self, counting: Counting, promise: Promise | None) -> None:
        self.counting, self.promise = counting, promise
        self.units, self.draws = counting.units, counting.draws

    def listened(self, records: Sequence[Record], label: str) -> Listened:
        parts = [self.counting.holdout(record, label) for record in records]
        rows = {name for part in parts for name in part.windows.recordings.tolist()}
        hours = sum(float(part.seconds.sum()) for part in parts) / 3600
        marked = sum(int((part.mark_units >= 0).sum()) for part in parts)
        repeated = len(parts) / max(len({record.cell.split for record in records}), 1)
        return Listened(label, round(marked / repeated), hours / repeated, len(rows))

    def row(self, row: Row, records: Sequence[Record], label: str) -> Judged:
        counted = self.counting.counted(records, label)
        alarms = self.counting.swept(counted.comparable)
        hours = float(alarms.hours.sum())
        rates = [
            rate_estimate(
                float(alarms.per_hour_at(recall)),
                alarms.per_hour_at(recall, self.draws),
                self.units.count,
                hours,
            )
            for recall in RECALLS
        ]
        recall = alarms.recall()
        scaling = counted.scalings[0] if len(counted.heard) == 1 else Scaling()
        value, drawn = self.counting.average_precision(counted.comparable)
        return Judged(
            row.representation,
            row.classifier,
            label,
            row.control,
            share_estimate(value, drawn, self.units.count),
            tuple(rates),
            self._inside(counted),
            float(recall[-1]) if len(recall) and np.isfinite(recall[-1]) else 0.0,
            tuple(_points(alarms, scaling)),
            self._confirmed(counted, label),
        )

    def _inside(self, counted: Counted) -> tuple[float | None, ...]:
        """Return false alarms an hour at `RECALLS`, on training clips held out by folds."""
        heard = [each for each in counted.training if isinstance(each, Heard)]
        if len(heard) < len(counted.training):
            return (None,) * len(RECALLS)
        alarms = self.counting.swept(list(map(rescored, heard, counted.scalings)))
        rates = [float(alarms.per_hour_at(recall)) for recall in RECALLS]
        return tuple(None if np.isnan(rate) else rate for rate in rates)

    def _confirmed(self, counted: Counted, label: str) -> Confirmed | Missing:
        found = self.counting.chosen(counted, label, self.promise)
        return found if isinstance(found, Missing) else self._told(*found, counted.heard)

    def _told(
        self, chosen: Sequence[Threshold], alarms: Alarms, heard: Sequence[Heard]
    ) -> Confirmed:
        draws, count = self.draws, self.units.count
        precision = share_estimate(
            float(alarms.precision()[0]), alarms.precision(draws)[:, 0], count
        )
        recall = share_estimate(float(alarms.recall()[0]), alarms.recall(draws)[:, 0], count)
        per_hour = rate_estimate(
            float(alarms.per_hour()[0]),
            alarms.per_hour(draws)[:, 0],
            count,
            float(alarms.hours.sum()),
        )
        figures = {
            "precision": precision,
            "recall": recall,
            "false-alarms-per-hour": per_hour,
        }
        return Confirmed(
            tuple(chosen),
            precision,
            recall,
            per_hour,
            round(float(alarms.right.sum())),
            float(alarms.false.sum()),
            round(float(alarms.found.sum())),
            *_of_windows(chosen, heard),
            None if self.promise is None else _verdict(self.promise, figures),
        )


def _points(alarms: Alarms, scaling: Scaling) -> Iterator[Point]:
    thresholds = scaling.scaled(alarms.thresholds)
    columns = (thresholds, alarms.recall(), alarms.per_hour(), alarms.precision())
    for threshold, recall, per_hour, precision in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        if np.isfinite(recall) and np.isfinite(per_hour):
            told = precision if np.isfinite(precision) else None
            yield Point(threshold, recall, per_hour, told)


def _of_windows(
    chosen: Sequence[Threshold], heard: Sequence[Heard]
) -> tuple[float | None, float | None]:
    """Return precision and recall of windows by their labels."""
    right = named = there = 0.0
    for threshold, each in zip(chosen, heard, strict=True):
        detected = each.scores >= threshold.value
        right += float(each.weights[detected & each.positive].sum())
        named += float(each.weights[detected].sum())
        there += float(each.weights[each.positive].sum())
    return right / named if named else None, right / there if there else None


def _verdict(promise: Promise, figures: Mapping[str, Estimate | None]) -> Verdict:
    found = figures[promise.figure]
    if found is None:
        return "broken"
    if promise.kept_by(found.value):
        return "kept"
    best = found.low if promise.figure == "false-alarms-per-hour" else found.high
    return "unclear" if best is None or promise.kept_by(best) else "broken"
