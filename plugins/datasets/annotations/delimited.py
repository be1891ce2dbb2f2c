"""From the bytes of a table to its columns: encodings, separators, decimal commas."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plugins.datasets.annotations.selections import Damaged, Numbers

SEPARATORS = "\t;,"
_BEGINNINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class NoTable(Exception):
    """The file is no table of annotations; the message is the reason alone."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a table.

    Parameters
    ----------
    columns
        The cells under each heading, by its name in small letters.
    rows
        The number of each row in the file; the first line is row 1.
    damaged
        Rows with more cells than headings.
    """

    columns: dict[str, list[str]]
    rows: list[int]
    damaged: tuple[Damaged, ...]


def read_text(data: bytes) -> tuple[str, str]:
    """Decode a table, and say how if it is not plain UTF-8.

    UTF-16 is known by its byte order mark, or by its zero bytes; what is not UTF-8 is taken as
    Windows-1252, in which programs on Windows write by default.
    """
    for mark, encoding in _BEGINNINGS:
        if data.startswith(mark):
            return _decoded(data, encoding), ""
    if data[1:2] == b"\0" or data[:1] == b"\0":
        return _decoded(data, "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"), ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "is not UTF-8 and was read as Windows-1252"


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NoTable(f"is not {encoding} text, as its beginning says: {error.reason}") from error


def separator_of(line: str) -> str:
    """Name what separates the cells of a line: a tab, a semicolon or a comma."""
    return next((each for each in SEPARATORS if each in line), ",")


def read_grid(text: str, separator: str, headings: Sequence[str] = ()) -> Grid:
    """Cut a table into cells; `headings` where its first line has none.

    Raises
    ------
    NoTable
        It breaks the rules of such files.
    """
    lines = io.StringIO(text, newline="")
    if separator == "\t":
        reader = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=separator)
    try:
        numbered = [(row, cells) for row, cells in enumerate(reader, start=1) if any(cells)]
    except csv.Error as error:
        raise NoTable(f"cannot be read as a table: {error}") from error
    if not headings:
        headings = numbered.pop(0)[1] if numbered else ()
    names = _distinct([each.strip().casefold() for each in headings])
    width = len(names)
    damaged = tuple(
        Damaged(row, f"has {len(cells)} cells under {width} headings{_hint(separator)}")
        for row, cells in numbered
        if any(cell.strip() for cell in cells[width:])
    )
    wrong = {each.row for each in damaged}
    sound = [(row, cells) for row, cells in numbered if row not in wrong]
    padded = [(cells + [""] * width)[:width] for _, cells in sound]
    columns = [list(column) for column in zip(*padded, strict=True)] or [[] for _ in names]
    return Grid(dict(zip(names, columns, strict=True)), [row for row, _ in sound], damaged)


def _distinct(names: Sequence[str]) -> list[str]:
    """Keep the first of headings that stand twice; the others get a number."""
    counts: dict[str, int] = {}
    given = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        given.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return given


def _hint(separator: str) -> str:
    if separator != ",":
        return ""
    return "; with decimal commas, separate the cells by semicolons or put them in quotes"


def read_numbers(cells: Sequence[str]) -> tuple[Numbers, bool]:
    """Turn cells into numbers, NaN where one is none, and say whether they had decimal commas.

    A comma is a decimal comma where no cell of the column has a point: "1,5" beside "2.5" is
    not a number, for nobody can say which is meant.
    """
    if not any("," in cell for cell in cells):
        return _plain_numbers(cells), False
    points = any("." in cell for cell in cells)
    read = [
        cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell.strip()) and not points else cell
        for cell in cells
    ]
    return _plain_numbers(read), not points


def _plain_numbers(cells: Sequence[str]) -> Numbers:
    numbers = np.array(
        [float(cell) if _NUMBER.fullmatch(cell.strip()) else np.nan for cell in cells],
        dtype=np.float64,
    )
    return np.where(np.isfinite(numbers), numbers, np.nan)
