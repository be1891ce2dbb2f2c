"""Raven's selection tables: ``NAME.Table.1.selections.txt``.

Tab separated, a row a selection and view; times in seconds, frequencies in Hz. A selection that
was made in a window with several views stands in the table once for each of them.
"""

from __future__ import annotations

import numpy as np

from plugins.datasets.annotations.columns import Columns, read_columns
from plugins.datasets.annotations.delimited import read_grid
from plugins.datasets.annotations.selections import Selections, Table

START = "Begin Time (s)"


def is_raven(line: str) -> bool:
    """Say whether a first line is the headings of a selection table."""
    return START.casefold() in line.casefold() and "\t" in line


def read_raven(name: str, text: str, columns: Columns | None = None) -> Table:
    """Read a selection table.

    Raises
    ------
    NoTable
        It is none.
    """
    return read_columns(name, read_grid(text, "\t"), columns or Columns())


def write_raven(selections: Selections, recording: str = "") -> str:
    """Write a selection table that Raven opens; times and frequencies to a millionth.

    Parameters
    ----------
    recording
        The file's name for "Begin File"; without it the table belongs to one recording by its
        own name. Times count from the beginning of the file, in either case.
    """
    bounded = not np.isnan(selections.low_hz).all() and not np.isnan(selections.high_hz).all()
    scored = not np.isnan(selections.scores).all()
    headings = ["Selection", "View", "Channel", START, "End Time (s)"]
    headings += ["Low Freq (Hz)", "High Freq (Hz)"] if bounded else []
    headings += ["Begin File", "File Offset (s)"] if recording else []
    headings += ["Score"] if scored else []
    rows = ["\t".join([*headings, "Annotation"])]
    for row, label in enumerate(selections.labels):
        start = _written(selections.start_s[row])
        cells = [str(row + 1), "Spectrogram 1" if bounded else "Waveform 1"]
        cells += [str(max(int(selections.channels[row]), 1)), start]
        cells.append(_written(selections.end_s[row]))
        if bounded:
            cells += [_written(selections.low_hz[row]), _written(selections.high_hz[row])]
        cells += [one_line(recording), start] if recording else []
        cells += [_written(selections.scores[row])] if scored else []
        rows.append("\t".join([*cells, one_line(label)]))
    return "\r\n".join(rows) + "\r\n"


def one_line(text: str) -> str:
    """Return text that cannot break a table: tabs, line ends and the like become spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _written(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.6f}"
