"""The charts of a run: learning curves, reliability, spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.analysis.pooling import pool_reliability
from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.reporting.html.charts import (
    Chart,
    Line,
    Mark,
    Scale,
    connect,
    interval_ends,
    linear,
    logarithmic,
)
from harness.reporting.wording import summary as wording

CURVES, RELIABILITIES, SPREADS, SIZES = 6, 4, 12, 6
"""More lines, or ticks, than these in one chart cannot be told apart by eye."""


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
                *interval_ends(y, point.low, point.high),
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
