"""What the columns of a table say of each clip."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from harness import Entry
from plugins.datasets.located import Places
from plugins.datasets.side_words import Side
from plugins.datasets.spellings import clean
from plugins.datasets.tables import Row


class Columns(NamedTuple):
    """The headings of what is read; empty for none."""

    path: str
    label: str
    group: str
    side: str
    fold: str
    position: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table as it is understood.

    Parameters
    ----------
    path
        As written.
    name
        The file in the store.
    label_cell
        The label as written; `label` is without spaces around it.
    side_word
        As written; `side` is what it stands for.
    missing
        Why there is no such file.
    fault
        Why the clip cannot be used.
    """

    number: int
    place: int
    path: str
    name: str
    label: str
    label_cell: str
    group: str = ""
    side_word: str = ""
    side: Side | None = None
    fold: str = ""
    position_cell: str = ""
    missing: str | None = None
    fault: str | None = None
    again: bool = False

    @property
    def position(self) -> float | None:
        """The number in the position's cell, or None."""
        try:
            number = float(self.position_cell.replace(",", "."))
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    def entry(self, table: str) -> Entry:
        """Make the clip; a fault says which row it is, and which path stands there."""
        row = f"row {self.number}"
        told = f"{self.path} ({row} of {table})" if self.path else f"{row} of {table}"
        known = self.name if not self.again else f"{self.name} ({row})"
        return Entry(
            id=known or row,
            label=self.label,
            group=self.group or None,
            position=float(self.place) if self.position is None else self.position,
            side=self.side,
            where=told if self.fault else self.name,
            fault=self.fault,
            fold=self.fold or None,
        )


def read_line(row: Row, place: int, columns: Columns, places: Places) -> Line:
    """Understand a row by itself; `place` counts the rows."""
    path, _, group, side, fold, position = (
        row.cells.get(name, "").strip() if name else "" for name in columns
    )
    label_cell = row.cells.get(columns.label, "")
    label = clean(label_cell)
    name, missing = places.locate(path) if path else ("", None)
    fault = row.fault
    if fault is None and not path:
        fault = "has no path"
    fault = fault or missing or (None if label else "has no label")
    return Line(
        number=row.number,
        place=place,
        path=path,
        name=name,
        label=label,
        label_cell=label_cell,
        group=clean(group),
        side_word=side,
        fold=fold,
        position_cell=position,
        missing=missing,
        fault=fault,
    )
