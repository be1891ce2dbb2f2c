"""The section on events: false alarms an hour against recall, as charts and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.analysis.judging import RECALLS, Judged, Judgement
from harness.reporting.html.charts import Chart, Line, Mark, Scale, connect, logarithmic
from harness.reporting.html.figures import CURVES
from harness.reporting.wording import events as wording
from harness.values import Missing

LEAST_PER_HOUR = 0.01
"""Where a logarithmic axis begins if nothing else is above zero."""


@dataclass(frozen=True, slots=True)
class EventTable:
    """Cells in rows: what each is called, and figures as they are written."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, bool, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ClassSection:
    """One class: its curves, and what thresholds come to; None without any."""

    label: str
    chart: Chart | None
    alarms: EventTable
    thresholds: EventTable | None


@dataclass(frozen=True, slots=True)
class EventsSection:
    """All of it; without classes the first remark says why."""

    heading: tuple[str, ...] = ()
    classes: tuple[ClassSection, ...] = ()
    remarks: tuple[str, ...] = ()


def events_section(found: Judgement | Missing | None) -> EventsSection | None:
    """Return what the page shows of events; None where clips are of no recordings."""
    if found is None:
        return None
    if isinstance(found, Missing):
        return EventsSection(remarks=(found.reason,))
    classes = tuple(_class(found, each.label) for each in found.listened)
    return EventsSection(tuple(wording.heading(found)), classes, tuple(wording.remarks(found)))


def _class(found: Judgement, label: str) -> ClassSection:
    rows = found.of(label)
    alarms = _table(wording.alarm_title(label), wording.ALARM_HEADS, rows, wording.alarm_figures)
    told = _table(
        wording.threshold_title(found, label),
        wording.THRESHOLD_HEADS,
        rows,
        wording.threshold_figures,
    )
    some = any(any(figures) for _, _, figures in told.rows)
    return ClassSection(label, alarm_chart(label, rows), alarms, told if some else None)


def _table(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Judged],
    figures: Callable[[Judged], tuple[str, ...]],
) -> EventTable:
    return EventTable(
        title, tuple(heads), tuple((row.title, row.control, figures(row)) for row in rows)
    )


def alarm_chart(label: str, rows: Sequence[Judged]) -> Chart | None:
    """Draw false alarms an hour against recall, of the rows that are ranked first."""
    drawn = [row for row in rows if not row.control and row.curve][:CURVES]
    if not drawn:
        return None
    ends = [
        value
        for row in drawn
        for each in row.per_hour
        if each is not None
        for value in (each.value, each.high)
    ]
    values = [point.per_hour for row in drawn for point in row.curve]
    told = [value for value in (*values, *ends) if value] or [LEAST_PER_HOUR, 1.0]
    x = Scale("recall of selections (%)", 0, 100)
    y = logarithmic("false alarms an hour (log scale; the bottom is none)", told)
    marks = [mark for series, row in enumerate(drawn) for mark in _marks(x, y, row, series)]
    lines = [
        Line(
            series,
            connect([(x.place(100 * recall), 100 - y.place(rate)) for recall, rate in _steps(row)]),
        )
        for series, row in enumerate(drawn)
    ]
    legend = tuple((series, row.title) for series, row in enumerate(drawn))
    title = f"{label}: false alarms an hour against recall"
    return Chart(title, x, y, tuple(marks), tuple(lines), legend)


def _steps(row: Judged) -> list[tuple[float, float]]:
    """Return what each recall costs: to have more than one threshold finds takes the next one."""
    first: dict[float, float] = {}
    for point in row.curve:
        first.setdefault(point.recall, point.per_hour)
    steps: list[tuple[float, float]] = []
    for recall, rate in first.items():
        steps += [(steps[-1][0], rate)] if steps else []
        steps.append((recall, rate))
    return steps


def _marks(x: Scale, y: Scale, row: Judged, series: int) -> list[Mark]:
    """Mark the recalls that tables tell, with their intervals."""
    marks = []
    for recall, found in zip(RECALLS, row.per_hour, strict=True):
        if found is None:
            continue
        words = (
            f"{row.title}: {wording.rate_with_interval(found)} false alarms an hour "
            f"at {100 * recall:.0f}% recall"
        )
        known = found.low is not None and found.high is not None
        marks.append(
            Mark(
                x.place(100 * recall),
                100 - y.place(found.value),
                series,
                words,
                "",
                100 - y.place(found.low) if known and found.low is not None else None,
                100 - y.place(found.high) if known and found.high is not None else None,
            )
        )
    return marks
