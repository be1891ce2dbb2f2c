"""What the services of a run would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console

from harness.contracts import Estimate
from harness.planning.plan import Cell
from harness.reporting.tables.parts import plain_table, shown


def print_estimates(
    estimates: Mapping[Cell, Estimate], price: float | None, console: Console
) -> None:
    """Print what the services of a run would cost."""
    console.print(shown(f"{len(estimates)} of the cells would be run by a service."))
    table = plain_table("What services would be asked (at most)")
    table.add_column("", overflow="fold", ratio=1)
    for name in ("pictures", "MB", "calls", "minutes"):
        table.add_column(name, justify="right")
    if price is not None:
        table.add_column("price", justify="right")
    for cell, each in estimates.items():
        table.add_row(shown(str(cell)), *_spending([each], price))
    if len(estimates) > 1:
        table.add_row("all", *_spending(list(estimates.values()), price))
    console.print(table)
    if price is None:
        console.print(shown("For the price, give --price-per-1000-invokes."))


def _spending(estimates: Sequence[Estimate], price: float | None) -> list[str]:
    figures = [
        str(sum(each.pictures for each in estimates)),
        f"{sum(each.bytes_sent for each in estimates) / 1e6:.1f}",
        str(sum(each.calls for each in estimates)),
        f"{sum(each.minutes for each in estimates):.1f}",
    ]
    if price is not None:
        figures.append(f"{sum(each.paid_calls for each in estimates) * price / 1000:.2f}")
    return figures
