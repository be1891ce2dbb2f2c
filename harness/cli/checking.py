"""What came of checks, as a table and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from harness.cli import terminal
from harness.conformance import Outcome
from harness.strangers.text import printable

if TYPE_CHECKING:
    from rich.table import Table

_STYLES = {"pass": "green", "fail": "bold red", "skipped": "yellow"}


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as JSON, ``{"schema": 1, "checks": [...]}``."""
    checks = [
        {
            "plugin": each.plugin,
            "check": each.check.name,
            "asks": each.check.asks,
            "status": each.status,
            "reason": each.reason,
            "remedy": each.check.remedy if each.status == "fail" else "",
        }
        for each in outcomes
    ]
    return json.dumps({"schema": 1, "checks": checks}, indent=2)


def print_table(outcomes: Sequence[Outcome], *, everything: bool) -> None:
    """Print what failed and what was skipped, and counts; with `everything`, what passed."""
    from rich.text import Text

    console = terminal.console()
    for plugin, group in groupby(outcomes, key=lambda each: each.plugin):
        found = list(group)
        console.print(Text(printable(plugin), style="bold"))
        shown = [each for each in found if everything or each.status != "pass"]
        if shown:
            console.print(_table(shown))
        counts = Counter(each.status for each in found)
        console.print(
            f"{counts['pass']} passed, {counts['fail']} failed, {counts['skipped']} skipped\n"
        )


def _table(outcomes: Sequence[Outcome]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column(overflow="fold")
    for each in outcomes:
        said = Text(printable(each.reason or each.check.asks))
        if each.status == "fail":
            said.append(f"\nIt asks: {each.check.asks}\nWhat to do: {each.check.remedy}")
        status = Text(each.status, style=_STYLES[each.status])
        table.add_row(status, Text(each.check.name), said)
    return table
