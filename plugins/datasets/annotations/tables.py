"""Which kind of table a file is, and which recording it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from plugins.datasets.annotations.audacity import is_audacity, read_audacity
from plugins.datasets.annotations.columns import HEADINGS, Columns, read_columns
from plugins.datasets.annotations.crowsetta_tables import FORMATS, format_of, read_crowsetta
from plugins.datasets.annotations.delimited import NoTable, read_grid, read_text, separator_of
from plugins.datasets.annotations.raven import is_raven, read_raven
from plugins.datasets.annotations.selections import NOTHING, Table

KINDS = ("auto", "raven", "audacity", "csv", *FORMATS)
SUFFIXES = (".txt", ".tsv", ".csv", *(".textgrid", ".not.mat", ".phn", ".wrd"))


class Unrecognised(NoTable):
    """A text that looks like no kind of table."""


def may_be_table(name: str) -> bool:
    """Say whether a file's name ends like one of a table of annotations."""
    return name.casefold().endswith(SUFFIXES)


def read_table(name: str, data: bytes, kind: str, columns: Columns) -> Table:
    """Read a table of whichever kind; "auto" looks at its name and first line.

    An empty file is a table without selections: Audacity writes an empty label track so.

    Raises
    ------
    NoTable
        It is no table of that kind, or lacks a column.
    Unavailable
        It takes crowsetta, which is not installed.
    """
    if kind in FORMATS or (kind == "auto" and format_of(name)):
        return read_crowsetta(name, data, kind if kind in FORMATS else format_of(name))
    text, note = read_text(data)
    line = next((each for each in text.splitlines() if each.strip()), "")
    if not line:
        return Table(name, NOTHING, NOTHING.channels, (), (), ("is empty",))
    table = _read_text_table(name, text, kind if kind != "auto" else _kind(line, columns), columns)
    return replace(table, notes=(*table.notes, note)) if note else table


def _read_text_table(name: str, text: str, kind: str, columns: Columns) -> Table:
    if kind == "raven":
        return read_raven(name, text, columns)
    if kind == "audacity":
        return read_audacity(name, text)
    line = next(each for each in text.splitlines() if each.strip())
    return read_columns(name, read_grid(text, separator_of(line)), columns)


def _kind(line: str, columns: Columns) -> str:
    """Name the kind of table that has this first line.

    Raises
    ------
    Unrecognised
        It is that of none.
    """
    if is_raven(line):
        return "raven"
    if is_audacity(line):
        return "audacity"
    headings = {each.strip().strip('"').casefold() for each in line.split(separator_of(line))}
    starts = (columns.start.strip().casefold(),) if columns.start else HEADINGS["start"]
    if headings & set(starts):
        return "csv"
    raise Unrecognised(
        f"is no table of annotations: its first line is {line.strip()[:60]!r}; Raven's has "
        "'Begin Time (s)', Audacity's begins with two numbers, others need a column for the start "
        "(start_column=NAME) and the end"
    )


class Recordings:
    """The names of recordings, to be found by those of tables and by what stands in them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name: name for name in names}
        self._by_stem = _unique((_stem(name), name) for name in self._names)
        self._by_last = _unique((PurePosixPath(name).name, name) for name in self._names)
        self._by_last_stem = _unique((_stem(PurePosixPath(n).name), n) for n in self._names)

    def of_table(self, table: str, beside: bool) -> str | None:
        """Return the recording whose name a table's begins with, up to a dot.

        ``site/a.wav`` has ``site/a.Table.1.selections.txt``, ``site/a.txt``, ``site/a.wav.txt``.

        Parameters
        ----------
        beside
            Tables lie beside their recordings, so their folders must agree; else the names alone
            may do.
        """
        folder, _, last = table.rpartition("/")
        parts = last.split(".")
        for count in range(len(parts) - 1, 0, -1):
            stem = ".".join(parts[:count])
            path = f"{folder}/{stem}" if folder else stem
            found = self._names.get(path) or self._by_stem.get(path)
            if not found and not beside:
                found = self._by_last.get(stem) or self._by_last_stem.get(stem)
            if found:
                return found
        return None

    def named(self, written: str) -> str | None:
        """Return the recording that a row names: by its path, its name, or without its suffix."""
        last = PurePosixPath(written).name
        return (
            self._names.get(written)
            or self._by_last.get(last)
            or self._by_last_stem.get(last)
            or self._by_last_stem.get(_stem(last))
        )


def _stem(name: str) -> str:
    """Return a path without the suffix of its last part."""
    folder, slash, last = name.rpartition("/")
    return folder + slash + (last.rpartition(".")[0] or last)


def _unique(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Map what belongs to one name only."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for key, name in pairs:
        if key in found:
            twice.add(key)
        found[key] = name
    return {key: name for key, name in found.items() if key not in twice}


def several(items: Sequence[str], most: int = 3) -> str:
    """Write some names, and how many more there are."""
    rest = len(items) - most
    return ", ".join(items[:most]) + (f" and {rest} more" if rest > 0 else "")
