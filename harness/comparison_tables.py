"""What changed between runs or cells, and ranks over datasets, in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import comparison_wording as words
from harness.comparison import Comparison
from harness.ranking import Ranking

_STYLES = {"better": "green", "worse": "red"}


def print_comparison(comparison: Comparison, everything: bool, console: Console) -> None:
    """Print what changed, the short answer first."""
    console.print(Text(f"first: {comparison.first}"))
    console.print(Text(f"second: {comparison.second}"))
    console.print(Text(words.headline(comparison), style="bold"))
    changes = words.shown(comparison, everything)
    if changes:
        named = len(comparison.changes) > 1
        table = _table(words.HEADS if named else words.HEADS[1:])
        for change in changes:
            style = _STYLES.get(change.verdict, "")
            figures = words.figures(change)[0 if named else 1 :]
            table.add_row(*(Text(_breakable(each), style=style) for each in figures))
        console.print(table)
    for line in words.remarks(comparison, everything):
        console.print(Text(line, style="red" if line.startswith("regression") else ""))


def print_ranking(ranking: Ranking, console: Console) -> None:
    """Print ranks over datasets, the short answer first."""
    console.print(Text(words.rank_headline(ranking), style="bold"))
    table = _table((*words.RANK_HEADS, *(f"({n})" for n in range(1, len(ranking.runs) + 1))))
    for figures in words.rank_figures(ranking):
        table.add_row(*(Text(_breakable(each)) for each in figures))
    console.print(table)
    for number, (run, dataset) in enumerate(zip(ranking.runs, ranking.datasets, strict=True), 1):
        console.print(Text(f"({number}) accuracy (%) on {dataset}: {run}"))
    for line in words.rank_remarks(ranking):
        console.print(Text(line))


def _table(heads: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in heads:
        wide = head == "cell"
        right = not wide and head not in ("verdict", "ties")
        table.add_column(
            head, justify="right" if right else "left", overflow="fold", ratio=1 if wide else None
        )
    return table


def _breakable(written: str) -> str:
    return written.replace("+", " +") if "×" in written and "+" in written[1:] else written
