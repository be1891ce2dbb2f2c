"""The Kaggle challenge's layout, as downloaded, unpacked, or only its official sample."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness import DatasetError
from plugins.datasets.labelled_folder import LabelledFolder
from plugins.datasets.right_whale import NO_WHALE, WHALE, RightWhale

ROWS = [("train10.aiff", "1"), ("train2.aiff", "0"), ("train3.aiff", "1")]


def aiff(path: Path, n: int = 40) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.full(n, 0.25), 2000, format="AIFF", subtype="PCM_16")


def challenge(root: Path, rows: list[tuple[str, str]], files: list[str] | None = None) -> str:
    root.mkdir(parents=True, exist_ok=True)
    lines = ["clip_name,label", *(",".join(row) for row in rows)]
    (root / "train.csv").write_text("\n".join(lines) + "\n")
    for name in files if files is not None else [row[0] for row in rows]:
        aiff(root / "train" / name)
    return str(root)


def faults(dataset: RightWhale) -> dict[str, str]:
    return {entry.where: entry.fault for entry in dataset.entries() if entry.fault}


@pytest.mark.parametrize("nested", ["", "data", "whale_data/data"])
@pytest.mark.parametrize("packed", [False, True])
def test_order_labels_and_positions_follow_the_table(
    tmp_path: Path, nested: str, packed: bool
) -> None:
    root = tmp_path / "root"
    challenge(root / nested, ROWS)
    for junk in ("__MACOSX/train/._train10.aiff", ".DS_Store", "__MACOSX/._train.csv"):
        (root / junk).parent.mkdir(parents=True, exist_ok=True)
        (root / junk).write_bytes(b"junk")
    aiff(root / nested / "test" / "test1.aiff")
    path = root
    if packed:
        path = tmp_path / "whale_data.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in root.rglob("*"):
                archive.write(file, file.relative_to(root))
    dataset = RightWhale(path=str(path))
    entries = dataset.entries()
    assert [(e.id, e.label, e.position, e.fault) for e in entries] == [
        ("train10.aiff", WHALE, 10.0, None),
        ("train2.aiff", NO_WHALE, 2.0, None),
        ("train3.aiff", WHALE, 3.0, None),
    ]
    clip = dataset.read(entries[0])
    assert (clip.rate, clip.samples.shape) == (2000.0, (1, 40))


def test_each_bad_row_is_listed_with_its_number(tmp_path: Path) -> None:
    rows = [
        *ROWS,
        ("train4.aiff", ""),
        ("train5.aiff", "2"),
        ("train6.aiff", "0"),
        ("", "1"),
        ("../train7.aiff", "1"),
        ("train2.aiff", "1"),
    ]
    path = challenge(tmp_path, rows, [f"train{n}.aiff" for n in (10, 2, 3, 4, 5)])
    dataset = RightWhale(path=path)
    assert len({entry.id for entry in dataset.entries()}) == len(rows)
    found = faults(dataset)
    for row, words in (
        (5, "has no label"),
        (6, "label '2'"),
        (7, "does not exist"),
        (8, "names no clip"),
        (9, "climbs out"),
    ):
        place = f"row {row} of train.csv"
        assert words in found.pop(f"{rows[row - 2][0]} ({place})" if rows[row - 2][0] else place)
    ((where, fault),) = found.items()
    assert fault == "is the clip of row 3 again"
    assert where.endswith("train2.aiff")


def test_a_row_that_is_cut_short_has_no_label(tmp_path: Path) -> None:
    path = challenge(tmp_path, ROWS)
    with (tmp_path / "train.csv").open("a") as file:
        file.write("train11.aiff\n")
    aiff(tmp_path / "train/train11.aiff")
    assert faults(RightWhale(path=path)) == {"train11.aiff (row 5 of train.csv)": "has no label"}


def test_without_a_path_it_says_how_to_get_the_data() -> None:
    with pytest.raises(DatasetError, match=r"kaggle\.com.*accept the rules.*path="):
        RightWhale().entries()


def test_other_layouts_are_refused_with_the_remedy(tmp_path: Path) -> None:
    aiff(tmp_path / "whales" / "a.aiff")
    with pytest.raises(DatasetError, match=r"holds neither train\.csv nor the folders"):
        RightWhale(path=str(tmp_path)).entries()
    (tmp_path / "whale_data.zip").write_bytes(b"x")
    with pytest.raises(DatasetError, match=r"unpack whale_data\.zip"):
        RightWhale(path=str(tmp_path)).entries()


@pytest.mark.parametrize(
    ("text", "words"), [("a,b\n1,2\n", "has the columns a, b"), ("clip_name,label\n", "no clips")]
)
def test_a_table_that_is_not_the_challenges_is_refused(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "train.csv").write_text(text)
    with pytest.raises(DatasetError, match=words):
        RightWhale(path=str(tmp_path)).entries()


def test_a_table_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_bytes(b"clip_name,label\n\0\0,1\n")
    with pytest.raises(DatasetError, match="is no text"):
        RightWhale(path=str(tmp_path)).entries()


def test_the_samples_two_folders_are_read(tmp_path: Path) -> None:
    aiff(tmp_path / "small_data_sample/right_whale/train6.aiff")
    aiff(tmp_path / "small_data_sample/no_right_whale/train1.aiff")
    entries = RightWhale(path=str(tmp_path)).entries()
    assert [(e.id, e.label, e.position) for e in entries] == [
        ("train1.aiff", NO_WHALE, 1.0),
        ("train6.aiff", WHALE, 6.0),
    ]


def test_clips_in_an_inner_zip_are_refused_in_one_sentence(tmp_path: Path) -> None:
    root = tmp_path / "root"
    challenge(root, ROWS, [])
    for name in ("small_data_sample.zip", "train.zip"):
        with zipfile.ZipFile(root / name, "w") as archive:
            archive.writestr("train/train10.aiff", b"x")
    with zipfile.ZipFile(tmp_path / "whale.zip", "w") as archive:
        for file in root.iterdir():
            archive.write(file, file.name)
    for path in (root, tmp_path / "whale.zip"):
        with pytest.raises(DatasetError, match=r"none of the 3 clips .* in 'train\.zip'") as caught:
            RightWhale(path=str(path)).entries()
        assert len(str(caught.value).splitlines()) == 1


def test_the_zip_of_zips_of_the_competition_names_the_one_to_unpack(tmp_path: Path) -> None:
    path = tmp_path / "whale-detection-challenge.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("sampleSubmission.csv", "a_sample.zip", "whale_data.zip"):
            archive.writestr(name, b"x")
    with pytest.raises(DatasetError, match=r"unpack whale_data\.zip and give its path"):
        RightWhale(path=str(path)).entries()


@pytest.mark.parametrize("packed", [False, True])
def test_a_table_beside_the_clips_folder_is_pointed_at(tmp_path: Path, packed: bool) -> None:
    challenge(tmp_path, ROWS)
    path = tmp_path / "train"
    if packed:
        path = tmp_path / "train.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(tmp_path / "train/train10.aiff", "train/train10.aiff")
    with pytest.raises(DatasetError, match=f"train.csv lies beside it.*path={str(tmp_path)!r}"):
        RightWhale(path=str(path)).entries()


def test_a_table_of_another_name_and_place_is_found(tmp_path: Path) -> None:
    challenge(tmp_path / "audio", ROWS)
    (tmp_path / "labels").mkdir()
    (tmp_path / "audio/train.csv").rename(tmp_path / "labels/train (1).csv")
    (tmp_path / "a.csv").write_text("clip,score\n")
    entries = RightWhale(path=str(tmp_path)).entries()
    assert [(entry.id, entry.fault) for entry in entries] == [(row[0], None) for row in ROWS]


def test_rows_are_numbered_as_an_editor_numbers_lines(tmp_path: Path) -> None:
    path = challenge(tmp_path, ROWS)
    (tmp_path / "train.csv").write_text(
        "clip_name;label\r\n\r\ntrain10.aiff;1\r\n\r\ntrain2.aiff;9\r\n", encoding="utf-16"
    )
    assert list(faults(RightWhale(path=path))) == ["train2.aiff (row 5 of train.csv)"]


def test_what_the_table_does_not_name_is_said(tmp_path: Path) -> None:
    path = challenge(tmp_path, ROWS)
    aiff(tmp_path / "test/test1.aiff")
    (tmp_path / "notes.txt").write_text("x")
    dataset = RightWhale(path=path)
    said = dataset.remarks(dataset.entries())
    assert any("1 recording that no row of train.csv names (test/test1.aiff)" in s for s in said)
    assert any("1 .txt" in sentence for sentence in said)


def real(name: str) -> str:
    folder = os.environ.get("SIGHTBENCH_REAL_DATA")
    if not folder:
        pytest.skip("SIGHTBENCH_REAL_DATA names no folder of real recordings")
    path = Path(folder) / name
    if not path.exists():
        pytest.skip(f"{name} is not in SIGHTBENCH_REAL_DATA")
    return str(path)


def test_the_replica_is_read_whole() -> None:
    dataset = RightWhale(path=real("right_whale_replica.zip"))
    entries = dataset.entries()
    assert len(entries) == 8020
    assert sum(entry.label == WHALE for entry in entries) == 2478
    assert not [entry for entry in entries if entry.fault]
    with zipfile.ZipFile(dataset.path) as archive:
        rows = archive.read("data/train.csv").decode().split()[1:]
        assert [entry.id for entry in entries] == [row.split(",")[0] for row in rows]
        for entry in entries[::500]:
            with archive.open(entry.where) as file:
                expected, rate = soundfile.read(file, dtype="float32")
            clip = dataset.read(entry)
            assert (clip.rate, clip.samples.shape) == (rate, (1, 4000))
            np.testing.assert_array_equal(clip.samples[0], expected)


@pytest.mark.parametrize("reader", [RightWhale, LabelledFolder])
def test_the_official_samples_are_ten_clips_without_the_junk(
    reader: type[RightWhale | LabelledFolder],
) -> None:
    dataset = reader(path=real("right_whale_samples.zip"))
    clips = [dataset.read(entry) for entry in dataset.entries()]
    assert len(clips) == 10
    assert {clip.samples.shape for clip in clips} == {(1, 4000)}
    labels = [clip.label for clip in clips]
    assert sorted(labels.count(label) for label in set(labels)) == [5, 5]


def test_the_spoken_digits_have_ten_labels_and_six_speakers() -> None:
    dataset = LabelledFolder(
        path=real("free_spoken_digits.zip"), label="{label}_{group}_{index}", rate=8000
    )
    entries = dataset.entries()
    assert len(entries) == 3000
    assert not [entry for entry in entries if entry.fault]
    assert {entry.label for entry in entries} == set("0123456789")
    assert len({entry.group for entry in entries}) == 6
    assert {dataset.read(entry).rate for entry in entries[::300]} == {8000.0}
