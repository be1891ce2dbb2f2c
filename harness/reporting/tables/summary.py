"""The comparison in the terminal: readable at 80 columns, without colour, and when piped.

Names and labels come from outside: they are put in as `Text`, never parsed as markup.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.analysis.summary import Row, Summary
from harness.reporting.tables.parts import breakable, plain_table, shown, stacked
from harness.reporting.wording import clips
from harness.reporting.wording import summary as wording
from harness.statistics.gains import Verdict

SHARE_WIDTH = 6
"""Characters of "100.0*"."""
GAP = 2
"""Characters between columns."""
WIDEST_WORD = 24
"""A longer word of a representation's name is broken."""

_STYLES: Mapping[Verdict, str] = {"better": "green", "worse": "red", "no clear difference": "dim"}


def print_summary(summary: Summary, console: Console) -> None:
    """Print everything that a run says, the short answer first."""
    *about, answer = wording.heading(summary)
    for line in (*about, *clips.block(summary), answer):
        console.print(shown(line))
    console.print()
    for grid in grids(summary, console.width):
        console.print(grid)
    console.print(ranking(summary))
    for line in wording.mishaps(summary):
        console.print(shown(line, style="red"))
    services = service_table(summary)
    if services is not None:
        console.print(services)
    for line in wording.remarks(summary):
        console.print(shown(line))
    if summary.overall:
        console.print(gain_table(summary))
        for line in wording.gain_remarks(summary):
            console.print(shown(line))
    for curve in curve_tables(summary):
        console.print(curve)
    console.print(shown(f"results in {summary.run.folder}", style="dim"))


def grids(summary: Summary, width: int) -> list[Table]:
    """Return holdout accuracy in percent: a row a representation, a column a classifier.

    Where the columns do not fit into the width (characters) beside whole words of the
    representations' names, they are shared out evenly over several tables.
    """
    classifiers = list(dict.fromkeys(row.classifier for row in summary.rows))
    names = {row.representation for row in summary.rows}
    words = [word for name in names for word in breakable(name).split()]
    free = width - min(max(map(len, words), default=0), WIDEST_WORD)
    parts = [classifiers]
    for count in range(1, len(classifiers) + 1):
        size = math.ceil(len(classifiers) / count)
        parts = [classifiers[start : start + size] for start in range(0, len(classifiers), size)]
        if all(sum(_heading_width(name) + GAP for name in part) <= free for part in parts):
            break
    return [_grid(summary, part, first=not place) for place, part in enumerate(parts)]


def _heading_width(name: str) -> int:
    return max(SHARE_WIDTH, *(len(line) for line in stacked(name).plain.split("\n")))


def _grid(summary: Summary, classifiers: Sequence[str], *, first: bool) -> Table:
    table = plain_table("Holdout accuracy (%)" if first else "\nHoldout accuracy (%)")
    table.add_column("", overflow="fold", ratio=2)
    for name in classifiers:
        table.add_column(stacked(name), justify="right", overflow="fold", min_width=SHARE_WIDTH)
    best = summary.best()
    for representation, rows in groupby(summary.rows, key=lambda row: row.representation):
        by_name = {row.classifier: row for row in rows}
        cells = [_grid_cell(by_name.get(name), best) for name in classifiers]
        table.add_row(shown(breakable(representation)), *cells)
    return table


def _grid_cell(row: Row | None, best: Row | None) -> Text:
    if row is None:
        return shown("")
    if row.accuracy is None:
        return shown(row.status, style="red" if row.status == "failed" else "yellow")
    mark = "*" if row is best else " "
    return shown(
        f"{wording.percent(row.accuracy)}{mark}", style="bold green" if mark == "*" else ""
    )


def ranking(summary: Summary) -> Table:
    """Return all rows, the best first, with intervals, ties and timings."""
    table = plain_table("\nRanked")
    table.add_column("representation × classifier", overflow="fold", ratio=1)
    for name in wording.RANKED_HEADS:
        if name == "ties":
            table.add_column(name, overflow="fold", max_width=SHARE_WIDTH)
        else:
            table.add_column(name.removesuffix(" interval"), justify="right", no_wrap=True)
    for row in summary.ranked():
        table.add_row(*_ranked(row))
    return table


def _ranked(row: Row) -> list[Text]:
    style = "dim" if row.control else ""
    title = shown(breakable(row.title), style=style)
    if row.accuracy is None:
        colour = "red" if row.status == "failed" else "yellow"
        return [title, shown(""), shown(row.status, style=colour)]
    figures = wording.ranked_figures(row)
    return [title, *(shown(figure, style=style) for figure in figures)]


def service_table(summary: Summary) -> Table | None:
    """Return what services took: network wait apart from local time, calls, bytes, retries."""
    rows = [row for row in summary.rows if any(record.costs for record in row.records)]
    if not rows:
        return None
    table = plain_table("\nServices")
    table.add_column("representation × classifier", overflow="fold", ratio=1)
    for name in ("wait s", "local s", "calls", "paid", "maybe paid", "MB", "retries"):
        table.add_column(stacked(name.replace(" ", "-")), justify="right", no_wrap=True)
    for row in rows:
        table.add_row(shown(breakable(row.title)), *_costs(row))
    return table


def _costs(row: Row) -> list[str]:
    costs = [record.costs for record in row.records if record.costs]
    network_s = sum(cost.network_s for cost in costs)
    stages = [record.seconds.values() for record in row.records]
    local_s = sum(stage.total_s for each in stages for stage in each) - network_s
    unsure = sum(cost.details.get("perhaps_paid", 0) for cost in costs)
    return [
        f"{network_s:.1f}",
        f"{max(local_s, 0.0):.1f}",
        f"{sum(cost.calls for cost in costs)}",
        f"{sum(cost.paid_calls for cost in costs)}",
        f"{unsure:.0f}",
        f"{sum(cost.bytes_sent for cost in costs) / 1e6:.1f}",
        f"{sum(cost.retries for cost in costs)}",
    ]


def gain_table(summary: Summary) -> Table:
    """Return what each representation gains over the baseline, in points, by classifier."""
    table = plain_table(f"\nGain over {summary.baseline} (points of accuracy)")
    table.add_column("", overflow="fold", ratio=2)
    table.add_column("classifier", overflow="fold")
    table.add_column("gain", justify="right", no_wrap=True)
    table.add_column("95% interval", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for overall in summary.overall:
        if len(overall.classifiers) > 1:
            row = (overall.difference, overall.low, overall.high, overall.verdict)
            table.add_row(shown(breakable(overall.representation)), "(mean)", *_gain(*row))
        for gain in summary.gains:
            if gain.representation == overall.representation:
                pair = gain.comparison
                named = shown(
                    breakable(gain.representation) if len(overall.classifiers) == 1 else ""
                )
                figures = _gain(pair.difference, pair.low, pair.high, gain.verdict)
                table.add_row(named, shown(gain.classifier), *figures)
    return table


def _gain(difference: float, low: float, high: float, verdict: Verdict) -> list[Text]:
    return [
        shown(wording.points(difference)),
        shown(f"{wording.points(low)} to {wording.points(high)}"),
        shown(verdict, style=_STYLES[verdict]),
    ]


def curve_tables(summary: Summary) -> Iterable[Table]:
    """Return a learning curve a table: accuracy and cost against training clips."""
    for each in summary.curves:
        table = plain_table(f"\nLearning curve: {each.representation} × {each.classifier}")
        for name in ("training clips", "holdout", "95% interval", "fit s", "against all"):
            table.add_column(name, justify="right")
        for point in each.curve.points:
            table.add_row(
                str(point.size),
                wording.percent(point.accuracy),
                wording.interval(point.low, point.high),
                wording.number(each.seconds.get(point.size), 1),
                _told(point.size, each.curve.enough, point.told_apart),
            )
        yield table


def _told(size: int, enough: int, apart: bool) -> str:
    if size == enough:
        return "enough: cannot be told apart"
    return "worse" if apart else "cannot be told apart"
