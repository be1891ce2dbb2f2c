"""A kept detector's card in the terminal."""

from __future__ import annotations

from rich.console import Console

from harness.applying.bundle import Bundle
from harness.reporting.tables.parts import breakable, plain_table, shown
from harness.reporting.wording.detector import card


def print_card(bundle: Bundle, console: Console) -> None:
    """Print what a detector is, heading by heading."""
    for title, rows in card(bundle).items():
        table = plain_table(f"\n{title}")
        table.show_header = False
        named = any(name for name, _ in rows)
        if named:
            table.add_column(overflow="fold")
        table.add_column(overflow="fold", ratio=1)
        for name, words in rows:
            cells = (name, breakable(words)) if named else (f"- {words}",)
            table.add_row(*(shown(cell) for cell in cells))
        console.print(table)
