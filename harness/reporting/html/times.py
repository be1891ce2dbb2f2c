"""Accuracy against time: a chart for each machine, for times compare on one only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.analysis.durations import hosts_of
from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.measuring.timing import CLIP_STAGES
from harness.reporting.html.charts import (
    SHAPES,
    Chart,
    Line,
    Mark,
    Scale,
    connect,
    interval_ends,
    linear,
    logarithmic,
    pareto_front,
)
from harness.reporting.wording import summary as wording
from harness.reporting.wording.glance import machine_names

MACHINES = 6
"""Charts of one machine each; cells of more are shown with those of several."""


@dataclass(frozen=True, slots=True)
class Pareto:
    """Accuracy against time, and the cells that no other beats in both.

    Parameters
    ----------
    machines
        Those that measured; empty where all charts are of the same.
    comparable
        One machine measured all times. Else there is no front.
    """

    chart: Chart
    front: tuple[tuple[str, str, str], ...]
    machines: str
    comparable: bool


def accuracy_against_time(summary: Summary) -> tuple[Pareto, ...]:
    """Draw every cell, those of each machine apart; number those that no other of the same machine
    beats in accuracy and time.

    Cells that several machines measured are in one chart, the last. All have the same axes.
    """
    rows = [row for row in summary.rows if not row.control and _ms(row) and row.accuracy]
    if not rows:
        return ()
    classifiers = list(dict.fromkeys(row.classifier for row in rows))
    x = logarithmic("ms a clip: read, draw, classify (log scale)", map(_ms, rows))
    y = _accuracy_scale(rows)
    groups = _by_machine(rows)
    return tuple(
        _pareto(found, (x, y), classifiers, hosts, apart=len(groups) > 1) for hosts, found in groups
    )


def _by_machine(rows: Sequence[Row]) -> list[tuple[frozenset[str], list[Row]]]:
    """Put rows together that one machine measured; in the last group are those of several."""
    groups: dict[frozenset[str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[_hosts(row)].append(row)
    alone = sorted((h for h in groups if len(h) == 1), key=lambda h: (-len(groups[h]), *h))
    others = set(groups).difference(alone[:MACHINES])
    mixed = [row for row in rows if _hosts(row) in others]
    found = [(hosts, groups[hosts]) for hosts in alone[:MACHINES]]
    return [*found, (frozenset().union(*others), mixed)] if mixed else found


def _hosts(row: Row) -> frozenset[str]:
    measured = (record for record in row.records if record.seconds)
    return frozenset(host for record in measured for host in hosts_of(record, CLIP_STAGES))


def _pareto(
    rows: Sequence[Row],
    axes: tuple[Scale, Scale],
    classifiers: Sequence[str],
    hosts: frozenset[str],
    apart: bool,
) -> Pareto:
    """Draw the cells that some machines measured."""
    comparable, (x, y) = len(hosts) == 1, axes
    points = [(_ms(row), 100 * (row.accuracy or 0.0)) for row in rows]
    front = pareto_front(points) if comparable else []
    labels = {at: str(number) for number, at in enumerate(front, 1)}
    marks = [
        _mark(x, y, points[at], row, classifiers.index(row.classifier), labels.get(at, ""))
        for at, row in enumerate(rows)
    ]
    steps = connect([(marks[at].x, marks[at].y) for at in front])
    machines = machine_names(hosts) if apart or not comparable else ""
    shown = {row.classifier for row in rows}
    chart = Chart(
        "Holdout accuracy and time a clip, by classifier" + (machines and f"; on {machines}"),
        x,
        y,
        tuple(marks),
        (Line(-1, steps, dashed=True),),
        tuple((_series(place), name) for place, name in enumerate(classifiers) if name in shown),
    )
    named = [
        (rows[at].title, wording.percent(rows[at].accuracy), f"{points[at][0]:.2f}") for at in front
    ]
    return Pareto(chart, tuple(named), machines, comparable)


def _mark(
    x: Scale, y: Scale, point: tuple[float, float], row: Row, series: int, label: str
) -> Mark:
    words = f"{row.title}: {point[1]:.1f}%, {point[0]:.2f} ms/clip"
    low, high = interval_ends(y, row.low, row.high)
    return Mark(
        x.place(point[0]), 100 - y.place(point[1]), _series(series), words, label, low, high
    )


def _accuracy_scale(rows: Iterable[Row]) -> Scale:
    values = [
        100 * value
        for row in rows
        for value in (row.accuracy, row.low, row.high)
        if value is not None
    ]
    return linear("holdout accuracy (%)", values, floor=0, ceiling=100)


def _ms(row: Row) -> float:
    return row.milliseconds(*CLIP_STAGES) or 0.0


def _series(place: int) -> int:
    return place % len(SHAPES)
