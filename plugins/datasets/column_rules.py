"""Rules for the rows of a table as a whole: repeats, words of sides, cells that say nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from plugins.datasets.columns import Columns, Line
from plugins.datasets.side_words import (
    TEST,
    TRAIN,
    Side,
    describe_parts,
    fold_of,
    role_of,
    sides_of,
)
from plugins.datasets.sorting_out import counted, some
from plugins.datasets.tables import Table


def apply_rules(lines: Sequence[Line], columns: Columns) -> tuple[list[Line], list[str]]:
    """Understand the rows of a table as a whole; say what a person should know of them.

    A row that says again what another said is left out.
    """
    kept, remarks = _take_out_repeats(lines)
    for rule in (_give_sides, _give_groups, _check_folds, _check_positions):
        kept, said = rule(kept, columns)
        remarks += said
    return kept, remarks


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
    sides = _sides_of_words(words)
    wrong = "has the side {!r}; it must be train, validation, test or holdout, or empty"
    given = []
    for line in lines:
        unknown = line.side_word and line.side_word not in sides
        fault = line.fault or (wrong.format(line.side_word) if unknown else None)
        given.append(replace(line, side=sides.get(line.side_word), fault=fault))
    beginning = f"The column {columns.side!r} is understood"
    said = [] if set(sides) <= {TRAIN, "holdout"} else [describe_parts(list(sides), beginning)]
    gaps = [line for line in lines if not line.side_word]
    rule = "by the given sides they take no part"
    return given, said + _describe_gaps(gaps, lines, columns.side, rule)


def _sides_of_words(words: Sequence[str]) -> dict[str, Side]:
    """Return the side that each word stands for, also where they name only one."""
    roles = {word: role for word in words if (role := role_of(word)) and not fold_of(role)}
    both = sides_of(set(roles.values()))
    return {
        word: both.get(role, "holdout" if role == TEST else "train") for word, role in roles.items()
    }


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
