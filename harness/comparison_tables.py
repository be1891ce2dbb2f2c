"""What changed between runs or cells, and ranks over datasets, in the terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import comparison_wording as words
from harness.comparison import Comparison
from harness.plain_text import printable
from harness.ranking import Ranking

_STYLES = {"better": "green", "worse": "red"}
_SHORT = {"no clear difference": "unclear"}


def print_comparison(comparison: Comparison, everything: bool, console: Console) -> None:
    """Print what changed, the short answer first."""
    console.print(Text(printable(f"first: {comparison.first}")))
    console.print(Text(printable(f"second: {comparison.second}")))
    console.print(Text(printable(words.headline(comparison)), style="bold"))
    changes = words.shown(comparison, everything)
    if changes:
        named = len(comparison.changes) > 1
        table = _table(words.HEADS if named else words.HEADS[1:])
        for change in changes:
            style = _STYLES.get(change.verdict, "")
            name, *figures = words.figures(change)
            figures = [_narrow(each) for each in figures]
            figures = [name, *figures] if named else figures
            table.add_row(*(Text(_breakable(each), style=style) for each in figures))
        console.print(table)
    for line in words.remarks(comparison, everything):
        console.print(Text(printable(line), style="red" if line.startswith("regression") else ""))


def print_ranking(ranking: Ranking, console: Console) -> None:
    """Print ranks over datasets, the short answer first."""
    console.print(Text(printable(words.rank_headline(ranking)), style="bold"))
    table = _table((*words.RANK_HEADS, *(f"({n})" for n in range(1, len(ranking.runs) + 1))))
    for figures in words.rank_figures(ranking):
        table.add_row(*(Text(_breakable(each)) for each in figures))
    console.print(table)
    for number, (run, dataset) in enumerate(zip(ranking.runs, ranking.datasets, strict=True), 1):
        console.print(Text(printable(f"({number}) accuracy (%) on {dataset}: {run}")))
    for line in words.rank_remarks(ranking):
        console.print(Text(printable(line)))


def _table(heads: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in heads:
        if head == "cell":
            table.add_column(head, overflow="fold", ratio=1)
        else:
            justify: Literal["left", "right"] = "left" if head in ("verdict", "ties") else "right"
            table.add_column(head.replace(" ", "\n"), justify=justify, no_wrap=True)
    return table


def _narrow(figure: str) -> str:
    """Break what is wide at a known place, so that all fits into 80 columns."""
    short = _SHORT.get(figure, figure)
    return re.sub(r" (?=faster|slower|\()|(?<= to) ", "\n", short)


def _breakable(written: str) -> str:
    shown = printable(written)
    return shown.replace("+", " +") if "×" in shown and "+" in shown[1:] else shown
