"""Labels, groups and positions out of folders and file names."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from harness import BadClip, DatasetError, ParameterError
from plugins.datasets.labelled_folder import LabelledFolder
from plugins.datasets.name_patterns import match


def make(root: Path, *names: str) -> str:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(root / name, np.full(20, 0.25), 8000)
    return str(root)


def table(dataset: LabelledFolder) -> dict[str, tuple[str, str | None, float | None]]:
    return {e.id: (e.label, e.group, e.position) for e in dataset.entries() if e.fault is None}


def test_the_sub_folder_is_the_label(tmp_path: Path) -> None:
    path = make(tmp_path, "whale/a10.wav", "whale/a9.wav", "none/b.aiff")
    assert table(LabelledFolder(path=path)) == {
        "none/b.aiff": ("none", None, 0.0),
        "whale/a9.wav": ("whale", None, 1.0),
        "whale/a10.wav": ("whale", None, 2.0),
    }


def test_folders_that_all_share_are_passed_over(tmp_path: Path) -> None:
    path = make(tmp_path, "data/clips/whale/2019/a.wav", "data/clips/none/2020/b.wav")
    assert [row[0] for row in table(LabelledFolder(path=path)).values()] == ["none", "whale"]


def test_one_folder_alone_is_its_label(tmp_path: Path) -> None:
    path = make(tmp_path, "whale/a.wav", "whale/b.wav")
    assert {row[0] for row in table(LabelledFolder(path=path)).values()} == {"whale"}


def test_a_pattern_reads_the_file_name(tmp_path: Path) -> None:
    path = make(tmp_path, "r/7_theo_12.wav", "r/3_ann_lee_4.wav")
    dataset = LabelledFolder(path=path, label="{label}_{group}_{index}")
    assert table(dataset) == {
        "r/3_ann_lee_4.wav": ("3", "ann_lee", 4.0),
        "r/7_theo_12.wav": ("7", "theo", 12.0),
    }


def test_a_pattern_with_a_slash_reads_the_end_of_the_path(tmp_path: Path) -> None:
    path = make(tmp_path, "x/north/whale/t1-3.wav", "x/south/none/t2-4.wav")
    dataset = LabelledFolder(path=path, label="{group}/{label}/{*}-{index}")
    assert list(table(dataset).values()) == [("whale", "north", 3.0), ("none", "south", 4.0)]


def test_group_has_a_pattern_of_its_own(tmp_path: Path) -> None:
    path = make(tmp_path, "whale/siteA_1.wav", "none/siteB_2.wav")
    dataset = LabelledFolder(path=path, group="{group}_{index}")
    assert table(dataset) == {
        "none/siteB_2.wav": ("none", "siteB", 2.0),
        "whale/siteA_1.wav": ("whale", "siteA", 1.0),
    }


def test_a_name_that_does_not_fit_is_a_fault(tmp_path: Path) -> None:
    path = make(tmp_path, "7_theo_1.wav", "odd.wav")
    entries = LabelledFolder(path=path, label="{label}_{group}_{index}").entries()
    assert [entry.fault is None for entry in entries] == [True, False]
    assert "does not fit '{label}_{group}_{index}'" in str(entries[1].fault)
    assert entries[1].where == "odd.wav"


def test_a_file_beside_the_class_folders_has_no_label(tmp_path: Path) -> None:
    path = make(tmp_path, "whale/a.wav", "none/b.wav", "stray.wav")
    faults = {e.id: e.fault for e in LabelledFolder(path=path).entries() if e.fault}
    assert list(faults) == ["stray.wav"]
    assert "has no label" in faults["stray.wav"]


def test_files_that_are_no_recordings_are_left_out(tmp_path: Path) -> None:
    path = make(tmp_path, "whale/a.wav", "none/b.wav")
    for name in ("README.md", "whale/notes.txt", "whale/._a.wav", "__MACOSX/whale/._a.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert list(table(LabelledFolder(path=path))) == ["none/b.wav", "whale/a.wav"]


def test_a_zip_member_that_climbs_out_is_listed_with_its_fault(tmp_path: Path) -> None:
    make(tmp_path, "whale/a.wav", "none/b.wav")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for name in ("whale/a.wav", "none/b.wav"):
            archive.write(tmp_path / name, name)
        archive.write(tmp_path / "whale/a.wav", "../whale/evil.wav")
    entries = LabelledFolder(path=str(tmp_path / "z.zip")).entries()
    bad = [entry for entry in entries if entry.fault]
    assert [(entry.id, entry.label) for entry in bad] == [("../whale/evil.wav", "")]
    assert "climbs out" in str(bad[0].fault)
    assert {entry.label for entry in entries if not entry.fault} == {"whale", "none"}


def test_every_kind_of_bad_file_is_told_apart(tmp_path: Path) -> None:
    path = make(tmp_path, "a/good.wav", "b/short.wav")
    (tmp_path / "a/empty.wav").write_bytes(b"")
    (tmp_path / "a/text.wav").write_text("this is not audio")
    data = (tmp_path / "b/short.wav").read_bytes()
    (tmp_path / "b/short.wav").write_bytes(data[:-11])
    soundfile.write(tmp_path / "b/none.wav", np.zeros(0), 8000)
    soundfile.write(tmp_path / "b/nan.wav", np.array([0.1, np.nan]), 8000, subtype="FLOAT")
    dataset = LabelledFolder(path=path)
    said = {}
    for entry in dataset.entries():
        try:
            dataset.read(entry)
        except BadClip as error:
            said[entry.id] = str(error)
    assert set(said) == {"a/empty.wav", "a/text.wav", "b/short.wav", "b/none.wav", "b/nan.wav"}
    for name, words in (
        ("a/empty.wav", "empty"),
        ("a/text.wav", "not audio"),
        ("b/short.wav", "truncated"),
        ("b/none.wav", "no samples"),
        ("b/nan.wav", "NaN"),
    ):
        assert words in said[name]


def test_no_recordings_and_no_labels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="No recordings in"):
        LabelledFolder(path=str(tmp_path)).entries()
    path = make(tmp_path, "a.wav", "b.wav")
    with pytest.raises(DatasetError, match="lie in no sub-folders"):
        LabelledFolder(path=path).entries()
    with pytest.raises(DatasetError, match="No folder or zip"):
        LabelledFolder(path=str(tmp_path / "nowhere")).entries()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"label": "{labl}_{index}"}, "{labl}"),
        ({"label": "{group}_{index}"}, "does not say where {label} is"),
        ({"group": "{index}"}, "does not say where {group} is"),
        ({"label": "{label}{label}"}, "twice"),
        ({"label": "{label"}, "brace"),
        ({"group": "{group}_{label}"}, "use label= alone"),
        ({"label": "{label}_{group}", "group": "{group}/{*}"}, "both label= and group="),
    ],
)
def test_patterns_that_make_no_sense_are_refused(parameters: dict[str, str], words: str) -> None:
    with pytest.raises(ParameterError, match="labelled-folder") as caught:
        LabelledFolder(path="x", **parameters)
    assert words in str(caught.value)


@given(
    label=st.from_regex(r"\A[^/_{}\x00]+\Z"),
    group=st.from_regex(r"\A[^/_{}\x00]+\Z"),
    index=st.integers(0, 10**9),
)
def test_a_pattern_reads_back_what_was_written(label: str, group: str, index: int) -> None:
    found = match("{label}_{group}_{index}", f"{label}_{group}_{index}.wav")
    assert found
    assert (found["label"], found["group"], int(found["index"])) == (label, group, index)
