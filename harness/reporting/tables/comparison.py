"""What changed between runs or cells, and ranks over datasets, in the terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table

from harness.analysis.comparison import Comparison
from harness.analysis.contrasts import Contrast
from harness.analysis.ranking import Ranking
from harness.reporting.tables.parts import breakable, shown
from harness.reporting.wording import comparison as words
from harness.reporting.wording import contrasts
from harness.reporting.wording import ranking as ranks

_STYLES = {"better": "green", "worse": "red"}
_LEFT = ("class", "figure", "verdict", "ties")
_SHORT = {"no clear difference": "unclear"}


def print_comparison(comparison: Comparison, everything: bool, console: Console) -> None:
    """Print what changed, the short answer first."""
    console.print(shown(f"first: {comparison.first}"))
    console.print(shown(f"second: {comparison.second}"))
    console.print(shown(words.headline(comparison), "bold"))
    changes = words.shown(comparison, everything)
    if changes:
        named = len(comparison.changes) > 1
        table = _headed(words.HEADS if named else words.HEADS[1:])
        for change in changes:
            style = _STYLES.get(change.verdict, "")
            name, *figures = words.figures(change)
            figures = [_narrow(each) for each in figures]
            figures = [name, *figures] if named else figures
            table.add_row(*(shown(_breakable(each), style) for each in figures))
        console.print(table)
    for line in words.remarks(comparison, everything):
        console.print(shown(line, "red" if line.startswith("regression") else ""))


def print_contrast(found: Contrast, everything: bool, console: Console) -> None:
    """Print what changed, judged by events, the short answer first."""
    console.print(shown(f"first: {found.first}"))
    console.print(shown(f"second: {found.second}"))
    console.print(shown(contrasts.headline(found), "bold"))
    differences = contrasts.shown(found, everything)
    if differences:
        kept = [
            place
            for place in range(len(contrasts.HEADS))
            if place > 1 or len({getattr(e, ("name", "label")[place]) for e in differences}) > 1
        ]
        table = _headed([contrasts.HEADS[place] for place in kept])
        for each in differences:
            figures = contrasts.figures(each)
            style = _STYLES.get(each.verdict or "", "")
            cells = (_breakable(_narrow(figures[place])) for place in kept)
            table.add_row(*(shown(cell, style) for cell in cells))
        console.print(table)
    for line in contrasts.remarks(found, everything):
        console.print(shown(line, "red" if line.startswith("regression") else ""))


def print_ranking(ranking: Ranking, console: Console) -> None:
    """Print ranks over datasets, the short answer first."""
    console.print(shown(ranks.rank_headline(ranking), "bold"))
    table = _headed((*ranks.RANK_HEADS, *(f"({n})" for n in range(1, len(ranking.runs) + 1))))
    for figures in ranks.rank_figures(ranking):
        table.add_row(*(shown(_breakable(each)) for each in figures))
    console.print(table)
    for number, (run, dataset) in enumerate(zip(ranking.runs, ranking.datasets, strict=True), 1):
        console.print(shown(f"({number}) accuracy (%) on {dataset}: {run}"))
    for line in ranks.rank_remarks(ranking):
        console.print(shown(line))


def _headed(heads: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in heads:
        if head == "cell":
            table.add_column(head, overflow="fold", ratio=1)
        else:
            justify: Literal["left", "right"] = "left" if head in _LEFT else "right"
            table.add_column(head.replace(" ", "\n"), justify=justify, no_wrap=True)
    return table


def _narrow(figure: str) -> str:
    """Break what is wide at a known place, so that all fits into 80 columns."""
    short = _SHORT.get(figure, figure)
    return re.sub(r" (?=faster|slower|\()|(?<= to) ", "\n", short)


def _breakable(written: str) -> str:
    """Let the name of a cell break; a figure with its sign stays whole."""
    return breakable(written) if "×" in written and "+" in written[1:] else written
