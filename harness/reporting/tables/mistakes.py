"""The clips that a cell gets wrong, in the terminal."""

from __future__ import annotations

from rich.console import Console

from harness.analysis.mistakes import Mistakes
from harness.reporting.tables.folding import fill
from harness.reporting.tables.parts import plain_table, shown
from harness.reporting.wording import mistakes as words
from harness.strangers.text import printable


def print_mistakes(found: Mistakes, count: int, console: Console) -> None:
    """Print the first mistakes, the surest first."""
    for line in fill(printable(words.headline(found)), console.width):
        console.print(shown(line, "bold"), no_wrap=True, overflow="ignore", crop=False)
    if not found.found or not count:
        return
    table = plain_table("\nSurest mistakes first")
    table.add_column("clip", overflow="fold", ratio=1)
    table.add_column("class", overflow="fold")
    table.add_column("said, and how sure", overflow="fold")
    for each in found.found[:count]:
        table.add_row(shown(each.id), shown(each.label), shown(words.said(each.answer), "red"))
    console.print(table)
    left = len(found.found) - count
    if left > 0:
        console.print(shown(f"and {left} more: --list {len(found.found)}, or --format json"))
