"""Tables of annotations: what Raven, Audacity, spreadsheets and crowsetta write."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.datasets.annotations.audacity import read_audacity, write_audacity
from plugins.datasets.annotations.columns import Columns
from plugins.datasets.annotations.crowsetta_tables import FORMATS
from plugins.datasets.annotations.delimited import NoTable, read_numbers
from plugins.datasets.annotations.raven import read_raven, write_raven
from plugins.datasets.annotations.selections import Selections, Table, together
from plugins.datasets.annotations.tables import KINDS, Recordings, read_table

RAVEN = (
    "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\t"
    "Annotation\r\n"
    "1\tWaveform 1\t1\t64.35\t66.35\t0.0\t1000.0\tupcall\r\n"
    "1\tSpectrogram 1\t1\t64.35\t66.35\t50.0\t350.0\tupcall\r\n"
    "2\tSpectrogram 1\t2\t81.9\t83.9\t60.5\t200.0\tgunshot\r\n"
)


def read(text: str | bytes, name: str = "a.txt", **columns: str) -> Table:
    data = text.encode("utf-8") if isinstance(text, str) else text
    return read_table(name, data, "auto", Columns(**columns))


def reasons(table: Table) -> dict[int, str]:
    return {each.row: each.why for each in table.damaged}


def test_raven_rows_of_two_views_are_one_selection() -> None:
    table = read(RAVEN)
    assert (len(table.selections), table.damaged, table.notes) == (3, (), ())
    once = table.selections.once()
    assert once.labels == ("upcall", "gunshot")
    np.testing.assert_array_equal(once.start_s, [64.35, 81.9])
    np.testing.assert_array_equal(once.low_hz, [50.0, 60.5])
    np.testing.assert_array_equal(once.channels, [1, 2])


def test_an_overlap_of_two_classes_stays_two_selections() -> None:
    both = read("start,end,label\n1,2,a\n1,2,b\n1,2,a\n").selections.once()
    assert both.labels == ("a", "b")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_encodings(encoding: str) -> None:
    table = read(RAVEN.replace("gunshot", "Fußknall").encode(encoding))
    assert table.selections.labels[2] == "Fußknall"
    assert bool(table.notes) == (encoding == "cp1252")


def test_a_raven_table_of_a_sequence_counts_from_each_file() -> None:
    table = read(
        "Begin Time (s)\tEnd Time (s)\tBegin File\tFile Offset (s)\tSpecies\n"
        "1810\t1812.5\tb.wav\t10\tx\n"
        "3\t4\tC:\\sea\\a.wav\t3\ty\n"
    )
    np.testing.assert_array_equal(table.selections.start_s, [10, 3])
    np.testing.assert_array_equal(table.selections.end_s, [12.5, 4])
    assert table.files == ("b.wav", "C:/sea/a.wav")


def test_a_sequence_without_offsets_is_refused() -> None:
    with pytest.raises(NoTable, match="File Offset"):
        read("Begin Time (s)\tEnd Time (s)\tBegin File\n1\t2\ta.wav\n1810\t1812\tb.wav\n")


def test_audacity_labels_with_and_without_frequencies() -> None:
    table = read("2.15\t2.15\tpoint\n3.4\t6.1\tregion\n\\\t50.5\t-1.000000\n7\t8\tregion\n")
    selections = table.selections
    assert selections.labels == ("point", "region", "region")
    np.testing.assert_array_equal(selections.end_s, [2.15, 6.1, 8])
    np.testing.assert_array_equal(selections.low_hz, [np.nan, 50.5, np.nan])
    assert np.isnan(selections.high_hz).all()
    assert table.rows.tolist() == [1, 2, 4]


@pytest.mark.parametrize(
    "text",
    [
        "start,end,label\n1.5,2.5,whale\n",
        "Start;End;Label;Remark\n1,5;2,5;whale;\n",
        "start,duration,label\n1.5,1,whale\n",
        'start,end,label\n"1,5","2,5",whale\n',
        "file\tonset_s\toffset_s\tlabel\na.wav\t1.5\t2.5\twhale\n",
        '"Begin Time (s)","End Time (s)","Annotation"\n1.5,2.5,whale\n',
    ],
)
def test_csv_of_many_hands(text: str) -> None:
    selections = read(text, "a.csv").selections
    assert selections.labels == ("whale",)
    np.testing.assert_array_equal([*selections.start_s, *selections.end_s], [1.5, 2.5])


def test_columns_can_be_named() -> None:
    text = "from,to,who,start\n1,2,whale,x\n"
    table = read(text, start="From", end="to", label="who")
    assert (table.selections.labels, table.selections.start_s[0]) == (("whale",), 1.0)
    with pytest.raises(NoTable, match=r"no column 'what', only 'from', 'to', 'who', 'start'"):
        read(text, start="from", end="to", label="what")
    with pytest.raises(NoTable, match=r"no column for the end.*end_column="):
        read(text)


def test_a_table_without_labels_is_of_one_class_and_says_so() -> None:
    table = read("start,end\n1,2\n")
    assert table.selections.labels == ("call",)
    assert table.notes == ("has no column of labels: all of its selections are 'call'",)


def test_damaged_rows_say_what_and_where() -> None:
    table = read("start,end,label\n1,2,a\n3,2,a\n\nx,2,a\n1,nan,a\n-1,2,a\n5,6,\n1,5,2,5,a\n1,2\n")
    assert reasons(table) == {
        3: "ends before it begins: from 3 s to 2 s",
        5: "has a beginning that is not a number of seconds",
        6: "has an end that is not a number of seconds",
        7: "begins before its recording, at -1 s",
        8: "has no label",
        9: "has 5 cells under 3 headings; with decimal commas, separate the cells by semicolons "
        "or put them in quotes",
        10: "has no label",
    }
    assert table.rows.tolist() == [2]
    unplaced = {each.row for each in table.damaged if np.isinf(each.end_s)}
    assert unplaced == {5, 6, 9}


def test_commas_beside_points_are_no_numbers() -> None:
    table = read("start;end;label\n1,234.5;2;a\n1,5;2;a\n2.5;3;a\n")
    assert sorted(reasons(table)) == [2, 3]
    assert read_numbers(["1,5", "2"])[0].tolist() == [1.5, 2.0]


@pytest.mark.parametrize("cell", ["inf", "nan", "1_000", "0x10", "", "1e999", "--1"])
def test_odd_numbers_are_none(cell: str) -> None:
    value = read_numbers([cell])[0][0]
    assert np.isnan(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Dear all, this is no table.\n", "first line is 'Dear all, this is no table.'"),
        ("a\tb\n1\t2\n", "no table of annotations"),
        (b"\xff\xfea", "not utf-16 text"),
        ('start,end,label\n1,2,"' + "x" * 200_000 + '"\n', "cannot be read as a table"),
    ],
)
def test_what_is_no_table_says_why(text: str | bytes, why: str) -> None:
    with pytest.raises(NoTable, match=why):
        read(text)


@pytest.mark.parametrize("text", ["", "\r\n", RAVEN.splitlines()[0], "start,end,label\n"])
def test_an_empty_table_has_no_selections(text: str) -> None:
    assert len(read(text).selections) == 0
    assert read(text).damaged == ()


PIECES = st.sampled_from(
    [*"0123456789.,;\t\r\n\"\\-e", "Begin Time (s)", "End Time (s)", "start", "end", "label",
     "nan", "\0", "\ufeff", "ü", "File Offset (s)", "Begin File", "View", "Channel", "1\t2\tx\n"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_text_is_read_or_refused(text: str, encoding: str) -> None:
    data = text.encode(encoding, "replace")
    for kind in ("auto", "raven", "audacity", "csv"):
        try:
            table = read_table("a.txt", data, kind, Columns())
        except NoTable:
            continue
        selections = table.selections
        assert (selections.start_s >= 0).all()
        assert (selections.end_s >= selections.start_s).all()
        assert all(selections.labels)
        assert len(table.rows) == len(table.files) == len(selections)


TIMES = st.floats(0, 1e6).map(lambda value: round(value, 6))
LABELS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8).filter(
    lambda text: text != "\\"
)


@st.composite
def events(draw: st.DrawFn) -> Selections:
    rows = draw(st.lists(st.tuples(TIMES, TIMES, TIMES, TIMES, LABELS), min_size=1, max_size=6))
    starts, lengths, lows, widths, labels = zip(*rows, strict=True)
    ends = np.round(np.add(starts, lengths), 6)
    highs = np.round(np.add(lows, widths), 6)
    return Selections.of(starts, ends, labels, low_hz=lows, high_hz=highs)


def assert_same(one: Selections, other: Selections, tolerance: float = 1e-6) -> None:
    assert one.labels == other.labels
    for column in ("start_s", "end_s", "low_hz", "high_hz"):
        np.testing.assert_allclose(
            getattr(one, column), getattr(other, column), rtol=0, atol=tolerance
        )


@given(events())
def test_raven_round_trip(made: Selections) -> None:
    assert_same(read_raven("a.txt", write_raven(made)).selections, made)
    named = read_raven("a.txt", write_raven(made, "b.wav"))
    assert_same(named.selections, made)
    assert set(named.files) == {"b.wav"}


@given(events())
def test_audacity_round_trip(made: Selections) -> None:
    assert_same(read_audacity("a.txt", write_audacity(made)).selections, made)


def test_unknown_frequencies_and_scores_survive() -> None:
    made = Selections.of(
        [1, 3], [2, 4], ["a", "b"], low_hz=[50, np.nan], high_hz=[np.nan, 90], scores=[0.5, 0.25]
    )
    for back in (
        read_raven("a.txt", write_raven(made)).selections,
        read_audacity("a.txt", write_audacity(made)).selections,
    ):
        assert_same(back, made)
    assert read_raven("a.txt", write_raven(made)).selections.scores.tolist() == [0.5, 0.25]
    assert "Freq" not in write_raven(Selections.of([1], [2], ["a"]))


@pytest.mark.parametrize("write", [write_raven, write_audacity])
def test_a_hostile_label_cannot_break_a_table(write: object) -> None:
    made = Selections.of([1, 3], [2, 4], ["a\tb\r\n9\t9\tc\x00", "\u2028d"])
    text = write(made)  # type: ignore[operator]
    assert read(text).selections.labels == ("a b 9 9 c", "d")


def test_no_events_make_an_empty_table() -> None:
    nothing = together([])
    assert write_audacity(nothing) == ""
    assert len(read(write_raven(nothing)).selections) == 0


def test_the_recording_of_a_table_by_its_name() -> None:
    names = Recordings(["s/a.wav", "s/a_1.wav", "t/a.wav", "t/b.1.flac"])
    assert names.of_table("s/a.Table.1.selections.txt", True) == "s/a.wav"
    assert names.of_table("s/a_1.txt", True) == "s/a_1.wav"
    assert names.of_table("t/a.wav.txt", True) == "t/a.wav"
    assert names.of_table("t/b.1.csv", True) == "t/b.1.flac"
    assert names.of_table("b.1.csv", True) is None
    assert names.of_table("b.1.csv", False) == "t/b.1.flac"
    assert names.of_table("a.csv", False) is None  # there are two of that name
    assert names.of_table("t/ab.txt", True) is None


def test_the_recording_that_a_row_names() -> None:
    names = Recordings(["s/a.flac", "s/b.flac", "t/b.flac"])
    for written in ("s/a.flac", "a.flac", "C:/sea/a.wav", "a"):
        assert names.named(written) == "s/a.flac"
    assert names.named("b.flac") is None
    assert names.named("t/b.flac") == "t/b.flac"
    assert names.named("../../etc/passwd") is None


def test_crowsettas_formats_are_those_that_it_has() -> None:
    crowsetta = pytest.importorskip("crowsetta")
    assert set(FORMATS) | {"raven"} == set(crowsetta.formats.as_list())
    assert set(FORMATS) < set(KINDS)


TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 4
tiers? <exists>
size = 1
item []:
    item [1]:
        class = "IntervalTier"
        name = "calls"
        xmin = 0
        xmax = 4
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1.5
            text = ""
        intervals [2]:
            xmin = 1.5
            xmax = 2.5
            text = "whale"
        intervals [3]:
            xmin = 2.5
            xmax = 4
            text = ""
"""


def test_crowsetta_reads_a_textgrid() -> None:
    pytest.importorskip("crowsetta")
    table = read(TEXTGRID, "sub/a.TextGrid")
    assert table.selections.labels == ("whale",)
    assert (table.selections.start_s[0], table.selections.end_s[0]) == (1.5, 2.5)
    with pytest.raises(NoTable, match="cannot be read by crowsetta as textgrid"):
        read("nonsense", "a.TextGrid")


def test_crowsetta_reads_what_is_written_for_raven(tmp_path: object) -> None:
    crowsetta = pytest.importorskip("crowsetta")
    made = Selections.of([1.25, 3], [2, 4.5], ["a", "b"], low_hz=[50, 60], high_hz=[200, 300])
    place = tmp_path / "a.selections.txt"  # type: ignore[operator]
    place.write_bytes(write_raven(made).encode())
    boxes = crowsetta.formats.bbox.Raven.from_file(place, annot_col="Annotation").to_bbox()
    assert [(b.onset, b.offset, b.low_freq, b.high_freq, b.label) for b in boxes] == [
        (1.25, 2.0, 50.0, 200.0, "a"),
        (3.0, 4.5, 60.0, 300.0, "b"),
    ]


def test_without_crowsetta_its_tables_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from harness import Unavailable

    monkeypatch.setitem(__import__("sys").modules, "crowsetta", None)
    with pytest.raises(Unavailable, match=r"pip install 'sightbench\[annotations\]'"):
        read(TEXTGRID, "a.TextGrid")
