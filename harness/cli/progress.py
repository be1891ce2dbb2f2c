"""How far a run is, on stderr; nothing where nobody looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


@dataclass(slots=True)
class Bars:
    """One bar a stage."""

    shown: Progress
    current: Any = None
    services: dict[str, Any] = field(default_factory=dict)

    def stage(self, name: str, total: int) -> None:
        """Begin a bar."""
        if total:
            self.current = self.shown.add_task(escape(name), total=total)

    def advance(self, steps: int = 1) -> None:
        """Move the newest bar on."""
        if self.current is not None:
            self.shown.advance(self.current, steps)

    def tell(self, line: str) -> None:
        """Print a line above the bars."""
        self.shown.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def remote(self, cell: str, done: int, total: int, what: str) -> None:
        """Move the bar of a service."""
        title = escape(f"{cell}: {what}")
        if cell not in self.services:
            self.services[cell] = self.shown.add_task(title, total=total)
        self.shown.update(self.services[cell], completed=done, total=total, description=title)


@contextmanager
def progress() -> Iterator[Bars]:
    """Show bars while the block runs."""
    console = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with bars:
        yield Bars(bars)
