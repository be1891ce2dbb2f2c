"""How far a comparison is: one line that moves in a notebook, else as the command line says it."""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from harness.running.options import Observer
from harness.strangers.text import printable

EVERY_S = 0.2
"""A notebook's line is drawn no oftener."""


class Silence:
    """Says nothing."""

    def stage(self, name: str, total: int | None, before: int = 0) -> None:
        """Pass over a stage."""

    def advance(self, steps: int = 1) -> None:
        """Pass over steps."""

    def busy(self, cells: Sequence[str]) -> None:
        """Pass over what is being worked on."""

    def tell(self, line: str) -> None:
        """Pass over a line."""

    def remote(self, cell: str, done: int, total: int, what: str) -> None:
        """Pass over a service."""


class Line(Silence):
    """One line under a notebook's cell that is drawn anew.

    Parameters
    ----------
    shown
        A display handle of IPython.
    """

    def __init__(self, shown: Any) -> None:
        self.shown = shown
        self.lines: list[str] = []
        self.name, self.total, self.done, self.drawn = "", 0, 0, 0.0

    def stage(self, name: str, total: int | None, before: int = 0) -> None:
        """Begin a stage."""
        self.name, self.total, self.done = name, total or 0, before
        self._draw(now=True)

    def advance(self, steps: int = 1) -> None:
        """Move on."""
        self.done += steps
        self._draw(now=self.done >= self.total)

    def tell(self, line: str) -> None:
        """Keep a line above the one that moves."""
        self.lines.append(printable(line))
        self._draw(now=True)

    def remote(self, cell: str, done: int, total: int, what: str) -> None:
        """Say how far a service is."""
        self.name, self.total, self.done = f"{cell}: {what}", total, done
        self._draw()

    def end(self) -> None:
        """Leave only what was told."""
        self.name = ""
        self._draw(now=True)

    def text(self) -> str:
        """Write all lines, the last of them how far it is."""
        count = f": {self.done} of {self.total}" if self.total else ""
        return "\n".join([*self.lines, *([printable(self.name) + count] if self.name else [])])

    def _draw(self, now: bool = False) -> None:
        if now or time.monotonic() - self.drawn > EVERY_S:
            self.drawn = time.monotonic()
            self.shown.update(Html(f"<pre>{html.escape(self.text())}</pre>"))


class Html(str):
    """Markup that a notebook shows as it is."""

    def _repr_html_(self) -> str:
        return str(self)


@contextmanager
def observing(wanted: bool = True) -> Iterator[Observer]:
    """Give what hears how far it is, and says it where a person looks."""
    handle = _notebook() if wanted else None
    if not wanted:
        yield Silence()
    elif handle is not None:
        line = Line(handle)
        try:
            yield line
        finally:
            line.end()
    else:
        from harness.cli.progress import progress

        with progress() as observer:
            yield observer


def _notebook() -> Any:
    """Return a display handle of a notebook, or None where there is none."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display

    return display(Html(""), display_id=True)
