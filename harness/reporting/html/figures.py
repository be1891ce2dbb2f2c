"""The charts of a run: accuracy against time, learning curves, reliability, spread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from harness.analysis.pooling import pool_reliability
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
    linear,
    logarithmic,
    pareto_front,
)
from harness.reporting.wording import summary as wording

CURVES, RELIABILITIES, SPREADS, SIZES = 6, 4, 12, 6
"""More lines, or ticks, than these in one chart cannot be told apart by eye."""


@dataclass(frozen=True, slots=True)
class Pareto:
    """Accuracy against time, and the cells that no other beats in both."""

    chart: Chart
    front: tuple[tuple[str, str, str], ...]


def accuracy_against_time(summary: Summary) -> Pareto | None:
    """Draw every cell; number those that no other beats in accuracy and time."""
    rows = [row for row in summary.rows if not row.control and _ms(row) and row.accuracy]
    if not rows:
        return None
    classifiers = list(dict.fromkeys(row.classifier for row in rows))
    points = [(_ms(row), 100 * (row.accuracy or 0.0)) for row in rows]
    x = logarithmic("ms a clip: read, draw, classify (log scale)", (point[0] for point in points))
    y = _accuracy_scale(rows)
    front = pareto_front(points)
    labels = {at: str(number) for number, at in enumerate(front, 1)}
    marks = [
        _mark(x, y, points[at], row, classifiers.index(row.classifier), labels.get(at, ""))
        for at, row in enumerate(rows)
    ]
    steps = connect([(marks[at].x, marks[at].y) for at in front])
    chart = Chart(
        "Holdout accuracy and time a clip, by classifier",
        x,
        y,
        tuple(marks),
        (Line(-1, steps, dashed=True),),
        tuple((_series(place), name) for place, name in enumerate(classifiers)),
    )
    named = [
        (rows[at].title, wording.percent(rows[at].accuracy), f"{points[at][0]:.2f}") for at in front
    ]
    return Pareto(chart, tuple(named))


def _mark(
    x: Scale, y: Scale, point: tuple[float, float], row: Row, series: int, label: str
) -> Mark:
    words = f"{row.title}: {point[1]:.1f}%, {point[0]:.2f} ms/clip"
    low, high = _ends(y, row.low, row.high)
    return Mark(
        x.place(point[0]), 100 - y.place(point[1]), _series(series), words, label, low, high
    )


def _ends(y: Scale, low: float | None, high: float | None) -> tuple[float | None, float | None]:
    if low is None or high is None:
        return None, None
    return 100 - y.place(100 * low), 100 - y.place(100 * high)


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


def learning_curves(summary: Summary) -> Chart | None:
    """Draw accuracy against training clips for the cells that end highest."""
    curves = sorted(summary.curves, key=lambda c: -c.curve.points[-1].accuracy)[:CURVES]
    if not curves:
        return None
    points = [point for each in curves for point in each.curve.points]
    sizes = sorted({float(point.size) for point in points})
    x = logarithmic("training clips (log scale)", sizes)
    x = replace(x, ticks_at=tuple(sizes) if len(sizes) <= SIZES else ())
    ends = [100 * value for point in points for value in (point.low, point.high)]
    y = linear("holdout accuracy (%)", ends, floor=0, ceiling=100)
    marks, lines = [], []
    for series, each in enumerate(curves):
        own = [
            Mark(
                x.place(point.size),
                100 - y.place(100 * point.accuracy),
                series,
                f"{each.representation} × {each.classifier}, {point.size} clips: "
                f"{100 * point.accuracy:.1f}%",
                "",
                *_ends(y, point.low, point.high),
            )
            for point in each.curve.points
        ]
        marks += own
        lines.append(Line(series, connect([(mark.x, mark.y) for mark in own])))
    legend = tuple((n, f"{c.representation} × {c.classifier}") for n, c in enumerate(curves))
    return Chart(
        "Holdout accuracy against training clips", x, y, tuple(marks), tuple(lines), legend
    )


def reliability_chart(rows: Sequence[Row]) -> Chart | None:
    """Draw how sure the best cells were against how often they were right."""
    curves = [(row, curve) for row in rows if (curve := pool_reliability(row)) is not None]
    curves = curves[:RELIABILITIES]
    if not curves:
        return None
    filled = [each for _, curve in curves for each in curve.bins if each.count]
    x = Scale("mean confidence (%)", round(100 * min(each.low for each in filled)), 100)
    y = Scale("right (%)", 0, 100)
    marks, lines = [], [Line(-1, ((0.0, 100.0 - x.low, 100.0, 0.0),), dashed=True)]
    for series, (row, curve) in enumerate(curves):
        own = [
            Mark(
                x.place(100 * each.confidence),
                100 - y.place(100 * each.accuracy),
                series,
                f"{row.title}: {each.count} clips, sure {100 * each.confidence:.0f}%, "
                f"right {100 * each.accuracy:.0f}%",
            )
            for each in curve.bins
            if each.confidence is not None and each.accuracy is not None
        ]
        marks += own
        lines.append(Line(series, connect([(mark.x, mark.y) for mark in own])))
    legend = tuple((number, row.title) for number, (row, _) in enumerate(curves))
    return Chart(
        "How often the best cells were right, by how sure they were",
        x,
        y,
        tuple(marks),
        tuple(lines),
        legend,
    )


@dataclass(frozen=True, slots=True)
class Strip:
    """One row's accuracies between repetitions, in percent of the axis."""

    title: str
    places: tuple[float, ...]
    mean: float
    words: str


def spread_strips(rows: Sequence[Row]) -> tuple[Scale, tuple[Strip, ...]] | None:
    """Draw accuracies of the best rows on every split or seed, on one axis."""
    spread = [(row, row.spread) for row in rows if row.spread is not None][:SPREADS]
    if not spread:
        return None
    values = [100 * value for _, each in spread for value in each.values]
    scale = linear("holdout accuracy (%)", values, floor=0, ceiling=100)
    strips = [
        Strip(
            row.title,
            tuple(scale.place(100 * value) for value in each.values),
            scale.place(100 * each.mean),
            f"{wording.percent(each.smallest)} to {wording.percent(each.largest)}",
        )
        for row, each in spread
    ]
    return scale, tuple(strips)
