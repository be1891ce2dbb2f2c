"""All that the glance leaves out, in the terminal: ranking, gains, learning curves, costs.

Readable at 80 columns, without colour, and when piped. Names and labels come from outside: they
are put in as `Text`, never parsed as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.reporting.tables.folding import fill, fold, narrowest, wide
from harness.reporting.tables.parts import plain_table, shown, stacked
from harness.reporting.wording import summary as wording
from harness.statistics.gains import Gain, GainOverall
from harness.strangers.text import printable

GAP = 2
"""Columns between columns."""
WIDEST_NAME = 28
"""A name may be folded to it for the sake of one more figure."""
DROPPED_FIRST = ("AUC", "fit s", "ms/clip", "ties", "cv", "95%")
"""Figures that a narrow ranking leaves out, in this order."""

WIDE, NARROW = 76, 56
"""Below these widths gains are told in shorter words, and without their intervals."""

_GAIN_HEADS = ("", "classifier", "gain", "interval", "verdict")
_SHORT = {"no clear difference": "unclear"}
_STYLES: Mapping[str, str] = {"better": "green", "worse": "red", "no clear difference": "dim"}


def print_ranking(summary: Summary, console: Console) -> None:
    """Print all rows, the best first, and what their figures mean."""
    table, dropped = ranking(summary, console.width)
    console.print(table)
    if dropped:
        _say(f"Left out, for the terminal is narrow: {', '.join(dropped)}.", console)
    for line in wording.mishaps(summary):
        _say(line, console, "red")
    for line in wording.remarks(summary):
        _say(line, console)


def print_gains(summary: Summary, console: Console) -> None:
    """Print what representations gain over the plain one."""
    if not summary.overall:
        _say("There is nothing to gain over: no plain representation with another.", console)
        return
    console.print(gain_table(summary, console.width))
    for line in wording.gain_remarks(summary):
        _say(line, console)


def print_curves(summary: Summary, console: Console) -> None:
    """Print learning curves."""
    if not summary.curves:
        _say("There is no learning curve: sightbench run --train-sizes draws some.", console)
    for curve in curve_tables(summary):
        console.print(curve)


def print_costs(summary: Summary, console: Console) -> None:
    """Print what services took."""
    table = service_table(summary, console.width)
    if table is None:
        _say("No service was asked.", console)
    else:
        console.print(table)


PARTS: Mapping[str, Callable[[Summary, Console], None]] = {
    "ranked": print_ranking,
    "gains": print_gains,
    "curves": print_curves,
    "costs": print_costs,
}
"""What `show` can print instead of the glance."""


def _say(line: str, console: Console, style: str = "") -> None:
    for folded in fill(printable(line), console.width):
        console.print(shown(folded, style), no_wrap=True, overflow="ignore", crop=False)


def _name_column(names: Sequence[str], free: int) -> int:
    """Return the width for names: as much as there is, whole words if that goes."""
    return max(min(free, max(map(wide, names), default=0)), narrowest(names, fine=True), 1)


def _named(name: str, width: int, style: str = "") -> Text:
    return Text("\n".join(fold(printable(name), width)), style=style)


def ranking(summary: Summary, width: int) -> tuple[Table, list[str]]:
    """Return all rows, the best first, with intervals, ties and timings; and what is left out.

    Names come first: where the width (columns) is too small for all figures beside names in
    whole words, figures are left out.
    """
    rows = summary.ranked()
    heads = [name.removesuffix(" interval") for name in wording.RANKED_HEADS]
    figures = [wording.ranked_figures(row) if row.accuracy is not None else None for row in rows]
    widths = {
        head: max(wide(head), *(wide(each[at]) for each in figures if each), 0)
        for at, head in enumerate(heads)
    }
    names = [printable(row.title) for row in rows]
    needed = min(narrowest(names, fine=False), WIDEST_NAME)
    dropped = _dropped(widths, width, needed)
    kept = [head for head in heads if head not in dropped]
    free = width - sum(widths[head] + GAP for head in kept)
    table = plain_table("\nRanked")
    column = _name_column(names, free)
    table.add_column(_named("representation × classifier", column), no_wrap=True)
    for head in kept:
        table.add_column(head, justify="left" if head == "ties" else "right", no_wrap=True)
    for row, each in zip(rows, figures, strict=True):
        style = "dim" if row.control else ""
        title = _named(row.title, column, style)
        if each is None:
            colour = "red" if row.status == "failed" else "yellow"
            status = [row.status if head == "holdout" else "" for head in kept]
            table.add_row(title, *(shown(text, colour) for text in status))
        else:
            by_head = dict(zip(heads, each, strict=True))
            table.add_row(title, *(shown(by_head[head], style) for head in kept))
    return table, dropped


def _dropped(widths: Mapping[str, int], width: int, needed: int) -> list[str]:
    """Return the figures for which there is no room."""
    free = width - sum(each + GAP for each in widths.values())
    dropped: list[str] = []
    for head in DROPPED_FIRST:
        if free >= needed:
            break
        free += widths[head] + GAP
        dropped.append(head)
    return dropped


def service_table(summary: Summary, width: int) -> Table | None:
    """Return what services took: network wait apart from local time, calls, bytes, retries."""
    rows = [row for row in summary.rows if any(record.costs for record in row.records)]
    if not rows:
        return None
    heads = ("wait s", "local s", "calls", "paid", "maybe paid", "MB", "retries")
    costs = [_costs(row) for row in rows]
    taken = sum(
        max(map(len, (head, *each))) + GAP for head, *each in zip(heads, *costs, strict=True)
    )
    column = _name_column([printable(row.title) for row in rows], width - taken)
    table = plain_table("\nServices")
    table.add_column(_named("representation × classifier", column), no_wrap=True)
    for name in heads:
        table.add_column(stacked(name.replace(" ", "-")), justify="right", no_wrap=True)
    for row, each in zip(rows, costs, strict=True):
        table.add_row(_named(row.title, column), *each)
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


def gain_table(summary: Summary, width: int) -> Table:
    """Return what each representation gains over the baseline, in points, by classifier."""
    lines = list(_gain_lines(summary))
    if width < WIDE:
        lines = [(a, b, c, d, _SHORT.get(verdict, verdict)) for a, b, c, d, verdict in lines]
    kept = [1, 2, 3, 4] if width >= NARROW else [1, 2, 4]
    classifiers = [printable(line[1]) for line in lines]
    widths = {
        at: max(wide(_GAIN_HEADS[at]), *(wide(printable(line[at])) for line in lines))
        for at in kept
    }
    if width < WIDE:
        widths[1] = max(wide(_GAIN_HEADS[1]), narrowest(classifiers, fine=True))
    free = width - sum(each + GAP for each in widths.values())
    names = _name_column([printable(line[0]) for line in lines], free)
    table = plain_table(f"\nGain over {summary.baseline} (points of accuracy)")
    for head in ("", *(_GAIN_HEADS[at] for at in kept)):
        right = head in ("gain", "interval")
        table.add_column(head, justify="right" if right else "left", no_wrap=True)
    for line in lines:
        style = _STYLES.get(line[4], "dim")
        cells = [_named(line[1], widths[1]), *(shown(line[at], style) for at in kept[1:])]
        table.add_row(_named(line[0], names), *cells)
    return table


def _gain_lines(summary: Summary) -> Iterable[tuple[str, str, str, str, str]]:
    for overall in summary.overall:
        name = overall.representation
        if len(overall.classifiers) > 1:
            yield name, "(mean)", *_gain(summary, overall)
            name = ""
        for gain in summary.gains:
            if gain.representation == overall.representation:
                yield name, gain.classifier, *_gain(summary, gain)
                name = ""


def _gain(summary: Summary, gain: Gain | GainOverall) -> tuple[str, str, str]:
    difference = gain.comparison.difference if isinstance(gain, Gain) else gain.difference
    interval = wording.points_interval(gain.low, gain.high)
    return wording.points(difference), interval, wording.verdict(summary, gain.verdict)


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
