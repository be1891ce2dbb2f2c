"""Tables of text in any usual delimiter and encoding."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import DatasetError
from plugins.datasets.tables import DELIMITERS, read_table

WANTED = ("path", "label")
PLAIN = "path,label\na.wav,x\n\nb.wav,y\n"


def read(text: str, encoding: str = "utf-8") -> list[tuple[int, dict[str, str]]]:
    table = read_table(text.encode(encoding), "t.csv", WANTED)
    return [(row.number, dict(row.cells)) for row in table.rows]


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_delimiter_and_encoding_are_recognised(delimiter: str, encoding: str) -> None:
    text = PLAIN.replace(",", delimiter).replace("y", "\u00e9paulard")
    assert read(text, encoding) == [
        (2, {"path": "a.wav", "label": "x"}),
        (4, {"path": "b.wav", "label": "\u00e9paulard"}),
    ]


def test_what_is_not_unicode_is_said() -> None:
    (said,) = read_table("path,label\na,\u00e9\n".encode("cp1252"), "t.csv", WANTED).remarks
    assert "not UTF-8; it was read as cp1252" in said
    assert read_table(PLAIN.encode("utf-16"), "t.csv", WANTED).remarks == ()


@pytest.mark.parametrize(
    ("delimiter", "name", "said"),
    [
        (";", "t.csv", "separated by semicolon"),
        ("\t", "t.csv", "separated by tab"),
        ("|", "t.csv", "separated by pipe"),
        (",", "t.csv", ""),
        ("\t", "t.tsv", ""),
    ],
)
def test_a_delimiter_that_is_not_the_usual_one_is_said(
    delimiter: str, name: str, said: str
) -> None:
    remarks = read_table(PLAIN.replace(",", delimiter).encode(), name, WANTED).remarks
    assert bool(remarks) == bool(said)
    assert said in "".join(remarks)


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_of_excel_that_names_the_delimiter_is_no_heading(line: str) -> None:
    assert read(f"{line}\r\npath;label,with comma;label\r\na;x;y\r\n") == [
        (3, {"path": "a", "label,with comma": "x", "label": "y"})
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_are_numbered_as_an_editor_numbers_lines(end: str) -> None:
    lines = ["", "path,label", "", 'a,"two', 'lines"', " , ", "b,y", "   ", "c,z"]
    assert [number for number, _ in read(end.join(lines))] == [4, 7, 9]


def test_spaces_after_a_delimiter_do_not_hide_quotation_marks() -> None:
    assert read('path , label\na, "x, y"\n') == [(2, {"path": "a", "label": "x, y"})]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,call, loud", "has 3 cells under 2 headings: quote a cell that holds a comma"),
        ("a", "has 1 cells under 2 headings"),
        ("a,call,", "has 3 cells under 2 headings"),
    ],
)
def test_ragged_rows_have_their_fault(row: str, words: str) -> None:
    table = read_table(f"path,label\nb,x\n{row}\n".encode(), "t.csv", WANTED)
    assert [each.fault is None for each in table.rows] == [True, False]
    assert words in str(table.rows[1].fault)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"path,label, label\na,b,c\n", "'label' as the heading of two columns"),
        (b'path,label\na,"x\nb,y\n', "from row 2 on"),
        (b'path,label\na,x\nb,"y"z\n', "from row 3 on"),
        (b"path,label\na," + b"x" * 200_000, "from row 2 on"),
        (b"PK\x03\x04", "is a workbook or a zip"),
        (bytes(range(32)), "is no text"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(DatasetError, match=r"'t\.csv'") as caught:
        read_table(data, "t.csv", WANTED)
    assert words in str(caught.value)


def test_columns_without_a_name_are_passed_over() -> None:
    assert read(",path,label,\n0,a,x,\n") == [(2, {"path": "a", "label": "x"})]


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8)


@given(
    rows=st.lists(st.tuples(cells, cells, cells), max_size=8),
    delimiter=st.sampled_from(DELIMITERS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=150)
def test_what_was_written_is_read_back(
    rows: list[tuple[str, str, str]], delimiter: str, encoding: str, quoting: int, end: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerows([("path", "label", "note"), *rows])
    table = read_table(out.getvalue().encode(encoding), "t.csv", WANTED)
    read_back = [tuple(each.strip() for each in row.cells.values()) for row in table.rows]
    expected = [tuple(each.strip() for each in row) for row in rows]
    assert read_back == [row for row in expected if any(row)]
    assert not [row for row in table.rows if row.fault]
    assert [row.number for row in table.rows] == sorted({row.number for row in table.rows})


@given(st.binary(max_size=60) | st.text('path,label;\t|"\n\r sep=', max_size=60).map(str.encode))
@settings(max_examples=300)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(DatasetError):
        table = read_table(data, "t.csv", WANTED)
        assert all(set(row.cells) <= set(table.headings) for row in table.rows)
