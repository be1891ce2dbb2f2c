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
