"""A run judged by events, in the terminal: false alarms an hour, and what thresholds come to."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from harness.analysis.judging import Judged, Judgement
from harness.reporting.tables.folding import fill, fold, narrowest, wide
from harness.reporting.tables.parts import shown
from harness.reporting.wording import events as wording
from harness.strangers.text import printable

GAP = 2
WIDEST_NAME = 28
"""A name may be folded to it for the sake of one more figure."""

ALARMS_LAST, THRESHOLDS_LAST = (0, 2, 1), (0, 1)
"""The columns that a narrow terminal leaves out, in this order."""


def print_judgement(found: Judgement, console: Console) -> None:
    """Print false alarms an hour of every class, what thresholds come to, and what they mean."""
    for line in wording.heading(found):
        _say(line, console)
    for each in found.listened:
        rows = found.of(each.label)
        figures = [wording.alarm_figures(row) for row in rows]
        title = wording.alarm_title(each.label)
        _print(title, wording.ALARM_HEADS, rows, figures, ALARMS_LAST, console)
        told = [wording.threshold_figures(row) for row in rows]
        if any(any(line) for line in told):
            title = wording.threshold_title(found, each.label)
            _print(title, wording.THRESHOLD_HEADS, rows, told, THRESHOLDS_LAST, console)
    for line in wording.remarks(found):
        _say(line, console)


def _print(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Judged],
    figures: Sequence[Sequence[str]],
    last: Sequence[int],
    console: Console,
) -> None:
    names = [printable(row.title) for row in rows]
    kept, column = _fitting(heads, figures, names, last, console.width)
    table = Table(pad_edge=False, box=None)
    table.add_column(shown("\n".join(fold("representation × classifier", column))), no_wrap=True)
    for at in kept:
        table.add_column(heads[at].replace(" ", "\n"), justify="right", no_wrap=True)
    for row, name, line in zip(rows, names, figures, strict=True):
        style = "dim" if row.control else ""
        cells = [shown(line[at].replace(" ", "\n"), style) for at in kept]
        table.add_row(shown("\n".join(fold(name, column)), style), *cells)
    console.print()
    _say(title, console, "bold")
    console.print(table)
    told = [at for at in range(len(heads)) if any(line[at] for line in figures)]
    if dropped := [heads[at] for at in told if at not in kept]:
        _say(f"Left out, for the terminal is narrow: {', '.join(dropped)}.", console)


def _fitting(
    heads: Sequence[str],
    figures: Sequence[Sequence[str]],
    names: Sequence[str],
    last: Sequence[int],
    width: int,
) -> tuple[list[int], int]:
    """Return the columns that there is room for, and how wide names may be."""
    widths = [
        max(
            wide(word)
            for line in (head, *(each[at] for each in figures))
            for word in [*line.split(" "), ""]
        )
        for at, head in enumerate(heads)
    ]
    kept = [at for at in range(len(heads)) if any(line[at] for line in figures)]
    needed = min(narrowest(names, fine=False), WIDEST_NAME)
    dropping = [at for at in last if at in kept]
    while dropping and width - sum(widths[at] + GAP for at in kept) < needed:
        kept.remove(dropping.pop(0))
    free = width - sum(widths[at] + GAP for at in kept)
    least = max(narrowest(names, fine=True), 1)
    return kept, max(min(free, max(map(wide, names), default=0)), least)


def _say(line: str, console: Console, style: str = "") -> None:
    for folded in fill(printable(line), console.width):
        console.print(shown(folded, style), no_wrap=True, overflow="ignore", crop=False)
