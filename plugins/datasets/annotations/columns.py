"""From the columns of a table to selections: which column is which, and which rows are damaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugins.datasets.annotations.delimited import Grid, NoTable, read_numbers
from plugins.datasets.annotations.selections import (
    UNNAMED,
    Damaged,
    Numbers,
    Selections,
    Table,
)

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "start": (
        "begin time (s)", "start", "start_s", "start (s)", "start_time", "start time",
        "start time (s)", "begin", "begin_s", "begin_time", "begin time", "onset", "onset_s",
    ),
    "end": (
        "end time (s)", "end", "end_s", "end (s)", "end_time", "end time", "stop", "stop_s",
        "offset_s", "offset",
    ),
    "duration": ("duration", "duration_s", "duration (s)", "delta time (s)", "length_s"),
    "label": (
        "annotation", "annotations", "label", "labels", "species", "common name", "class",
        "call type", "call_type", "tag", "tags", "type",
    ),
    "file": (
        "begin file", "file", "filename", "file_name", "file name", "recording", "notated_path",
        "audio_path", "begin path",
    ),
    "low": ("low freq (hz)", "low_hz", "low_freq", "low_frequency", "low freq", "low"),
    "high": ("high freq (hz)", "high_hz", "high_freq", "high_frequency", "high freq", "high"),
    "channel": ("channel",),
    "score": ("score", "confidence", "probability"),
}  # fmt: skip
"""Headings that are looked for, in this order, where nobody names a column; in small letters."""

OFFSET, VIEW, END_FILE = "file offset (s)", "view", "end file"


@dataclass(frozen=True, slots=True)
class Columns:
    """The headings that a person named; empty for those that are usual."""

    start: str = ""
    end: str = ""
    label: str = ""
    file: str = ""

    def find(self, grid: Grid, what: str, needed: bool = False) -> list[str] | None:
        """Return the cells of a column.

        Raises
        ------
        NoTable
            It was named, or cannot be done without, and is not there.
        """
        wanted: str = getattr(self, what, "")
        for heading in (wanted.strip().casefold(),) if wanted else HEADINGS[what]:
            if heading in grid.columns:
                return grid.columns[heading]
        if not wanted and not needed:
            return None
        shown = ", ".join(repr(each) for each in grid.columns) or "none at all"
        asked = f"column {wanted!r}" if wanted else f"column for the {what}"
        raise NoTable(f"has no {asked}, only {shown}: name it with {what}_column=")


def read_columns(name: str, grid: Grid, columns: Columns) -> Table:
    """Turn the columns of a table into selections.

    Raises
    ------
    NoTable
        A column is missing that it needs.
    """
    start, commas = read_numbers(columns.find(grid, "start", needed=True) or [])
    end, more_commas = _ends(grid, columns, start)
    files = _files(grid, columns)
    start, end = _from_file_begin(grid, start, end, files)
    labels, label_notes = _labels(grid, columns)
    low, high = _frequencies(grid, columns)
    faults = _faults(start, end, labels)
    sound = np.array([not fault for fault in faults], dtype=bool)
    selections = Selections(
        start, end, tuple(labels), low, high, _channels(grid, columns), _optional(grid, "score")
    ).take(sound)
    damaged = [
        Damaged(row, fault, *_stretch(begin, stop), file)
        for row, fault, begin, stop, file in zip(
            grid.rows, faults, start.tolist(), end.tolist(), files, strict=True
        )
        if fault
    ]
    notes = [*label_notes, "has decimal commas"] if commas or more_commas else label_notes
    return Table(
        name,
        selections,
        np.array(grid.rows, dtype=np.intp)[sound],
        tuple(file for file, fault in zip(files, faults, strict=True) if not fault),
        (*grid.damaged, *damaged),
        tuple(notes),
        _ends_in(grid, sound),
    )


def _ends(grid: Grid, columns: Columns, start: Numbers) -> tuple[Numbers, bool]:
    """Return where selections end; a table may have their duration instead."""
    lasting = None if columns.end else columns.find(grid, "duration")
    if lasting is None or columns.find(grid, "end", needed=False) is not None:
        return read_numbers(columns.find(grid, "end", needed=True) or [])
    duration, commas = read_numbers(lasting)
    return start + duration, commas


def _ends_in(grid: Grid, sound: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the file in which each sound row of a sequence ends, where Raven says so."""
    cells = grid.columns.get(END_FILE, ()) if OFFSET in grid.columns else ()
    return tuple(cell.strip() for cell, kept in zip(cells, sound, strict=False) if kept)


def _files(grid: Grid, columns: Columns) -> list[str]:
    cells = columns.find(grid, "file")
    if cells is None:
        return [""] * len(grid.rows)
    names: dict[str, str] = {}
    return [names.setdefault(cell, cell.strip().replace("\\", "/")) for cell in cells]


def _from_file_begin(
    grid: Grid, start: Numbers, end: Numbers, files: Sequence[str]
) -> tuple[Numbers, Numbers]:
    """Count from the beginning of each file where Raven counts from that of a whole sequence.

    "Begin Time (s)" runs on over a sequence of files, "File Offset (s)" begins again in each.
    """
    if OFFSET in grid.columns:
        offset, _ = read_numbers(grid.columns[OFFSET])
        return np.where(np.isnan(offset), start, offset), np.where(
            np.isnan(offset), end, offset + (end - start)
        )
    if "begin file" in grid.columns and len(set(files)) > 1:
        raise NoTable(
            'names several recordings under "Begin File", but has no "File Offset (s)" to say '
            "where in each: add that measurement in Raven and save the table again"
        )
    return start, end


def _labels(grid: Grid, columns: Columns) -> tuple[list[str], list[str]]:
    cells = columns.find(grid, "label")
    labels = [cell.strip() for cell in cells or ()]
    if any(labels) or not grid.rows:
        return labels, []
    why = "has no labels in its column" if cells is not None else "has no column of labels"
    return [UNNAMED] * len(grid.rows), [f"{why}: all of its selections are {UNNAMED!r}"]


def _frequencies(grid: Grid, columns: Columns) -> tuple[Numbers, Numbers]:
    """Return the edges in frequency; a selection made in a waveform has none."""
    low, high = _optional(grid, "low"), _optional(grid, "high")
    if VIEW in grid.columns:
        views = grid.columns[VIEW]
        drawn = np.array([each.casefold().startswith("waveform") for each in views], dtype=bool)
        low, high = np.where(drawn, np.nan, low), np.where(drawn, np.nan, high)
    return low, high


def _optional(grid: Grid, what: str) -> Numbers:
    cells = Columns().find(grid, what)
    return np.full(len(grid.rows), np.nan) if cells is None else read_numbers(cells)[0]


def _channels(grid: Grid, columns: Columns) -> NDArray[np.intp]:
    channels = _optional(grid, "channel")
    known = (channels >= 1) & (channels < 2**15)
    return np.where(known, channels, 0).astype(np.intp)


def _faults(start: Numbers, end: Numbers, labels: Sequence[str]) -> list[str]:
    """Say of each row what is wrong with it; an empty text where nothing is."""
    faults = [""] * len(labels)
    unlabelled = np.array([not label for label in labels], dtype=bool)
    for rows, why in (
        (unlabelled, "has no label"),
        (start < 0, "begins before its recording, at {0:g} s"),
        (end < start, "ends before it begins: from {0:g} s to {1:g} s"),
        (np.isnan(end), "has an end that is not a number of seconds"),
        (np.isnan(start), "has a beginning that is not a number of seconds"),
    ):
        for row in np.flatnonzero(rows).tolist():
            faults[row] = why.format(start[row], end[row])
    return faults


def _stretch(start_s: float, end_s: float) -> tuple[float, float]:
    """Return the stretch that a damaged row may speak of."""
    if np.isnan(start_s) or np.isnan(end_s):
        return -np.inf, np.inf
    return min(start_s, end_s), max(start_s, end_s)
