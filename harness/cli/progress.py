"""How far a verb is, on stderr: bars on a terminal, a line now and then in a pipe."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.cli import terminal
from harness.strangers.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress

    from harness.running.options import Observer

PATIENCE_S, EVERY_S = 2.0, 10.0
"""A pipe hears of a stage after so long, then every so often, and of its end."""

NAMED = 2
"""Cells under way that are named; of others there is a count."""


def duration(seconds: float) -> str:
    """Write a time as people say it: "48 s", "3 min 20 s", "2 h 5 min"."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


@dataclass(slots=True)
class Stage:
    """One stage of a verb.

    Parameters
    ----------
    total
        Its steps; None where nobody knows.
    before
        Of these, what earlier starts finished.
    """

    name: str
    total: int | None
    before: int = 0
    done: int = 0
    cells: Sequence[str] = ()
    began: float = field(default_factory=lambda: time.monotonic())

    def words(self, now: float) -> str:
        """Say how far it is, in one line."""
        spent = now - self.began
        parts = [f"{duration(spent)} so far"]
        left = self.left_s(spent)
        if left is not None:
            parts.append(f"about {duration(left)} left")
        return printable(f"{self.name}: {', '.join([*self.counts(), *parts])}{self.under_way()}")

    def counts(self) -> list[str]:
        """Say how many steps are done, and how many were before."""
        if self.total is None:
            return []
        before = f" ({self.before} finished before)" if self.before else ""
        return [f"{self.before + self.done} of {self.total}{before}"]

    def left_s(self, spent: float) -> float | None:
        """Guess how long the rest takes; None where it is done or nothing is known."""
        rest = 0 if self.total is None else self.total - self.before - self.done
        return spent * rest / self.done if self.done and rest > 0 else None

    def under_way(self) -> str:
        """Name the cells that are being worked on."""
        if not self.cells:
            return ""
        more = len(self.cells) - NAMED
        return f"; {', '.join(self.cells[:NAMED])}" + (f" and {more} more" if more > 0 else "")


class Lines:
    """Says how far a verb is in lines; what is quick passes without a word."""

    def __init__(self, say: Callable[[str], None] = terminal.remark) -> None:
        self.say = say
        self.current: Stage | None = None
        self.said = 0.0
        self.services: dict[str, float] = {}

    def stage(self, name: str, total: int | None, before: int = 0) -> None:
        """Begin a stage."""
        self.end()
        if total != 0:
            self.current, self.said = Stage(name, total, before), 0.0

    def advance(self, steps: int = 1) -> None:
        """Count steps."""
        if self.current is not None:
            self.current.done += steps

    def busy(self, cells: Sequence[str]) -> None:
        """Remember what is being worked on."""
        if self.current is not None:
            self.current.cells = cells

    def tell(self, line: str) -> None:
        """Say a line."""
        self.say(line)

    def remote(self, cell: str, done: int, total: int, what: str) -> None:
        """Say how far a service is, now and then."""
        now = time.monotonic()
        if now - self.services.get(cell, 0.0) >= EVERY_S:
            self.services[cell] = now
            self.say(f"{cell}: {what}, {done} of {total}")

    def look(self) -> None:
        """Say how far the stage is, if it is time to."""
        stage, now = self.current, time.monotonic()
        if stage is None:
            return
        due = self.said + EVERY_S if self.said else stage.began + PATIENCE_S
        if now >= due:
            self.said = now
            self.say(stage.words(now))

    def end(self) -> None:
        """Say that the stage is over, if anybody has heard of it."""
        stage, self.current = self.current, None
        if stage is not None and self.said:
            spent = duration(time.monotonic() - stage.began)
            self.say(f"{stage.name}: {', '.join([*stage.counts(), f'ended after {spent}'])}")


class Bars:
    """One bar a stage."""

    def __init__(self, shown: Progress) -> None:
        self.shown = shown
        self.current: Any = None
        self.known: Stage | None = None
        self.services: dict[str, Any] = {}

    def stage(self, name: str, total: int | None, before: int = 0) -> None:
        """Begin a bar; one without a count goes when the next begins."""
        if self.known is not None and self.known.total is None:
            self.shown.remove_task(self.current)
        self.known = self.current = None
        if total != 0:
            self.known = Stage(name, total, before)
            self.current = self.shown.add_task("", total=total, completed=before, known=self.known)

    def advance(self, steps: int = 1) -> None:
        """Move the newest bar on."""
        if self.known is not None:
            self.known.done += steps
            self.shown.advance(self.current, steps)

    def busy(self, cells: Sequence[str]) -> None:
        """Name what is being worked on."""
        if self.known is not None:
            self.known.cells = cells

    def tell(self, line: str) -> None:
        """Print a line above the bars."""
        self.shown.console.print(printable(line), soft_wrap=True)

    def remote(self, cell: str, done: int, total: int, what: str) -> None:
        """Move the bar of a service."""
        if cell not in self.services:
            known = Stage(f"{cell}: {what}", total)
            self.services[cell] = self.shown.add_task("", total=total, known=known), known
        task, known = self.services[cell]
        known.name, known.total, known.done = f"{cell}: {what}", total, done
        self.shown.update(task, completed=done, total=total)


@contextmanager
def progress() -> Iterator[Observer]:
    """Say how far it is while the block runs; bars go when it ends."""
    if sys.stderr.isatty():
        with _bars() as shown:
            yield Bars(shown)
        return
    lines = Lines()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            lines.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield lines
        lines.end()
    finally:
        ended.set()
        watcher.join()


@contextmanager
def busy(name: str) -> Iterator[None]:
    """Say what a verb is at while the block runs."""
    with progress() as observer:
        observer.stage(name, None)
        yield


def _bars() -> Progress:
    from rich.progress import BarColumn, Progress, ProgressColumn, Task
    from rich.text import Text

    class Words(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(task.fields["known"].words(time.monotonic()), overflow="ellipsis")

    return Progress(
        BarColumn(bar_width=16),
        Words(),
        console=terminal.console(error=True),
        transient=True,
        redirect_stdout=False,
    )
