"""Audacity's label tracks: begin, end and text, and a line of frequencies that may follow.

The second line of a label starts with a backslash and holds its lowest and highest frequency;
-1 stands for one that is not defined (Audacity manual, "Importing and Exporting Labels").
"""

from __future__ import annotations

import numpy as np

from plugins.datasets.annotations.columns import Columns, read_columns
from plugins.datasets.annotations.delimited import Grid, read_grid, read_numbers
from plugins.datasets.annotations.raven import one_line
from plugins.datasets.annotations.selections import Selections, Table

FREQUENCIES = "\\"
UNDEFINED = -1.0


def is_audacity(line: str) -> bool:
    """Say whether a first line is a label: two numbers, separated by a tab."""
    cells = line.split("\t")
    return len(cells) >= 2 and not np.isnan(read_numbers(cells[:2])[0]).any()


def read_audacity(name: str, text: str) -> Table:
    """Read a label track.

    Raises
    ------
    NoTable
        It is none.
    """
    cells = read_grid(text, "\t", ("start", "end", "label"))
    starts, ends, labels = (cells.columns[each] for each in ("start", "end", "label"))
    rows: list[int] = []
    columns: dict[str, list[str]] = {key: [] for key in ("start", "end", "label", "low", "high")}
    for row, start, end, label in zip(cells.rows, starts, ends, labels, strict=True):
        if start == FREQUENCIES and rows:
            columns["low"][-1], columns["high"][-1] = _defined(end), _defined(label)
            continue
        rows.append(row)
        for key, cell in zip(columns, (start, end, label, "", ""), strict=True):
            columns[key].append(cell)
    return read_columns(name, Grid(columns, rows, cells.damaged), Columns())


def _defined(cell: str) -> str:
    return "" if read_numbers([cell])[0][0] == UNDEFINED else cell


def write_audacity(selections: Selections) -> str:
    """Write a label track that Audacity imports; times and frequencies to a millionth."""
    lines = []
    for row, label in enumerate(selections.labels):
        start, end = selections.start_s[row], selections.end_s[row]
        lines.append(f"{start:.6f}\t{end:.6f}\t{one_line(label)}")
        edges = np.array([selections.low_hz[row], selections.high_hz[row]])
        if not np.isnan(edges).all():
            low, high = np.where(np.isnan(edges), UNDEFINED, edges)
            lines.append(f"{FREQUENCIES}\t{low:.6f}\t{high:.6f}")
    return "".join(f"{line}\n" for line in lines)
