"""Documents come back as they were, or are refused with what is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.errors import StoreError
from harness.files.documents import (
    checked,
    filled,
    plain,
    read_document,
    write_document,
    written,
)


@dataclass(frozen=True)
class Inner:
    name: str
    share: float | None


@dataclass(frozen=True)
class Outer:
    count: int
    parts: tuple[Inner, ...]
    sizes: dict[str, int]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
OUTER = st.builds(
    Outer,
    st.integers(-(2**62), 2**62),
    st.lists(st.builds(Inner, TEXT, st.none() | FLOATS), max_size=3).map(tuple),
    st.dictionaries(TEXT, st.integers(0, 9), max_size=3),
)


@given(OUTER)
@settings(deadline=None)
def test_any_document_reads_back_the_same(tmp_path_factory: pytest.TempPathFactory, value) -> None:
    path = tmp_path_factory.mktemp("documents") / "a.json"
    write_document(path, value)
    assert read_document(Outer, path) == value


CELLS = st.none() | st.integers() | TEXT


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8), st.booleans())
def test_rows_are_filled_in_as_json_has_them(rows, ascii) -> None:
    columns = [[row[place] for row in rows] for place in (0, 1)]
    pattern = '{"one": %s, "two": %s}'
    expected = [
        json.dumps(dict(zip(("one", "two"), row, strict=True)), ensure_ascii=ascii) for row in rows
    ]
    assert list(filled(pattern, columns, ascii=ascii)) == expected


KEYS = TEXT | st.integers() | st.booleans() | st.none() | FLOATS
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | TEXT | FLOATS.map(np.float64),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(TEXT, inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
)


@given(st.dictionaries(TEXT, ANYTHING) | st.lists(ANYTHING))
@example({"a": []})
@example({"rows": [{"a": 1, "b": "},\n   {"}, {"c": None}]})
@example([[{"a": 1}], [{"a": 1}, {}], [{"a": 1}, {1: 1}], [{"a": [1]}]])
@example([[], {}, [[]], "\n", "é\u2028"])
def test_documents_are_written_as_json_writes_them(value) -> None:
    assert written(value) == json.dumps(value, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("value", [[float("nan")], {"a": [1, float("inf")]}, {"a": [[{}, -1e999]]}])
def test_a_number_that_is_none_is_not_written(value) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        written(value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"count": "3"}, "count: Input should be a valid integer"),
        ({"count": 1.5}, "count"),
        ({"count": True}, "count"),
        ({"parts": [{"name": "a"}]}, "parts.0.share: Field required"),
        ({"parts": None}, "parts"),
        ({"sizes": {"a": "many"}}, "sizes.a"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_by_name(change, words) -> None:
    sound = plain(Outer(1, (Inner("a", 0.5),), {"a": 1}))
    assert checked(Outer, sound, "here") == Outer(1, (Inner("a", 0.5),), {"a": 1})
    with pytest.raises(StoreError, match=f"here is damaged: {words}"):
        checked(Outer, sound | change, "here")


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"schema": 2}', b"\xff\xfe", b"[" * 100_000, b'"text"', b"null"]
)
def test_a_damaged_file_is_refused_by_its_path(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(text)
    with pytest.raises(StoreError, match=r"a\.json"):
        read_document(Outer, path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"a\.json is missing"):
        read_document(Outer, tmp_path / "a.json")


def test_numbers_that_other_programs_cannot_read_are_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        write_document(tmp_path / "a.json", Inner("a", float("nan")))
    assert list(tmp_path.iterdir()) == []
