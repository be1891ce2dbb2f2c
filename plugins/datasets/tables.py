"""Tables of text as people save them: any usual delimiter, any usual encoding.

Rows are numbered as an editor numbers lines: the first line of the file is row 1, blank lines
and line breaks inside a quoted cell count.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harness import DatasetError

DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


class Row(NamedTuple):
    """One row by its headings, and why its cells cannot be told apart, if so."""

    number: int
    cells: Mapping[str, str]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, rows that are not blank, and what was odd about reading them."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = ()


def read_table(data: bytes, name: str, wanted: Collection[str]) -> Table:
    """Read a table of text.

    Parameters
    ----------
    data
        The file's bytes.
    name
        What a person calls the file, for messages.
    wanted
        Headings that it should have; they help to find the delimiter.

    Raises
    ------
    DatasetError
        It is no text, has no heading row, two columns of one name, or a quotation mark that is
        never closed.
    """
    text, encoding = decode_text(data, name)
    lines = list(io.StringIO(text, newline=""))
    skipped, delimiter = 0, None
    if lines and (declared := _SEPARATOR_LINE.fullmatch(lines[0])):
        skipped, delimiter = 1, declared[1]
    delimiter = delimiter or _find_delimiter(lines, wanted)
    records = _records(lines, skipped, delimiter, name)
    if not records:
        return Table((), ())
    headings = tuple(cell.strip() for cell in records[0][1])
    check_headings(headings, name)
    rows = tuple(_row(headings, number, cells, delimiter) for number, cells in records[1:])
    return Table(headings, rows, tuple(_remarks(name, delimiter, encoding)))


def _remarks(name: str, delimiter: str, encoding: str) -> Iterator[str]:
    """Say how a table was read where a comma and UTF-8 would not do."""
    usual = "\t" if name.lower().endswith((".tsv", ".tab")) else ","
    if delimiter != usual:
        yield f"The table {name!r} is separated by {_NAMES.get(delimiter, repr(delimiter))}."
    if encoding not in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        yield f"The table {name!r} is not UTF-8; it was read as {encoding}: check its accents."


def decode_text(data: bytes, name: str) -> tuple[str, str]:
    """Decode a text file and name its encoding: Unicode if it is, else Windows' own.

    Raises
    ------
    DatasetError
        It is a workbook, or no text at all.
    """
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DatasetError(
            f"The table {name!r} is a workbook or a zip, not text: save it as CSV (UTF-8)."
        )
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if "\0" in text:
            break
        return text, encoding
    raise DatasetError(f"The table {name!r} is no text: save it as CSV (UTF-8).")


def _encodings(data: bytes) -> Sequence[str]:
    marked = [encoding for mark, encoding in _MARKS if data.startswith(mark)]
    if marked:
        return marked[:1]
    head = data[:2000]
    if head[1::2].count(0) > len(head) // 4:
        return ["utf-16-le"]
    if head[::2].count(0) > len(head) // 4:
        return ["utf-16-be"]
    return ["utf-8", "cp1252", "latin-1"]


def check_headings(headings: Sequence[str], name: str) -> None:
    """Refuse two columns of one name: nobody could say which of them is meant."""
    doubled = [each for each, count in Counter(headings).items() if each and count > 1]
    if doubled:
        raise DatasetError(
            f"The table {name!r} has {', '.join(map(repr, doubled))} as the heading of two columns "
            "or more: name each column once."
        )


def _find_delimiter(lines: Sequence[str], wanted: Collection[str]) -> str:
    """Find what separates the headings: what yields those wanted, else what yields most."""

    def worth(delimiter: str) -> tuple[bool, int]:
        try:
            records = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
            first = next((cells for cells in records if any(map(str.strip, cells))), [])
        except csv.Error:
            return False, 0
        return set(wanted) <= {cell.strip() for cell in first}, len(first)

    return max(DELIMITERS, key=worth)


def _records(
    lines: Sequence[str], skipped: int, delimiter: str, name: str
) -> list[tuple[int, list[str]]]:
    """Return the records that are not blank, each with the number of its first line."""
    reader = csv.reader(lines[skipped:], delimiter=delimiter, skipinitialspace=True, strict=True)
    records, number = [], skipped + 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                records.append((number, cells))
            number = skipped + reader.line_num + 1
    except csv.Error as error:
        raise DatasetError(
            f"The table {name!r} cannot be read from row {number} on ({error}): look for a "
            "quotation mark that is not closed, or stands alone."
        ) from error
    return records


def _row(headings: Sequence[str], number: int, cells: Sequence[str], delimiter: str) -> Row:
    named = dict(zip(headings, cells, strict=False))
    named.pop("", None)
    fault = None
    if len(cells) != len(headings):
        fault = (
            f"has {len(cells)} cells under {len(headings)} headings: quote a cell that holds a "
            f"{_NAMES.get(delimiter, repr(delimiter))}, fill up a row that is too short"
        )
    return Row(number, named, fault)
