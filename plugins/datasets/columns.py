"""What the columns of a table say of each clip, and the rules for cells that say nothing."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from harness import Entry
from plugins.datasets.located import Places
from plugins.datasets.side_words import Side, describe_parts, fold_of, role_of, sides_of
from plugins.datasets.sorting_out import counted, some
from plugins.datasets.spellings import clean
from plugins.datasets.tables import Row, Table


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


def read_lines(table: Table, columns: Columns, places: Places) -> tuple[list[Line], list[str]]:
    """Understand all rows of a table; return them with what a person should know of them.

    A row that says again what another said is left out.
    """
    lines = [_read(row, place, columns, places) for place, row in enumerate(table.rows)]
    lines, remarks = _take_out_repeats(lines)
    for rule in (_give_sides, _give_groups, _check_folds, _check_positions):
        lines, said = rule(lines, columns)
        remarks += said
    return lines, remarks


def _read(row: Row, place: int, columns: Columns, places: Places) -> Line:
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


def _take_out_repeats(lines: Sequence[Line]) -> tuple[list[Line], list[str]]:
    """Leave out rows that say the same again; refuse those that contradict each other."""
    families: dict[str, dict[tuple[str, ...], Line]] = defaultdict(dict)
    for line in lines:
        if line.name:
            families[line.name].setdefault(_says(line), line)
    kept: list[Line] = []
    repeats: list[Line] = []
    for line in lines:
        family = list(families.get(line.name, {"": line}).values())
        if len(family) == 1:
            (kept if line is family[0] else repeats).append(line)
            continue
        other = next(each for each in family if _says(each) != _says(line))
        fault = line.fault or f"is the file of row {other.number} too, {_difference(line, other)}"
        kept.append(replace(line, fault=fault, again=line is not family[0]))
    if not repeats:
        return kept, []
    rows = some([str(line.number) for line in repeats])
    return kept, [
        f"{counted(len(repeats), 'row')} of the table name a file again that another row names "
        f"in the same way; each is counted once (row {rows})."
    ]


def _says(line: Line) -> tuple[str, ...]:
    return (line.label, line.group, line.side_word, line.fold, line.position_cell)


def _difference(line: Line, other: Line) -> str:
    if line.label != other.label:
        return f"with another label ({other.label!r} there, {line.label!r} here)"
    return "with another group, side, fold or position"


def _give_sides(lines: list[Line], columns: Columns) -> tuple[list[Line], list[str]]:
    """Read the words of the side column; a row without one is on no side, which is said."""
    words = sorted({line.side_word for line in lines} - {""})
    roles = {word: role_of(word) for word in words}
    sides = sides_of({role for role in roles.values() if role})
    alone = {"train": "train", "validation": "train", "test": "holdout"}
    given: list[Line] = []
    for line in lines:
        role = roles.get(line.side_word)
        side: Side | None = sides.get(role or "")
        if not sides and role in alone:
            side = "holdout" if role == "test" else "train"
        fault = line.fault
        if line.side_word and (role is None or fold_of(role)) and not fault:
            fault = (
                f"has the side {line.side_word!r}; it must be train, validation, test or "
                "holdout, or empty"
            )
        given.append(replace(line, side=side, fault=fault))
    known = [word for word in words if roles[word]]
    usual = {"train", "holdout"}
    said = (
        []
        if set(known) <= usual
        else [describe_parts(known, f"The column {columns.side!r} is understood")]
    )
    return given, said + _describe_gaps(
        [line for line in lines if not line.side_word],
        lines,
        columns.side,
        "by the given sides they take no part",
    )


def _give_groups(lines: list[Line], columns: Columns) -> tuple[list[Line], list[str]]:
    """Make a row without a group a group of its own, where others have one."""
    named = {line.group for line in lines} - {""}
    gaps = [line for line in lines if not line.group]
    if not named or not gaps:
        return lines, []
    filled = [
        line if line.group else replace(line, group=_own_group(line, named)) for line in lines
    ]
    said = _describe_gaps(gaps, lines, columns.group, "each of them is a group of its own")
    return filled, said


def _own_group(line: Line, named: set[str]) -> str:
    own = line.name or f"row {line.number}"
    while own in named:
        own += " alone"
    return own


def _check_folds(lines: list[Line], columns: Columns) -> tuple[list[Line], list[str]]:
    """Refuse training rows without a fold where others have one; write folds as one number."""
    count = sum(bool(line.fold) for line in lines)
    if not count:
        return lines, []
    gap = f"has no {columns.fold!r}, though {count} of {len(lines)} rows have one"
    checked = []
    for line in lines:
        fault = gap if not line.fold and line.side != "holdout" else None
        fold = fold_of(role_of(line.fold)) or line.fold
        checked.append(replace(line, fold=fold, fault=line.fault or fault))
    return checked, []


def _check_positions(lines: list[Line], columns: Columns) -> tuple[list[Line], list[str]]:
    """Refuse rows whose position is missing or no number, where the table gives positions."""
    count = sum(bool(line.position_cell) for line in lines)
    if not count:
        return lines, []
    checked = []
    for line in lines:
        fault = None
        if not line.position_cell:
            fault = f"has no {columns.position!r}, though {count} of {len(lines)} rows have one"
        elif line.position is None:
            fault = f"has the {columns.position!r} {line.position_cell!r}, which is no number"
        checked.append(replace(line, fault=line.fault or fault))
    return checked, []


def _describe_gaps(
    gaps: Sequence[Line], lines: Sequence[Line], column: str, rule: str
) -> list[str]:
    """Say how many rows leave a column empty, and what becomes of them."""
    if not gaps or len(gaps) == len(lines):
        return []
    rows = some([str(line.number) for line in gaps])
    verb = "has" if len(gaps) == 1 else "have"
    return [f"{len(gaps)} of {len(lines)} rows {verb} no {column!r} (row {rows}): {rule}."]


def describe_unused(table: Table, columns: Columns) -> list[str]:
    """Name columns that are not read, though their cells name sides or folds."""
    said = []
    for heading in table.headings:
        cells = {row.cells.get(heading, "").strip() for row in table.rows} - {""}
        roles = {role_of(cell) for cell in cells}
        if not heading or heading in columns or None in roles or len(roles) < 2:
            continue
        field = "fold_column" if any(fold_of(role) for role in roles) else "side_column"
        said.append(
            f"The column {heading!r} names sides or folds ({some(sorted(cells))}) and is not "
            f"used; to use it say {field}={heading}."
        )
    return said
