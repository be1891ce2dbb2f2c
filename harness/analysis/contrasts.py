"""Two cells, or two runs, judged by events: what changed, drawn from the same sites or recordings.

Both are counted in each draw of units, so that what a loud night does to both is no difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from harness.analysis.comparison import (
    check_pair,
    lost_cells,
    matched_records,
    shared_cells,
    why_not,
)
from harness.analysis.counting import Counting
from harness.analysis.hearing import open_scene
from harness.analysis.judging import MIDDLE, RECALLS
from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.analysis.thresholds import Promise
from harness.results.record import Record
from harness.statistics.corrections import holm, holm_confidences
from harness.statistics.drawn import MOST_MISSING
from harness.statistics.events import Joining, Numbers
from harness.statistics.gains import Verdict, judge
from harness.statistics.groups import MINIMUM_GROUPS, judge_estimates
from harness.values import Missing

AT_RECALL = "alarms_per_hour_at_recall_"
PER_HOUR = "alarms_per_hour"
RANKED_BY = f"{AT_RECALL}{RECALLS[MIDDLE]:g}"
"""The figure that cells are ranked by, and that a headline tells."""

Drawn = tuple[float, Numbers]
"""A figure, and the same in each draw of units [shape=(draws,)]; NaN where undefined."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of one class, before and after, or of two cells.

    Parameters
    ----------
    name
        The cell, or both.
    label
        The class.
    figure
        As its column is called in CSV: "average_precision", "alarms_per_hour_at_recall_0.8",
        and at the threshold chosen inside training "precision", "recall", "alarms_per_hour".
    first, second
        None where undefined, as where no threshold reaches the recall.
    difference
        Second minus first.
    low, high
        Its 95% interval, paired; None where it cannot be told.
    p, adjusted
        Of "no difference"; after Holm's correction over all figures that are told.
    corrected_low, corrected_high
        The interval after the same correction.
    verdict
        Of the second; None where it cannot be told, and `reason` says why.
    """

    name: str
    label: str
    figure: str
    first: float | None
    second: float | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    adjusted: float | None = None
    corrected_low: float | None = None
    corrected_high: float | None = None
    verdict: Verdict | None = None
    reason: str = ""

    @property
    def is_rate(self) -> bool:
        """Say whether it is a rate of false alarms, the fewer the better."""
        return self.figure.startswith(PER_HOUR)


@dataclass(frozen=True, slots=True)
class Contrast:
    """What changed from a first thing to a second, judged by events.

    Parameters
    ----------
    first, second
        The runs, or the cells.
    promise
        What thresholds were chosen for; None for the highest F1 of events.
    longest_s
        When an event is over (s).
    units, about
        What intervals are drawn from, and what they speak of.
    thinned
        Whether windows of the holdout stand for others that were left out.
    differences
        By cell, class and figure.
    only_first, only_second
        Cells that one of two runs does not have.
    regressions
        What is worse without doubt.
    left_out
        What cannot be compared, with the reason.
    """

    first: str
    second: str
    promise: Promise | None
    rules: Joining
    longest_s: float
    units: str
    about: str
    thinned: bool
    differences: tuple[Difference, ...]
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()
    regressions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def ranking(self) -> tuple[Difference, ...]:
        """Return the differences of the figure that cells are ranked by."""
        return tuple(each for each in self.differences if each.figure == RANKED_BY)


@dataclass(frozen=True, slots=True)
class Asking:
    """How events are made, and what thresholds are chosen for."""

    promise: Promise | None = None
    rules: Joining = field(default_factory=Joining)


Pairs = Sequence[tuple[str, Sequence[tuple[Record, Record]]]]


def contrast_cells(
    summary: Summary, first: Row, second: Row, asking: Asking | None = None
) -> Contrast:
    """Compare two cells of a run by events.

    Raises
    ------
    PlanError
        Its clips are no windows of recordings, or nothing is marked.
    StoreError
        One of them has no result, or both are the same.
    """
    check_pair(first, second)
    pairs = [(f"{first.title} → {second.title}", matched_records(first, second))]
    found = _contrasted(pairs, summary, summary, asking or Asking())
    return replace(found, first=first.title, second=second.title)


def contrast_runs(first: Summary, second: Summary, asking: Asking | None = None) -> Contrast:
    """Compare all cells that two runs share by events; controls are no part of it.

    Raises
    ------
    PlanError
        Their clips are no windows of recordings, or nothing is marked.
    StoreError
        The runs are of different data or splits, or share no cell.
    """
    shared, only_first, only_second = shared_cells(first, second)
    matched = {title: matched_records(*both) for title, both in shared.items()}
    pairs = [(title, records) for title, records in matched.items() if records]
    found = _contrasted(pairs, first, second, asking or Asking())
    return replace(
        found,
        only_first=only_first,
        only_second=only_second,
        regressions=(*found.regressions, *lost_cells(first, second, shared)),
        left_out=tuple(
            f"{title}: {why_not(*both, first, second)}"
            for title, both in shared.items()
            if not matched[title]
        ),
    )


def _contrasted(pairs: Pairs, first: Summary, second: Summary, asking: Asking) -> Contrast:
    scene = open_scene(first.run)
    splits = {one.cell.split for _, records in pairs for one, _ in records}
    before = Counting(first.run, scene, asking.rules, splits)
    after = before if second is first else Counting(second.run, scene, asking.rules, splits)
    found = [
        each
        for name, records in pairs
        for label in scene.labels
        for each in _differences(name, label, records, (before, after), asking.promise)
    ]
    differences = _corrected(found, before.units.count)
    return Contrast(
        first=first.run.name,
        second=second.run.name,
        promise=asking.promise,
        rules=asking.rules,
        longest_s=asking.rules.limit_s(scene.windows.length_s),
        units=before.units.kind,
        about=before.units.about,
        thinned=before.thinned or after.thinned,
        differences=differences,
        regressions=tuple(_told(each) for each in differences if each.verdict == "worse"),
    )


def _told(each: Difference) -> str:
    return f"{each.name}, {each.label}: {each.figure} {each.difference:+.3g}"


def _differences(
    name: str,
    label: str,
    records: Sequence[tuple[Record, Record]],
    counting: tuple[Counting, Counting],
    promise: Promise | None,
) -> list[Difference]:
    one = _figures(counting[0], [a for a, _ in records], label, promise)
    other = _figures(counting[1], [b for _, b in records], label, promise)
    units = counting[0].units.count
    found = []
    for figure in dict.fromkeys((*one, *other)):
        plain = Difference(name, label, figure, _known(one.get(figure)), _known(other.get(figure)))
        found.append(_paired(plain, one.get(figure), other.get(figure), units))
    return found


def _figures(
    counting: Counting, records: Sequence[Record], label: str, promise: Promise | None
) -> Mapping[str, Drawn]:
    """Work out the figures of a cell for one class, each with its draws."""
    draws = counting.draws
    counted = counting.counted(records, label)
    alarms = counting.swept(counted.comparable)
    found: dict[str, Drawn] = {"average_precision": counting.average_precision(counted.comparable)}
    for recall in RECALLS:
        drawn = alarms.per_hour_at(recall, draws)
        found[f"{AT_RECALL}{recall:g}"] = float(alarms.per_hour_at(recall)), drawn
    chosen = counting.chosen(counted, label, promise)
    if not isinstance(chosen, Missing):
        _, at = chosen
        found["precision"] = float(at.precision()[0]), at.precision(draws)[:, 0]
        found["recall"] = float(at.recall()[0]), at.recall(draws)[:, 0]
        found[PER_HOUR] = float(at.per_hour()[0]), at.per_hour(draws)[:, 0]
    return found


def _known(found: Drawn | None) -> float | None:
    return None if found is None or np.isnan(found[0]) else found[0]


def _paired(plain: Difference, one: Drawn | None, other: Drawn | None, units: int) -> Difference:
    """Add the difference with its interval, or why there is none."""
    if plain.first is None or plain.second is None or one is None or other is None:
        lacking = [
            name
            for name, value in (("the first", plain.first), ("the second", plain.second))
            if value is None
        ]
        what = "reaches that recall" if plain.figure.startswith(AT_RECALL) else "has the figure"
        neither = "neither" if len(lacking) == 2 else f"{lacking[0]} never"
        return replace(plain, reason=f"{neither} {what}")
    difference = plain.second - plain.first
    drawn = other[1] - one[1]
    known = drawn[np.isfinite(drawn)]
    if units < MINIMUM_GROUPS or len(known) < 2:
        return replace(plain, difference=difference, reason="too little to draw from")
    if 1 - len(known) / len(drawn) > MOST_MISSING:
        share = 1 - len(known) / len(drawn)
        return replace(
            plain, difference=difference, reason=f"undefined in {100 * share:.0f}% of the draws"
        )
    low, high, p = judge_estimates(difference, _error(known, units), units)
    return replace(plain, difference=difference, low=float(low), high=float(high), p=float(p))


def _error(known: Numbers, units: int) -> float:
    return float(known.std(ddof=1) * np.sqrt(units / (units - 1)))


def _corrected(found: Sequence[Difference], units: int) -> tuple[Difference, ...]:
    """Correct for the number of figures that are told, and judge each."""
    from scipy.special import stdtrit

    told = {place: each.p for place, each in enumerate(found) if each.p is not None}
    p_values = list(told.values())
    sure = dict(zip(told, holm_confidences(p_values).tolist(), strict=True))
    adjusted = dict(zip(told, holm(p_values).tolist(), strict=True))
    judged = []
    for place, each in enumerate(found):
        if each.difference is None or each.low is None or each.high is None:
            judged.append(each)
            continue
        freedom = units - 1
        ratio = float(stdtrit(freedom, 0.5 + sure[place] / 2) / stdtrit(freedom, 0.975))
        half = (each.high - each.low) / 2 * ratio
        low, high = each.difference - half, each.difference + half
        ends = (-high, -low) if each.is_rate else (low, high)
        judged.append(
            replace(
                each,
                adjusted=adjusted[place],
                corrected_low=low,
                corrected_high=high,
                verdict=judge(*ends, adjusted[place]),
            )
        )
    return tuple(judged)
