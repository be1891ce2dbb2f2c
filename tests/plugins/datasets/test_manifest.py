"""Recordings listed in a table."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from harness import DatasetError
from plugins.datasets.manifest import Manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "set"
    for name in ("a.wav", "sub/b.wav", "c.wav"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(root / name, np.full(10, 0.5), 4000)
    soundfile.write(tmp_path / "outside.wav", np.full(10, 0.5), 4000)
    return root


def write(path: Path, rows: list[dict[str, Any]]) -> str:
    if path.suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    else:
        lines = [",".join(rows[0])]
        lines += [",".join("" if v is None else str(v) for v in row.values()) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return str(path)


def row(path: Any, label: Any = "x", group: Any = None, side: Any = None) -> dict[str, Any]:
    return {"path": path, "label": label, "group": group, "side": side}


def faults(dataset: Manifest) -> dict[str, str]:
    return {entry.where: entry.fault for entry in dataset.entries() if entry.fault}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_rows_become_entries(folder: Path, suffix: str) -> None:
    rows = [
        row("a.wav", 1, "s1", "train"),
        row("./sub//b.wav", 0, None, "holdout"),
        row("c.wav", 2),
    ]
    dataset = Manifest(path=write(folder / f"table.{suffix}", rows))
    entries = dataset.entries()
    assert [(e.id, e.label, e.group, e.side, e.position, e.fault) for e in entries] == [
        ("a.wav", "1", "s1", "train", 0.0, None),
        ("sub/b.wav", "0", "sub/b.wav", "holdout", 1.0, None),
        ("c.wav", "2", "c.wav", None, 2.0, None),
    ]
    assert [dataset.read(entry).samples.shape for entry in entries] == [(1, 10)] * 3


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_every_bad_row_is_told_with_its_number(folder: Path, suffix: str) -> None:
    rows = [
        row("a.wav", "y"),
        row("none.wav"),
        row("c.wav", ""),
        row("sub/b.wav", "x", None, "loud"),
        row("../outside.wav"),
        row(str(folder.parent / "outside.wav")),
        row(None),
        row("./a.wav"),
        row("sub"),
    ]
    path = write(folder / f"table.{suffix}", rows)
    dataset = Manifest(path=path)
    entries = dataset.entries()
    assert len({entry.id for entry in entries}) == len(rows)
    said = {
        entry.where.partition(" (")[2] or entry.where + ")": entry.fault
        for entry in entries
        if entry.fault
    }
    for number, words in (
        (2, "is the file of row 9 too, with another label ('x' there, 'y' here)"),
        (3, f"does not exist in {str(folder)!r}"),
        (4, "has no label"),
        (5, "has the side 'loud'"),
        (6, "climbs out"),
        (7, "absolute path"),
        (8, "has no path"),
        (9, "is the file of row 2 too"),
        (10, "is a folder"),
    ):
        assert words in str(said.pop(f"row {number} of {Path(path).name})"))
    assert not said
    assert entries[1].where.startswith("none.wav ")


def test_a_link_that_leaves_the_folder_is_a_fault(folder: Path) -> None:
    (folder / "link.wav").symlink_to(folder.parent / "outside.wav")
    dataset = Manifest(path=write(folder / "table.csv", [row("a.wav"), row("link.wav")]))
    assert "leaves the folder" in faults(dataset)["link.wav (row 3 of table.csv)"]


def test_root_moves_where_paths_start(folder: Path) -> None:
    table = write(folder / "table.csv", [row("set/a.wav"), row("outside.wav"), row("../x.wav")])
    dataset = Manifest(path=table, root=str(folder.parent))
    assert [entry.fault is None for entry in dataset.entries()] == [True, True, False]


def test_root_may_be_a_zip(folder: Path) -> None:
    with zipfile.ZipFile(folder.parent / "clips.zip", "w") as archive:
        archive.write(folder / "a.wav", "in/a.wav")
    table = write(folder / "table.csv", [row("in/a.wav"), row("in/b.wav")])
    dataset = Manifest(path=table, root=str(folder.parent / "clips.zip"))
    good, bad = dataset.entries()
    assert dataset.read(good).samples.shape == (1, 10)
    assert "not in the zip" in str(bad.fault)


def test_an_absolute_path_inside_the_root_is_read(folder: Path) -> None:
    dataset = Manifest(path=write(folder / "table.csv", [row(str(folder / "sub/b.wav"))]))
    (entry,) = dataset.entries()
    assert (entry.id, entry.fault) == ("sub/b.wav", None)


def test_columns_may_be_called_otherwise(folder: Path) -> None:
    rows = [{"file": "a.wav", "species": "whale", "site": "n", "part": "train"}]
    dataset = Manifest(
        path=write(folder / "table.csv", rows),
        path_column="file",
        label_column="species",
        group_column="site",
        side_column="part",
    )
    (entry,) = dataset.entries()
    assert (entry.label, entry.group, entry.side) == ("whale", "n", "train")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"label_column": "species"}, r"no column 'species', only path, label.*label_column=NAME"),
        ({"group_column": "site"}, "no column 'site'"),
        ({"path_column": "file"}, "no column 'file'"),
    ],
)
def test_a_missing_column_is_refused(folder: Path, parameters: dict[str, str], words: str) -> None:
    path = write(folder / "table.csv", [row("a.wav")])
    with pytest.raises(DatasetError, match=words):
        Manifest(path=path, **parameters).entries()


def test_group_and_side_may_be_absent(folder: Path) -> None:
    dataset = Manifest(path=write(folder / "table.csv", [{"path": "a.wav", "label": "x"}]))
    (entry,) = dataset.entries()
    assert (entry.group, entry.side, entry.fault) == (None, None, None)


def said(dataset: Manifest) -> str:
    return "\n".join(dataset.remarks(dataset.entries()))


def test_a_clip_without_a_side_takes_no_part_which_is_said(folder: Path) -> None:
    rows = [row("a.wav", "x", None, "Train"), row("sub/b.wav", "y", None, "test"), row("c.wav")]
    dataset = Manifest(path=write(folder / "table.csv", rows))
    entries = dataset.entries()
    assert [entry.side for entry in entries] == ["train", "holdout", None]
    assert dataset.suggest_split(entries) == "given"
    assert "1 of 3 rows has no 'side' (row 4): by the given sides they take no part" in said(
        dataset
    )


def test_validation_trains_beside_a_test_and_is_held_out_without(folder: Path) -> None:
    rows = [row("a.wav", "x", None, "train"), row("c.wav", "y", None, "val")]
    dataset = Manifest(path=write(folder / "table.csv", rows))
    assert [entry.side for entry in dataset.entries()] == ["train", "holdout"]
    assert "'val': held out" in said(dataset)
    rows.append(row("sub/b.wav", "y", None, "test"))
    dataset = Manifest(path=write(folder / "table.csv", rows))
    assert [entry.side for entry in dataset.entries()] == ["train", "train", "holdout"]


def test_a_side_alone_is_no_split(folder: Path) -> None:
    rows = [row("a.wav", "x", None, "train"), row("c.wav", "y", None, "train")]
    dataset = Manifest(path=write(folder / "table.csv", rows))
    assert dataset.suggest_split(dataset.entries()) == "stratified"
    assert "the sides are not used" in said(dataset)
    rows = [row("a.wav", "x", "g", "test"), row("c.wav", "y", "h", "test")]
    dataset = Manifest(path=write(folder / "table.csv", rows))
    assert dataset.suggest_split(dataset.entries()) == "grouped"


def test_a_clip_without_a_group_is_a_group_of_its_own_which_is_said(folder: Path) -> None:
    rows = [row("a.wav", "x", "c.wav"), row("sub/b.wav", "y", "g"), row("c.wav", "y")]
    dataset = Manifest(path=write(folder / "table.csv", rows))
    assert len({entry.group for entry in dataset.entries()} - {None}) == 3
    assert "1 of 3 rows has no 'group' (row 4): each of them is a group of its own" in said(dataset)


def test_a_column_that_is_empty_throughout_says_nothing(folder: Path) -> None:
    dataset = Manifest(path=write(folder / "table.csv", [row("a.wav"), row("c.wav", "y")]))
    assert {(e.group, e.side, e.fold) for e in dataset.entries()} == {(None, None, None)}
    assert said(dataset) == ""


@pytest.mark.parametrize("column", ["fold", "time"])
def test_a_gap_in_folds_or_positions_is_refused_by_row(folder: Path, column: str) -> None:
    rows = [
        {"path": "a.wav", "label": "x", column: 1},
        {"path": "c.wav", "label": "y", column: None},
    ]
    positions = {"position_column": "time"} if column == "time" else {}
    dataset = Manifest(path=write(folder / "table.csv", rows), **positions)
    assert faults(dataset) == {
        "c.wav (row 3 of table.csv)": f"has no {column!r}, though 1 of 2 rows have one"
    }


def test_folds_and_positions_are_read(folder: Path) -> None:
    rows = [
        {"path": "a.wav", "label": "x", "fold": "Fold_2", "time": "7.5", "side": "train"},
        {"path": "c.wav", "label": "y", "fold": "3", "time": "-1", "side": "train"},
        {"path": "sub/b.wav", "label": "y", "fold": "", "time": "0", "side": "test"},
    ]
    dataset = Manifest(path=write(folder / "table.csv", rows), position_column="time")
    assert [(e.fold, e.position, e.fault) for e in dataset.entries()] == [
        ("2", 7.5, None), ("3", -1.0, None), (None, 0.0, None),
    ]  # fmt: skip


def test_a_position_that_is_no_number_is_refused_by_row(folder: Path) -> None:
    rows = [{"path": "a.wav", "label": "x", "time": "soon"}]
    dataset = Manifest(path=write(folder / "table.csv", rows), position_column="time")
    assert "which is no number" in faults(dataset)["a.wav (row 2 of table.csv)"]


def test_a_column_of_sides_that_is_not_read_is_named(folder: Path) -> None:
    rows = [
        {"path": "a.wav", "label": "x", "split": "train", "cv": "fold1"},
        {"path": "c.wav", "label": "y", "split": "test", "cv": "fold2"},
    ]
    dataset = Manifest(path=write(folder / "table.csv", rows))
    assert "say side_column=split" in said(dataset)
    assert "say fold_column=cv" in said(dataset)
    used = Manifest(path=dataset.path, side_column="split", fold_column="cv")
    assert [(e.side, e.fold) for e in used.entries()] == [("train", "1"), ("holdout", "2")]


def test_a_row_that_says_the_same_again_is_counted_once(folder: Path) -> None:
    rows = [row("a.wav"), row("./a.wav", " x "), row("c.wav", "y")]
    dataset = Manifest(path=write(folder / "table.csv", rows))
    assert [(e.id, e.fault) for e in dataset.entries()] == [("a.wav", None), ("c.wav", None)]
    assert "each is counted once (row 3)" in said(dataset)


@pytest.mark.parametrize("other", [row("a.wav", "y", "g", "train"), row("a.wav", "x", "g", "test")])
def test_rows_that_contradict_each_other_are_both_refused(
    folder: Path, other: dict[str, Any]
) -> None:
    rows = [row("a.wav", "x", "g", "train"), row("c.wav", "y", "g", "test"), other]
    dataset = Manifest(path=write(folder / "table.csv", rows))
    assert set(faults(dataset)) == {"a.wav (row 2 of table.csv)", "a.wav (row 4 of table.csv)"}
    assert len({entry.id for entry in dataset.entries()}) == 3


def test_ragged_rows_are_refused_by_the_number_that_an_editor_shows(folder: Path) -> None:
    (folder / "t.csv").write_text(
        'path,label,group\n\n"a.wav","two\nlines",g\nc.wav,call, loud,g\nsub/b.wav,y,g\n'
    )
    assert list(faults(Manifest(path=str(folder / "t.csv")))) == ["c.wav (row 5 of t.csv)"]


@pytest.mark.parametrize("written", ["sub\\b.wav", ".\\sub\\b.wav", "sub\\\\b.wav"])
def test_backslashes_stand_for_slashes(folder: Path, written: str) -> None:
    dataset = Manifest(path=write(folder / "table.csv", [row(written), row("a.wav", "y")]))
    assert [(e.id, e.fault) for e in dataset.entries()] == [("sub/b.wav", None), ("a.wav", None)]


def test_a_name_in_another_unicode_form_is_found(folder: Path) -> None:
    (folder / "a.wav").rename(folder / "e\u0301.wav")
    dataset = Manifest(path=write(folder / "table.csv", [row("\u00e9.wav")]))
    (entry,) = dataset.entries()
    assert entry.fault is None
    assert dataset.read(entry).samples.shape == (1, 10)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (["b.wav"], "Is it root='{folder}/sub'? 'b.wav' is found there."),
        (["set/a.wav", "set/c.wav"], "Is it root='{parent}'? 'set/a.wav' is found there."),
        (["../outside.wav"], "Is it root='{parent}'?"),
        (["{parent}/outside.wav"], "Is it root='{parent}'?"),
        (["/home/me/sub/b.wav"], "'sub/b.wav' is there: take '/home/me/' off"),
        (["C:\\me\\sub\\b.wav"], "'sub/b.wav' is there: take 'C:\\\\me\\\\' off"),
        (["x/y/b.wav"], "A file of that name lies at '{folder}/sub/b.wav'"),
        (["n.wav"], "Say where the paths start: root=FOLDER_OR_ZIP."),
        (["rec\\n.wav"], "Looked in '{folder}' (also with \"/\" for each backslash)"),
    ],
)
def test_where_no_file_is_found_it_says_where_it_looked_and_what_to_try(
    folder: Path, written: list[str], words: str
) -> None:
    places = {"folder": folder, "parent": folder.parent}
    rows = [row(each.format(**places)) for each in written]
    dataset = Manifest(path=write(folder / "table.csv", rows))
    with pytest.raises(DatasetError, match=f"None of the {len(rows)} file") as caught:
        dataset.entries()
    assert words.format(**places) in str(caught.value)
    assert rows[0]["path"].rpartition("\\")[2] in str(caught.value)


def test_a_zip_whose_names_begin_otherwise_is_told(folder: Path) -> None:
    with zipfile.ZipFile(folder.parent / "clips.zip", "w") as archive:
        archive.write(folder / "a.wav", "top/in/a.wav")
    table = write(folder / "table.csv", [row("in/a.wav")])
    with pytest.raises(DatasetError, match=r"A file of that name lies at 'top/in/a\.wav'"):
        Manifest(path=table, root=str(folder.parent / "clips.zip")).entries()


def test_a_path_beside_the_table_may_climb_inside_the_root(folder: Path) -> None:
    (folder / "meta").mkdir()
    table = write(folder / "meta/table.csv", [row("../sub/b.wav"), row("../../outside.wav")])
    good, bad = Manifest(path=table, root=str(folder)).entries()
    assert (good.id, good.fault) == ("sub/b.wav", None)
    assert "climbs out" in str(bad.fault)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("none.csv", None, "No table"),
        ("table.csv", b"path,label\n", "has no rows"),
        ("table.csv", b"path,label\n\0\0,x\n", "is no text"),
        ("table.csv", b"PK\x03\x04 sheet", "is a workbook or a zip"),
        ("table.csv", b'path,label\na.wav,"x\n', "from row 2 on .*quotation mark"),
        ("table.csv", b"path,label,label\na.wav,x,y\n", "'label' as the heading of two columns"),
        ("table.parquet", b"not parquet", "cannot be read as Parquet"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(
    folder: Path, name: str, data: bytes | None, words: str
) -> None:
    if data is not None:
        (folder / name).write_bytes(data)
    with pytest.raises(DatasetError, match=words):
        Manifest(path=str(folder / name)).entries()
