"""WEKA's ARFF format: what is read of each row, and what is said of bad rows and headers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import BadClip, DatasetError
from plugins.datasets.time_series import TimeSeries

HEADER = (
    "% a comment\n@RELATION 'a b'\n@attribute 'x 1' numeric\n@attribute x2 REAL\n"
    "@attribute cls {up,'down under',\"q\"}\n@data\n"
)
FIRST_ROW = 7
RELATION = (
    "@relation r\n@attribute rel relational\n@attribute t0 numeric\n@attribute t1 numeric\n"
    "@end rel\n@attribute class {a,b}\n@data\n"
)


def write(path: Path, text: str | bytes) -> TimeSeries:
    file = path / "toy.arff"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return TimeSeries(path=str(file))


@pytest.mark.parametrize(
    ("row", "label", "numbers"),
    [
        ("1,2,up", "up", [1, 2]),
        (" 1 , 2 ,'down under'", "down under", [1, 2]),
        ("1\t2\tq", "q", [1, 2]),
        ("'1',\"2\",up", "up", [1, 2]),
        ("1e2,-2.5,up", "up", [100, -2.5]),
        ("1,?,up", "up", [1]),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_are_read(
    tmp_path: Path, row: str, label: str, numbers: list[float], end: str
) -> None:
    dataset = write(tmp_path, "\ufeff" + (HEADER + row + "\n").replace("\n", end))
    (entry,) = dataset.entries()
    assert (entry.label, entry.fault, entry.side) == (label, None, None)
    np.testing.assert_array_equal(dataset.read(entry).samples, np.float32([numbers]))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1,2", "has 2 values where the header declares 3 attributes"),
        ("1,2,3,up", "has 4 values where the header declares 3 attributes"),
        ("1,2,sideways", "'sideways', which the header does not list"),
        ("1,2,?", "has no label"),
        ("{0 1,2 up}", "is a sparse row"),
        ("1,2,'up", "quote that is not closed"),
        ("1,2,'up' x", "quote that is not closed, or text beside it"),
        ("?,2,up", "missing or infinite values .* value 1"),
        ("?,?,up", "holds no samples"),
        ("1,x,up", "'x' stands where value 2 should be"),
        ("1,,up", "'' stands where value 2 should be"),
        ("1,1_000,up", "'1_000' stands where value 2 should be"),
        ("1,inf,up", "missing or infinite"),
    ],
)
def test_bad_rows_are_told_with_their_line(tmp_path: Path, row: str, words: str) -> None:
    dataset = write(tmp_path, HEADER + "% passed over\n\n1,2,up\n" + row + "\n")
    good, bad = dataset.entries()
    assert dataset.read(good).samples.shape == (1, 2)
    assert bad.where == f"toy.arff, series 2 (line {FIRST_ROW + 3})"
    with pytest.raises(BadClip, match=words):
        raise BadClip(bad.fault) if bad.fault else AssertionError(dataset.read(bad))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (HEADER.replace("numeric", ""), "line 3: .* declares no attribute"),
        (HEADER.replace("REAL", "string"), "'x2' is 'string'"),
        (HEADER.replace("@attribute x2", "@atribute x2"), "line 4: .* is no line of an ARFF"),
        (HEADER.replace('"q"}', ""), "line 5: .* declares no attribute"),
        (HEADER.replace("under'", "under"), "line 5: its list of classes has a quote"),
        ("@relation r\n@attribute a numeric\n@data\n", "has no class: none of its 1 attributes"),
        ("@relation r\n@attribute class {a}\n@data\n", "and there are none"),
        (HEADER.replace("@data", "@date"), "has no @data line"),
    ],
)
def test_bad_headers_are_told(tmp_path: Path, header: str, words: str) -> None:
    with pytest.raises(DatasetError, match=words):
        write(tmp_path, header + "1,2,up\n").entries()


def test_a_relation_holds_the_channels(tmp_path: Path) -> None:
    dataset = write(tmp_path, RELATION + "'1,2\\n3,4',a\n\"1,2\\n3\",b\n'',a\n")
    whole, ragged, empty = dataset.entries()
    np.testing.assert_array_equal(dataset.read(whole).samples, [[1, 2], [3, 4]])
    with pytest.raises(BadClip, match=r"channels of different lengths \(2, 1\)"):
        dataset.read(ragged)
    with pytest.raises(BadClip, match="no samples"):
        dataset.read(empty)


def test_labels_of_another_encoding_keep_their_bytes(tmp_path: Path) -> None:
    text = HEADER.replace("up,", "caf\u00e9,") + "1,2,caf\u00e9\n"
    (entry,) = write(tmp_path, text.encode("latin-1")).entries()
    assert (entry.label, entry.fault) == ("caf\\xe9", None)
    (entry,) = write(tmp_path, text.encode()).entries()
    assert (entry.label, entry.fault) == ("caf\u00e9", None)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_encodings_are_refused_by_name(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(DatasetError, match="is UTF-16 or no text: save it as UTF-8"):
        write(tmp_path, (HEADER + "1,2,up\n").encode(encoding)).entries()


def test_a_pair_of_files_says_its_sides(tmp_path: Path) -> None:
    for end in ("TRAIN", "TEST"):
        (tmp_path / f"Toy_{end}.arff").write_text(HEADER + "1,2,up\n")
    sides = [entry.side for entry in TimeSeries(path=str(tmp_path / "Toy")).entries()]
    assert sides == ["train", "holdout"]
    alone = TimeSeries(path=str(tmp_path / "Toy_TRAIN.arff")).entries()
    assert [entry.side for entry in alone] == [None]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    at=st.integers(0, 400),
    put=st.binary(max_size=6) | st.sampled_from([b"'", b'"', b"{", b"@", b"\n", b"%", b"\\"]),
    cut=st.integers(0, 12),
    text=st.sampled_from(
        [
            HEADER + "1,2,up\n3,4,q\n",
            RELATION + "'1,2\\n3,4',a\n",
            "@classLabel true a\n@data\n1:a\n",
        ]
    ),
)
def test_damaged_files_give_series_or_a_reason(
    tmp_path: Path, at: int, put: bytes, cut: int, text: str
) -> None:
    data = text.encode()
    at %= len(data)
    dataset = write(tmp_path, data[:at] + put + data[at + cut :])
    try:
        entries = dataset.entries()
    except DatasetError:
        return
    for entry in entries:
        try:
            samples = dataset.read(entry).samples
        except BadClip:
            continue
        assert samples.size
        assert np.isfinite(samples).all()
