"""Labels, groups and positions out of folders and file names."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from harness import BadClip, DatasetError, ParameterError
from plugins.datasets.file_names import is_audio
from plugins.datasets.labelled_folder import LabelledFolder
from plugins.datasets.name_patterns import match


def make(root: Path, *names: str) -> str:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        kind = None if is_audio(name) else "WAV"
        soundfile.write(root / name, np.full(20, 0.25), 8000, format=kind)
    return str(root)


def packed(root: Path) -> str:
    """Pack a folder, links left out, into a zip beside it."""
    path = root.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(root.rglob("*")):
            archive.write(file, file.relative_to(root))
    return str(path)


def placed(dataset: LabelledFolder) -> dict[str, tuple[str, str | None, str | None]]:
    return {e.id: (e.label, e.side, e.fold) for e in dataset.entries() if e.fault is None}


def said(dataset: LabelledFolder) -> str:
    return "\n".join(dataset.remarks(dataset.entries()))


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


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("shape", ["{side}/{label}/{n}.wav", "x/{label}/{side}/{n}.wav"])
def test_folders_of_sides_are_no_classes(tmp_path: Path, shape: str, zipped: bool) -> None:
    names = [
        shape.format(side=side, label=label, n=n)
        for side in ("Training", "val", "Testing")
        for label in ("call", "noise")
        for n in (1, 2)
    ]
    path = make(tmp_path / "set", *names)
    dataset = LabelledFolder(path=packed(tmp_path / "set") if zipped else path)
    read = placed(dataset)
    assert len(read) == len(names)
    for name, (label, side, fold) in read.items():
        assert f"/{label}/" in f"/{name}"
        assert side == ("holdout" if "Testing" in name else "train")
        assert fold is None
    assert dataset.suggest_split(dataset.entries()) == "given"
    assert "'Training', 'val': train; 'Testing': held out" in said(dataset)


def test_folders_of_folds_are_official_folds(tmp_path: Path) -> None:
    names = [f"{label}/fold_{n}/a.wav" for label in ("call", "noise") for n in range(1, 11)]
    dataset = LabelledFolder(path=make(tmp_path, *names))
    assert placed(dataset)["noise/fold_10/a.wav"] == ("noise", None, "10")
    assert {row[2] for row in placed(dataset).values()} == {str(n) for n in range(1, 11)}
    assert dataset.suggest_split(dataset.entries()) == ""


def test_sides_are_read_beside_a_pattern(tmp_path: Path) -> None:
    path = make(tmp_path, "train/call_1.wav", "test/call_2.wav", "train/noise_1.wav")
    assert placed(LabelledFolder(path=path, label="{label}_{index}")) == {
        "test/call_2.wav": ("call", "holdout", None),
        "train/call_1.wav": ("call", "train", None),
        "train/noise_1.wav": ("noise", "train", None),
    }


def test_a_pattern_may_take_the_words_of_sides_for_labels(tmp_path: Path) -> None:
    dataset = LabelledFolder(path=make(tmp_path, "train/a.wav", "test/b.wav"), label="{label}/{*}")
    assert list(placed(dataset).values()) == [("test", None, None), ("train", None, None)]


def test_a_pattern_reads_the_fold(tmp_path: Path) -> None:
    path = make(tmp_path, "1-100-A-0.wav", "fold2-200-B-36.wav")
    dataset = LabelledFolder(path=path, label="{fold}-{*}-{*}-{label}")
    assert list(placed(dataset).values()) == [("0", None, "1"), ("36", None, "2")]


def test_folders_of_sides_without_classes_are_refused(tmp_path: Path) -> None:
    path = make(tmp_path, "train/a.wav", "test/b.wav")
    with pytest.raises(DatasetError, match=r"labels.*name sides or folds.*'test': held out"):
        LabelledFolder(path=path).entries()


def test_a_class_that_is_called_like_a_side_is_said(tmp_path: Path) -> None:
    dataset = LabelledFolder(path=make(tmp_path, "test/a.wav", "call/b.wav", "noise/c.wav"))
    assert {row[0] for row in placed(dataset).values()} == {"test", "call", "noise"}
    assert "'test' is taken for a class, not a side, since 'call' beside it" in said(dataset)


def test_a_test_set_without_labels_is_left_out_and_said(tmp_path: Path) -> None:
    names = ["train/call/a.wav", "train/noise/b.wav", "test/1.wav", "test/2.wav"]
    dataset = LabelledFolder(path=make(tmp_path, *names))
    entries = dataset.entries()
    assert [(e.label, e.side, e.fault) for e in entries] == [
        ("call", "train", None), ("noise", "train", None),
    ]  # fmt: skip
    assert "Left out: 2 recordings in 'test', which lie in no class folder" in said(dataset)
    assert "the sides are not used" in said(dataset)
    assert dataset.suggest_split(entries) == "stratified"


@pytest.mark.parametrize("zipped", [False, True])
def test_hidden_folders_are_no_classes_at_any_depth(tmp_path: Path, zipped: bool) -> None:
    root = tmp_path / "set"
    make(root, "data/call/a.wav", "data/noise/b.wav")
    hidden = [
        ".Trash-1000/files/a.wav", "__MACOSX/data/call/a.wav", "$RECYCLE.BIN/S-1/$R1.wav",
        "data/.ipynb_checkpoints/a.wav", "data/@eaDir/a.wav", "data/call/.cache/a.wav",
        "data/System Volume Information/a.wav", "data/noise/._b.wav", "lost+found/a.wav",
    ]  # fmt: skip
    make(root, *hidden)
    dataset = LabelledFolder(path=packed(root) if zipped else str(root))
    assert placed(dataset) == {
        "data/call/a.wav": ("call", None, None),
        "data/noise/b.wav": ("noise", None, None),
    }
    assert f"or kept by a system: {len(hidden)}" in said(dataset)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_folder_without_recordings_is_no_class_and_said(tmp_path: Path, zipped: bool) -> None:
    root = tmp_path / "set"
    make(root, "call/a.wav", "noise/b.wav")
    (root / "empty").mkdir()
    (root / "notes").mkdir()
    (root / "notes/x.txt").write_text("x")
    dataset = LabelledFolder(path=packed(root) if zipped else str(root))
    assert {row[0] for row in placed(dataset).values()} == {"call", "noise"}
    assert "2 folders beside the classes hold no recording" in said(dataset)
    assert "empty, notes" in said(dataset)


def test_a_class_of_another_kind_of_file_is_there_or_told(tmp_path: Path) -> None:
    path = make(tmp_path, "call/a.wav", "noise/b.caf", "whistle/c.au", "song/d")
    (tmp_path / "click").mkdir()
    (tmp_path / "click/e.m4a").write_bytes(b"\0\0\0 ftypM4A ")
    dataset = LabelledFolder(path=path)
    assert {row[0] for row in placed(dataset).values()} == {"call", "noise", "whistle", "song"}
    faults = {e.id: e.fault for e in dataset.entries() if e.fault}
    assert list(faults) == ["click/e.m4a"]
    assert "convert it to WAV or FLAC" in str(faults["click/e.m4a"])
    for entry in dataset.entries():
        if entry.fault is None:
            assert dataset.read(entry).samples.shape == (1, 20)


def test_a_stray_recording_does_not_move_the_classes(tmp_path: Path) -> None:
    path = make(tmp_path, "stray.wav", "data/call/a.wav", "data/noise/b.wav")
    entries = LabelledFolder(path=path).entries()
    assert {e.label for e in entries if e.fault is None} == {"call", "noise"}
    assert [e.id for e in entries if e.fault] == ["stray.wav"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_recording_stops_nothing(tmp_path: Path) -> None:
    path = make(tmp_path / "set", "call/a.wav", "noise/b.wav")
    root = Path(path)
    (root / "README").write_text("x")
    (root / "call/.~lock.a.wav#").write_bytes(b"")
    (root / "call/zero.lock").write_bytes(b"")
    (root / "gone.wav").symlink_to("/nowhere/gone.wav")
    (root / "call/circle").symlink_to(root)
    os.mkfifo(root / "noise/pipe.wav")
    dataset = LabelledFolder(path=path)
    assert [(e.id, e.fault) for e in dataset.entries()] == [
        ("call/a.wav", None), ("noise/b.wav", None),
    ]  # fmt: skip
    for words in ("README", "zero.lock", "gone.wav", "call/circle", "noise/pipe.wav"):
        assert words in said(dataset)


def test_a_class_behind_a_link_out_of_the_folder_is_read_and_said(tmp_path: Path) -> None:
    path = make(tmp_path / "set", "call/a.wav")
    make(tmp_path / "elsewhere", "b.wav")
    (tmp_path / "set/noise").symlink_to(tmp_path / "elsewhere")
    dataset = LabelledFolder(path=path)
    assert placed(dataset)["noise/b.wav"] == ("noise", None, None)
    assert [dataset.read(entry).samples.shape for entry in dataset.entries()] == [(1, 20)] * 2
    assert "1 link (noise)" in said(dataset)


def test_labels_that_look_the_same_are_one_and_those_alike_are_named(tmp_path: Path) -> None:
    composed, decomposed = "\u00e9", "e\u0301"
    names = [f"{composed}/a.wav", f"{decomposed}/b.wav", "call/a.wav", "call /b.wav", "Call/c.wav"]
    dataset = LabelledFolder(path=make(tmp_path, *names))
    assert {row[0] for row in placed(dataset).values()} == {composed, "call", "Call"}
    assert said(dataset).count("counted as the same class") == 2
    assert "'Call' (1), 'call' (2)" in said(dataset)


def test_plain_folders_need_no_word(tmp_path: Path) -> None:
    assert said(LabelledFolder(path=make(tmp_path, "call/a.wav", "noise/b.wav"))) == ""


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
