"""The answer at a glance: one screen with the grid, the choice, and the next command to type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.console import Console
from rich.text import Text

from harness.analysis.summary import Summary
from harness.reporting.tables.folding import fill, fold, narrowest, wide
from harness.reporting.tables.parts import shown
from harness.reporting.wording import glance as wording
from harness.reporting.wording.summary import percent
from harness.strangers.text import printable

LINES = 24
"""Of a screen that is not known: one where the output is piped."""
FEWEST_ROWS = 3
"""So many rows are always shown, however small the screen."""
SHARE_WIDTH = 7
"""Columns of "100.0" and two marks, of "skipped", of "ms/clip"."""
WHOLE_HEADING = 9
"""A longer heading is folded at hyphens."""


def print_glance(summary: Summary, console: Console, *, all_rows: bool = False) -> None:
    """Print what was compared, the grid, the choice and the next command.

    Parameters
    ----------
    all_rows
        Show every row and column, however many screens that takes.
    """
    width = console.width
    above = [*wording.compared(summary), *wording.warnings(summary)]
    below = [line for line in wording.below(summary) if line]
    around = sum(len(_folded(line, width)) for line in (*above, *below)) + 1
    height = console.height if console.is_terminal else LINES
    for line in above:
        _print(line, width, console)
    console.print()
    grids = fit_grids(summary, width, None if all_rows else height - 1 - around)
    for number, grid in enumerate(grids):
        if number:
            console.print()
        for text in grid.drawn():
            console.print(text, no_wrap=True, overflow="ignore", crop=False)
    for line in below:
        _print(line, width, console)


def _print(line: wording.Line, width: int, console: Console) -> None:
    for folded in _folded(line, width):
        console.print(shown(folded, line.style), no_wrap=True, overflow="ignore", crop=False)


def _folded(line: wording.Line, width: int) -> list[str]:
    return fill(printable(line.text), width)


@dataclass(frozen=True, slots=True)
class Grid:
    """Representations × classifiers, as far as they fit.

    Parameters
    ----------
    hidden
        Representations and classifiers that are left out.
    names, width
        Columns for the names of representations, and of the screen.
    """

    summary: Summary
    representations: tuple[str, ...]
    classifiers: tuple[str, ...]
    names: int
    width: int
    hidden: tuple[int, int] = (0, 0)

    @property
    def height(self) -> int:
        """The lines that it takes."""
        return len(self.drawn())

    def drawn(self) -> list[Text]:
        """Draw it, a text a line."""
        lines = [*self._titles(), *self._headings()]
        for name in self.representations:
            lines += self._row(name)
        fits = [wording.fit_seconds(self.summary, name) for name in self.classifiers]
        lines.append(self._line("fit s", [(f"{text}  ", "dim") for text in fits], ("", "")))
        return lines

    def _titles(self) -> list[Text]:
        title = wording.grid_title(self.summary, *self.hidden)
        return [shown(line, "bold") for line in fill(title, self.width)]

    def _headings(self) -> list[Text]:
        stacks = [_heading(name) for name in self.classifiers] + [["drawing", "ms/clip"]]
        depth = max(map(len, stacks))
        padded = [[""] * (depth - len(stack)) + stack for stack in stacks]
        return [
            self._line(
                "", [(f"{stack[level]}", "") for stack in padded[:-1]], (padded[-1][level], "")
            )
            for level in range(depth)
        ]

    def _row(self, name: str) -> list[Text]:
        first, *rest = fold(printable(name), self.names)
        cells = [self._cell(name, classifier) for classifier in self.classifiers]
        drawing = wording.drawing_ms(self.summary, name)
        return [self._line(first, cells, (drawing, "")), *(shown(line) for line in rest)]

    def _cell(self, representation: str, classifier: str) -> tuple[str, str]:
        row = self.summary.row(representation, classifier)
        if row is None:
            return "", ""
        if row.accuracy is None:
            return row.status, "red" if row.status == "failed" else "yellow"
        marks = wording.marks(self.summary, row)
        return f"{percent(row.accuracy)}{marks:<2}", _STYLES.get(marks[:1], "")

    def _line(self, name: str, cells: Sequence[tuple[str, str]], last: tuple[str, str]) -> Text:
        text = Text(name + " " * (self.names - wide(name)))
        widths = [_column_width(each) for each in (*self.classifiers, "drawing")]
        for (words, style), width in zip((*cells, last), widths, strict=True):
            text.append(" " * (1 + width - wide(words)))
            text.append(words, style)
        text.rstrip()
        return text


_STYLES = {"*": "bold green", "~": "green", "^": "yellow"}


def _heading(name: str) -> list[str]:
    return fold(printable(name), _column_width(name))


def _column_width(name: str) -> int:
    name = printable(name)
    if wide(name) <= WHOLE_HEADING:
        return max(wide(name), SHARE_WIDTH)
    return max(narrowest([name], fine=True), SHARE_WIDTH)


def fit_grids(summary: Summary, width: int, height: int | None) -> list[Grid]:
    """Fit the grid into a screen.

    Rows and columns that do not fit are left out, those that did worst in training first; without
    a height nothing is, and columns are shared out over several grids.
    """
    representations = wording.ranked_names(summary, "representation")
    classifiers = wording.ranked_names(summary, "classifier")
    plan = wording.planned_names(summary, classifiers)
    if height is None:
        parts, left = [], plan
        while left:
            part = _fitting(left, left, representations, width)
            parts.append(part)
            left = [name for name in left if name not in part]
        return [_grid(summary, representations, part, width) for part in parts]
    columns = _fitting(classifiers, plan, representations, width)
    grid = _grid(summary, representations, columns, width)
    grid = replace(grid, hidden=(0, len(classifiers) - len(columns)))
    rows = list(representations)
    while grid.height > height and len(rows) > FEWEST_ROWS:
        rows.pop()
        hidden = (len(representations) - len(rows), len(classifiers) - len(columns))
        grid = replace(grid, representations=tuple(rows), hidden=hidden)
    return [grid]


def _grid(
    summary: Summary, representations: Sequence[str], classifiers: Sequence[str], width: int
) -> Grid:
    free = width - sum(_column_width(name) + 1 for name in (*classifiers, "drawing"))
    longest = max((wide(printable(name)) for name in representations), default=0)
    names = max(min(free, longest), min(narrowest(representations, fine=True), free), 5)
    return Grid(summary, tuple(representations), tuple(classifiers), names, width)


def _fitting(
    wanted: Sequence[str], order: Sequence[str], representations: Sequence[str], width: int
) -> list[str]:
    """Return the columns that fit beside the names, at least one, in `order`.

    Names are folded at hyphens only where more columns then fit than without: all, or one.
    """
    names = [printable(name) for name in representations]
    whole, folded = (
        _first_fitting(wanted, width - narrowest(names, fine=fine)) for fine in (False, True)
    )
    chosen = folded if len(folded) == len(wanted) or not whole else whole
    return [name for name in order if name in (chosen or wanted[:1])]


def _first_fitting(wanted: Sequence[str], free: int) -> Sequence[str]:
    """Return as many of the first columns as there is room for, beside that of the times."""
    free -= _column_width("drawing") + 1
    for count, name in enumerate(wanted):
        free -= _column_width(name) + 1
        if free < 0:
            return wanted[:count]
    return wanted
