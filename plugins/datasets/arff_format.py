"""Rows of WEKA's ARFF format, as the UCR / UEA archive writes time series in it.

The format: https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/
SciPy's reader keeps the whole set in memory and names no line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness import BadClip, DatasetError
from plugins.datasets.series_values import parse_channels, shown

NUMERIC = ("numeric", "real", "integer")
LABEL_NAMES = ("class", "target", "label")

_DECLARATION = re.compile(
    r"""@attribute\s+('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s{'"][^\s{]*)"""
    r"""(?:\s*(\{.*\})|\s+([^\s{]\S*)).*""",
    re.IGNORECASE | re.DOTALL,
)
_FIELD = re.compile(rb"""\s*('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^,'"]*)\s*(,|$)""", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Attribute:
    """One declared column: its name, its type in small letters, its classes if it lists any."""

    name: str
    type: str
    classes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ArffRows:
    """How the rows of one ARFF file are to be read.

    Parameters
    ----------
    columns
        How many values a row has.
    label_at
        Which of them is the label.
    classes
        The labels that the header lists; empty where it lists none.
    relational
        True where one column holds all channels, each on a line of its own.
    """

    columns: int
    label_at: int
    classes: frozenset[str]
    relational: bool

    def label(self, line: bytes) -> tuple[str, str | None]:
        """Return a row's label, and what is wrong with the row."""
        try:
            fields = self._fields(line)
        except BadClip as reason:
            return "", str(reason)
        written = _unquoted(fields[self.label_at])
        label = written.decode("utf-8", "backslashreplace")
        if label in ("", "?"):
            return label, "has no label"
        if self.classes and label not in self.classes:
            return label, f"has the label {shown(written)}, which the header does not list"
        return label, None

    def length(self, line: bytes) -> int:
        """Return the number of points of a row."""
        try:
            return len(self._channels(line)[0])
        except BadClip:
            return 0

    def series(self, line: bytes) -> NDArray[np.float32]:
        """Parse a row into channels [shape=(channels, n)]."""
        return parse_channels(self._channels(line))

    def _channels(self, line: bytes) -> list[list[bytes]]:
        fields = self._fields(line)
        del fields[self.label_at]
        if not self.relational:
            return [[_unquoted(each) for each in fields]]
        text = _unquoted(fields[0], newlines=True)
        return [each.split(b",") for each in text.split(b"\n") if each.strip()] or [[b"?"]]

    def _fields(self, line: bytes) -> list[bytes]:
        row = line.strip()
        if row.startswith(b"{"):
            raise BadClip("is a sparse row ({0 1, ...}): save the file with all values written out")
        fields = split_row(row)
        if len(fields) != self.columns:
            raise BadClip(
                f"has {len(fields)} values where the header declares {self.columns} attributes"
            )
        return fields


def split_row(row: bytes) -> list[bytes]:
    """Split a row at its commas, or at its tabs where it has no commas, outside of quotes.

    Raises
    ------
    BadClip
        A quote is not closed.
    """
    if b"'" not in row and b'"' not in row:
        return row.split(b"," if b"," in row else b"\t")
    fields, at = [], 0
    while True:
        found = _FIELD.match(row, at)
        if found is None:
            raise BadClip(f"has a quote that is not closed, or text beside it: {shown(row[at:])}")
        fields.append(found[1])
        if not found[2]:
            return fields
        at = found.end()


def read_arff_header(name: str, lines: Sequence[bytes]) -> ArffRows:
    """Read the attributes above @data; which is the label follows from their types.

    Raises
    ------
    DatasetError
        With the line that says so.
    """
    found: list[Attribute] = []
    inside = ""
    for number, line in enumerate(lines, start=1):
        text = line.decode("utf-8", "surrogateescape").strip()
        word = text.casefold().split(maxsplit=1)[0] if text else ""
        if word == "@end":
            inside = ""
        elif word == "@attribute" and not inside:
            attribute = _declared(name, number, text)
            found.append(attribute)
            inside = attribute.name if attribute.type == "relational" else ""
        elif word and not inside and word not in ("@relation", "@attribute") and word[0] != "%":
            raise DatasetError(
                f"{name!r}, line {number}: {shown(line.strip())} is no line of an ARFF header "
                "(@relation, @attribute, % for a comment)."
            )
    return _rows_of(name, found)


def _declared(name: str, number: int, text: str) -> Attribute:
    match = _DECLARATION.fullmatch(text)
    if match is None:
        raise DatasetError(
            f"{name!r}, line {number}: {shown(_bytes(text))} declares no attribute: it needs a "
            "name and a type."
        )
    title, kind = match[1].strip("'\""), match[2] or match[3]
    if not kind.startswith("{"):
        return Attribute(title, kind.casefold())
    inner = _bytes(kind[1:-1])
    try:
        written = [_unquoted(each) for each in split_row(inner.strip())]
    except BadClip as reason:
        raise DatasetError(f"{name!r}, line {number}: its list of classes {reason}.") from None
    classes = frozenset(each.decode("utf-8", "backslashreplace") for each in written)
    return Attribute(title, "nominal", classes)


def _rows_of(name: str, found: Sequence[Attribute]) -> ArffRows:
    """Say which attribute is the label; all others must be numbers, or one relation of them."""
    at = _label_place(found)
    if at is None:
        raise DatasetError(
            f"{name!r} has no class: none of its {len(found)} attributes lists classes ({{a,b}}) "
            f"or is called {' or '.join(LABEL_NAMES)}."
        )
    others = [each for place, each in enumerate(found) if place != at]
    relational = len(others) == 1 and others[0].type == "relational"
    odd = [each for each in others if each.type not in NUMERIC]
    if not others or (odd and not relational):
        first = [shown(_bytes(word)) for each in odd[:1] for word in (each.name, each.type)]
        which = " is ".join(first) or "there are none"
        raise DatasetError(
            f"{name!r} is no set of time series: attributes beside the class must be numeric, "
            f"and {which}."
        )
    return ArffRows(len(found), at, found[at].classes, relational)


def _label_place(found: Sequence[Attribute]) -> int | None:
    """Return the last attribute that lists classes, else the last that is called a class."""
    for place in reversed(range(len(found))):
        if found[place].type == "nominal":
            return place
    for place in reversed(range(len(found))):
        if found[place].name.casefold() in LABEL_NAMES:
            return place
    return None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _unquoted(field: bytes, newlines: bool = False) -> bytes:
    field = field.strip()
    if len(field) < 2 or field[:1] not in (b"'", b'"') or field[-1:] != field[:1]:
        return field
    inner = field[1:-1].replace(b"\\n", b"\n") if newlines else field[1:-1]
    return _ESCAPE.sub(rb"\1", inner)
