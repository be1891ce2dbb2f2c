"""Long recordings with tables: which windows are listed, what is refused, what leaks."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from harness import BadClip, DatasetError, Entry, ParameterError
from harness.clips.blocks import read_block
from harness.clips.collection import Collection, collect
from harness.clips.split_kinds import parse_split_kind, suggest
from plugins.datasets.annotated import Annotated
from plugins.datasets.long_recordings import LongRecording
from plugins.datasets.unlabelled import Unlabelled

RATE = 2000
REAL = Path(os.environ.get("SIGHTBENCH_REAL_DATA", "")) / "right_whale_recordings.zip"
HEADINGS = "Begin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation\n"


def write_sound(
    place: Path, seconds: float = 60.0, rate: int = RATE, channels: int = 1, seed: int = 0
) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    samples = 0.1 * np.random.default_rng(seed).standard_normal((int(seconds * rate), channels))
    soundfile.write(place, samples, rate)


def table(*rows: tuple[object, ...]) -> str:
    return HEADINGS + "".join("\t".join(map(str, row)) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two sites with two recordings of a minute, each with calls at 10.35, 30 and 50.4 s."""
    for number, name in enumerate(("A_1", "A_2", "B_1", "B_2")):
        write_sound(tmp_path / f"{name}.flac", seed=number)
        calls = [(at, at + 1, 50, 350, "upcall") for at in (10.35, 30.0, 50.4)]
        (tmp_path / f"{name}.Table.1.selections.txt").write_text(table(*calls))
    return tmp_path


def listed(path: Path, **parameters: Any) -> tuple[list[Entry], Annotated]:
    dataset = Annotated(path=str(path), **parameters)
    return list(dataset.entries()), dataset


def faults(entries: list[Entry]) -> dict[str, str]:
    return {each.where: each.fault for each in entries if each.fault}


def said(dataset: Annotated) -> str:
    return "\n".join(dataset.remarks(dataset.entries()))


def test_windows_labels_groups_and_places(folder: Path) -> None:
    entries, dataset = listed(folder)
    assert not faults(entries)
    first = [entry for entry in entries if entry.group == "A_1.flac"]
    calls = [entry.id for entry in first if entry.label == "upcall"]
    assert calls == [f"A_1.flac@{at}" for at in (9, 10, 29, 30, 49, 50)]
    ids = {entry.id for entry in first}
    assert {f"A_1.flac@{at}" for at in range(59)} - ids == {"A_1.flac@11", "A_1.flac@51"}
    assert "8 windows left out that hold a share of a selection between 0 and 0.5" in said(dataset)
    assert [entry.position for entry in first[:3]] == [0.0, 1.0, 2.0]
    assert len({entry.position for entry in entries}) == len(entries)
    assert first[3].where == "A_1.flac at 3 s"


def test_a_window_holds_the_samples_of_its_time(folder: Path) -> None:
    entries, dataset = listed(folder, window=1.5, hop=0.25)
    whole, _ = soundfile.read(folder / "B_2.flac", dtype="float32")
    for entry in entries[::37]:
        if entry.group == "B_2.flac":
            first = round(float(entry.id.split("@")[1]) * RATE)
            clip = dataset.read(entry)
            np.testing.assert_array_equal(clip.samples[0], whole[first : first + 3000])
            assert (clip.label, clip.group, clip.rate) == (entry.label, entry.group, RATE)


def test_groups_by_a_pattern_of_names(folder: Path) -> None:
    entries, dataset = listed(folder, group="{site}_{*}")
    assert {entry.group for entry in entries} == {"A", "B"}
    assert "in 2 groups" in said(dataset)
    entries, _ = listed(folder, group="{site}-{*}")
    assert len(faults(entries)) == 4
    for wrong in ("{site", "{*}", "{a}_{a}", "{Site}"):
        with pytest.raises(ParameterError, match="group="):
            Annotated(path="x", group=wrong)


def test_dates_in_names_are_places_in_time(tmp_path: Path) -> None:
    for name in ("B_20090501_000000", "A_20090501_010000"):
        write_sound(tmp_path / f"{name}.wav", 10)
        (tmp_path / f"{name}.txt").write_text("1\t2\tx\n")
    entries, dataset = listed(tmp_path)
    begins = {e.group: e.position for e in reversed(entries)}
    assert begins == {"A_20090501_010000.wav": 3600.0, "B_20090501_000000.wav": 0.0}
    assert "by dates in the recordings' names" in said(dataset)


def test_background_is_thinned_by_recording_and_seed(folder: Path) -> None:
    entries, dataset = listed(folder, background_per_call=2)
    for group in {entry.group for entry in entries}:
        labels = Counter(entry.label for entry in entries if entry.group == group)
        assert labels == {"upcall": 6, "background": 12}
    assert entries == listed(folder, background_per_call=2)[0]
    assert entries != listed(folder, background_per_call=2, seed=1)[0]
    assert "thinned to 2 for each window with a label, 156 left out" in said(dataset)
    (folder / "A_1.flac").unlink()
    (folder / "A_1.Table.1.selections.txt").unlink()
    fewer = {entry.id for entry in listed(folder, background_per_call=2)[0]}
    assert fewer == {entry.id for entry in entries if entry.group != "A_1.flac"}


def test_classes_and_band_say_what_counts(folder: Path) -> None:
    rows = [(5, 6, 20, 40, "ship"), (20, 21, 60, 90, "upcall"), (40, 41, 400, 900, "upcall")]
    (folder / "A_1.Table.1.selections.txt").write_text(table(*rows))
    entries, _ = listed(folder)
    assert {entry.label for entry in entries} == {"background", "ship", "upcall"}
    entries, dataset = listed(folder, classes="upcall", high=350)
    calls = [e.id for e in entries if e.label == "upcall" and e.group == "A_1.flac"]
    assert calls == ["A_1.flac@19", "A_1.flac@20"]
    assert "2 selections of another class, band or channel" in said(dataset)
    assert "outside of 0 to 350 Hz" in said(dataset)
    assert "frequencies of selections are not used" in said(listed(folder)[1])
    with pytest.raises(DatasetError, match="no selection is labelled 'whale'; the labels are"):
        listed(folder, classes="whale")


def test_everything_wrong_is_listed_at_once_by_file_and_row(folder: Path) -> None:
    (folder / "A_1.Table.1.selections.txt").write_text(
        table((5, 4, 1, 2, "x"), (59, 70, 1, 2, "x"), (100, 101, 1, 2, "x"), ("?", 3, 1, 2, "x"))
    )
    (folder / "A_2.Table.1.selections.txt").unlink()
    write_sound(folder / "A_3.flac")
    (folder / "A_3.txt").write_text("Notes: calm.\n")
    (folder / "B_1.flac").write_bytes(b"no sound")
    (folder / "C_1.Table.1.selections.txt").write_text(table((1, 2, 1, 2, "x")))
    (folder / "all.csv").write_text("file,start,end,label\nD.wav,1,2,x\nD.wav,1,2,x\nB_2,3,4,x\n")
    (folder / "B_2.txt").write_text("Notes: rain all day.\n")
    (folder / "README.txt").write_text("Recorded at sea.\n")
    entries, dataset = listed(folder)
    found = faults(entries)
    assert {where: why[:34] for where, why in found.items()} == {
        "A_1.Table.1.selections.txt row 2": "ends before it begins: from 5 s to",
        "A_1.Table.1.selections.txt row 3": "ends at 70 s, past the end of 'A_1",
        "A_1.Table.1.selections.txt row 4": "begins at 100 s, past the end of '",
        "A_1.Table.1.selections.txt row 5": "has a beginning that is not a numb",
        "A_2.flac": "has no table of selections; if nob",
        "B_1.flac": "is not sound that can be read: For",
        "C_1.Table.1.selections.txt": "is a table without its recording: ",
        "all.csv row 2": "names the recording 'D.wav', as 1 ",
        "A_3.txt": "is no table of annotations: its fi",
    }
    assert len({entry.id for entry in entries}) == len(entries)
    assert "Passed over, for they are no tables: B_2.txt, README.txt" in said(dataset)


def test_a_damaged_row_makes_no_background(folder: Path) -> None:
    """With --skip-bad the windows that it may speak of are left out as well."""
    place = folder / "A_1.Table.1.selections.txt"
    place.write_text(table((21, 20, 1, 2, "x"), (40, 41, 1, 2, "x")))
    entries, _ = listed(folder)
    used = {entry.id for entry in entries if not entry.fault and entry.group == "A_1.flac"}
    assert not used & {"A_1.flac@19", "A_1.flac@20"}
    assert {"A_1.flac@18", "A_1.flac@21", "A_1.flac@40"} <= used
    place.write_text(table(("soon", 20, 1, 2, "x"), (40, 41, 1, 2, "x")))
    entries, _ = listed(folder)
    assert not [entry for entry in entries if not entry.fault and entry.group == "A_1.flac"]


def test_what_cannot_be_read_is_never_taken_for_silence(folder: Path) -> None:
    (folder / "B_1.Table.1.selections.txt").write_text("Begin Time (s)\tAnnotation\n1\tx\n")
    entries, _ = listed(folder, without_table="background")
    assert list(faults(entries)) == ["B_1.Table.1.selections.txt"]
    assert not [entry for entry in entries if entry.group == "B_1.flac"]
    text = "file,start,end,label\nA_1,3,4,x\nA_2,3,4,x\nA_2,3,5,4,7,x\n"
    (folder / "tables").mkdir()
    (folder / "tables/all.csv").write_text(text)
    entries, _ = listed(folder, labels=str(folder / "tables"), without_table="background")
    assert list(faults(entries)) == ["all.csv row 4"]
    assert {e.group for e in entries if not e.fault} == {"B_1.flac", "B_2.flac"}


def test_a_selection_may_end_in_the_next_file_of_a_sequence(folder: Path) -> None:
    text = (
        "Begin Time (s)\tEnd Time (s)\tBegin File\tEnd File\tFile Offset (s)\tAnnotation\n"
        "59\t62\tA_1.flac\tA_2.flac\t59\tx\n"
        "65\t66\tA_2.flac\tA_2.flac\t5\tx\n"
        "119\t122\tA_2.flac\tZ.flac\t59\tx\n"
    )
    (folder / "tables").mkdir()
    (folder / "tables/all.txt").write_text(text)
    entries, dataset = listed(
        folder, labels=str(folder / "tables"), without_table="leave-out", hop=2
    )
    assert [e.id for e in entries if e.label == "x"] == [
        "A_1.flac@58",
        "A_2.flac@0",
        "A_2.flac@4",
    ]
    assert dataset.marked()["A_2.flac"].end_s.tolist() == [2.0, 6.0]
    assert list(faults(entries)) == ["all.txt row 4"]


def test_one_recording_is_read_with_its_own_tables(folder: Path) -> None:
    entries, dataset = listed(folder / "A_2.flac", part=20)
    assert not faults(entries)
    assert {e.id.partition("@")[0] for e in entries} == {"A_2.flac"}
    assert sum(map(len, dataset.marked().values())) == 3
    dataset.read(entries[0])


def test_one_file_of_labels_speaks_of_the_only_recording(tmp_path: Path) -> None:
    write_sound(tmp_path / "sea/long.flac")
    (tmp_path / "mine.csv").write_text("start,end,label\n3,4,x\n")
    entries, _ = listed(tmp_path / "sea", labels=str(tmp_path / "mine.csv"))
    assert [entry.id for entry in entries if entry.label == "x"] == ["long.flac@2", "long.flac@3"]
    (tmp_path / "mine.csv").write_text("Monday: nothing\n")
    entries, _ = listed(tmp_path / "sea", labels=str(tmp_path / "mine.csv"))
    assert list(faults(entries)) == ["mine.csv"]


def test_a_folder_with_one_table_of_another_recording_is_a_fault(tmp_path: Path) -> None:
    write_sound(tmp_path / "sea/long.flac")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/other.csv").write_text("start,end,label\n3,4,x\n")
    entries, _ = listed(tmp_path / "sea", labels=str(tmp_path / "tables"))
    assert sorted(faults(entries)) == ["long.flac", "other.csv"]


def test_a_recording_without_table_is_what_one_says(folder: Path) -> None:
    (folder / "B_1.Table.1.selections.txt").unlink()
    entries, dataset = listed(folder, without_table="background")
    assert {e.label for e in entries if e.group == "B_1.flac"} == {"background"}
    assert "Without a table, so taken as background: B_1.flac." in said(dataset)
    entries, dataset = listed(folder, without_table="leave-out")
    assert not faults(entries)
    assert not [e for e in entries if e.group == "B_1.flac"]
    assert "Without a table, so left out: B_1.flac." in said(dataset)


def test_an_empty_table_says_that_nobody_called(folder: Path) -> None:
    for text in (HEADINGS, ""):
        (folder / "B_1.Table.1.selections.txt").write_text(text)
        entries, _ = listed(folder)
        assert not faults(entries)
        assert Counter(e.label for e in entries if e.group == "B_1.flac") == {"background": 59}


def test_tables_lie_beside_in_a_folder_in_a_zip_or_in_one_file(folder: Path) -> None:
    beside, _ = listed(folder)
    with zipfile.ZipFile(folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("*_*")):
            archive.write(file, f"season/{file.name}")
    inside, _ = listed(folder / "all.zip")
    assert [e.id.removeprefix("season/") for e in inside] == [e.id for e in beside]
    assert [e.label for e in inside] == [e.label for e in beside]
    rows = ["Recording;Start;End;Label"]
    (folder / "tables").mkdir()
    for file in sorted(folder.glob("*.txt")):
        file.rename(folder / "tables" / file.name)
        name = file.name.partition(".")[0]
        rows += [f"{name};{at:g};{at + 1:g};upcall".replace(".", ",") for at in (30, 50.4)]
        rows += [f"{name};10,35;11,35;upcall"]
    assert listed(folder, labels=str(folder / "tables"))[0] == beside
    (folder / "one table.csv").write_text("\n".join(rows))
    named, dataset = listed(folder, labels=str(folder / "one table.csv"))
    assert named == beside
    assert "has decimal commas" in said(dataset)


def test_doubled_rows_count_once(folder: Path) -> None:
    calls = [(10.35, 11.35, 50, 350, "upcall")] * 3
    (folder / "A_1.Table.1.selections.txt").write_text(table(*calls))
    _, dataset = listed(folder)
    assert len(dataset.marked()["A_1.flac"]) == 1
    assert "2 rows passed over that say what another one says" in said(dataset)


def test_rates_and_channels(folder: Path) -> None:
    write_sound(folder / "A_1.flac", rate=8000, channels=2)
    entries, dataset = listed(folder)
    clip = dataset.read(entries[0])
    assert (clip.samples.shape, clip.rate) == ((1, 4000), 2000.0)
    assert "have 2000, 8000 Hz; windows are resampled to 2000 Hz" in said(dataset)
    assert "Channels are mixed" in said(dataset)
    copy = pickle.loads(pickle.dumps(dataset))
    assert copy.read(entries[0]).samples.tobytes() == clip.samples.tobytes()
    kept = Annotated(path=str(folder), channels="keep", rate=8000).read(entries[0])
    assert kept.samples.shape == (2, 16_000)
    second = Annotated(path=str(folder), channels="2", rate=8000)
    np.testing.assert_array_equal(second.read(entries[0]).samples[0], kept.samples[1])
    assert "has no channel 2, only 1" in str(faults(list(second.entries())))
    with pytest.raises(ParameterError, match="channels='left'"):
        Annotated(path="x", channels="left")


def test_a_window_does_not_hang_on_its_neighbours(folder: Path, tmp_path: Path) -> None:
    """The same sound cut out of its recording gives the same clip, resampled too."""
    entries, dataset = listed(folder, rate=1500)
    entry = next(e for e in entries if e.id == "A_1.flac@30")
    whole, _ = soundfile.read(folder / "A_1.flac", dtype="int16")
    cut = tmp_path / "cut"
    cut.mkdir()
    soundfile.write(cut / "A_1.flac", whole[25 * RATE : 40 * RATE], RATE)
    alone = Annotated(path=str(cut), rate=1500).read(Entry("A_1.flac@5", "upcall"))
    assert alone.samples.tobytes() == dataset.read(entry).samples.tobytes()


def test_a_recording_that_breaks_off(folder: Path) -> None:
    data = (folder / "A_1.flac").read_bytes()
    (folder / "A_1.flac").write_bytes(data[: len(data) * 3 // 4])
    entries, dataset = listed(folder)
    assert list(faults(entries)) == ["A_1.Table.1.selections.txt row 4"]
    assert "A_1.flac breaks off at 4" in said(dataset)
    last = [entry for entry in entries if entry.group == "A_1.flac"][-1]
    assert 38 <= float(last.id.partition("@")[2]) <= 46
    dataset.read(last)


@pytest.mark.parametrize(
    "id", ["A_1.flac", "A_1.flac@nan", "A_1.flac@-1", "A_1.flac@1e9", "A_1.flac@59", "@1", "@"]
)
def test_entries_of_nowhere_are_bad(folder: Path, id: str) -> None:
    from harness import BadClip

    with pytest.raises(BadClip):
        Annotated(path=str(folder)).read(Entry(id, "upcall"))


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"least": 0.2, "most": 0.2}, "least=0.2 must be above most=0.2"),
        ({"part": 1}, "part=1 s holds no window of 2 s"),
        ({"background": " "}, "background= needs a label"),
        ({"without_table": "what"}, "is none of fault, background, leave-out"),
    ],
)
def test_parameters_that_make_no_sense(parameters: dict[str, Any], why: str) -> None:
    with pytest.raises(ParameterError, match=why):
        Annotated(path="x", **parameters)


def test_a_folder_without_recordings(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="No recordings in"):
        listed(tmp_path)


def test_a_hundred_thousand_selections(tmp_path: Path) -> None:
    write_sound(tmp_path / "a.wav", 20_000, rate=100)
    at = np.round(np.sort(np.random.default_rng(0).uniform(0, 19_990, 100_000)), 3)
    rows = [f"{start}\t{start + 0.5:.3f}\tx" for start in at.tolist()]
    (tmp_path / "a.txt").write_text("\n".join(rows))
    entries, dataset = listed(tmp_path)
    assert len(dataset.marked()["a.wav"]) > 99_000
    expected = np.zeros(19_999, dtype=bool)
    for shift in range(-2, 2):
        begin = np.floor(at) + shift
        common = np.minimum(at + 0.5, begin + 2) - np.maximum(at, begin)
        begin = begin[(common >= 0.25 - 1e-9) & (begin >= 0) & (begin < len(expected))]
        expected[begin.astype(int)] = True
    labelled = {int(e.id.partition("@")[2]) for e in entries if e.label == "x"}
    assert labelled == set(np.flatnonzero(expected).tolist())


def collected(dataset: Annotated) -> Collection:
    return collect(dataset, False, lambda tasks: map(read_block, tasks))


def overlapping(one: list[str], other: list[str]) -> Iterator[tuple[str, str]]:
    """Give windows of one side that share a moment with some of the other (2 s each)."""
    held: dict[str, list[float]] = {}
    for id in other:
        name, _, at = id.partition("@")
        held.setdefault(name, []).append(float(at))
    for id in one:
        name, _, at = id.partition("@")
        for begin in held.get(name, ()):
            if abs(begin - float(at)) < 2 - 1e-9:
                yield id, f"{name}@{begin:g}"


@pytest.mark.parametrize("parameters", [{}, {"group": "{site}_{*}"}, {"part": 20}])
def test_by_default_no_second_is_on_both_sides_or_in_two_folds(
    folder: Path, parameters: dict[str, Any]
) -> None:
    dataset = Annotated(path=str(folder), **parameters)
    collection = collected(dataset)
    assert suggest(collection) == "grouped"
    folds = 0 if parameters.get("group") else 2
    for seed in range(3):
        split = parse_split_kind(f"grouped[seed={seed}]").make(collection, folds)
        train, holdout = list(split.train), list(split.holdout)
        assert train
        assert holdout
        assert not list(overlapping(train, holdout))
        for fold in set(split.folds):
            inside = [id for id, of in zip(train, split.folds, strict=True) if of == fold]
            rest = [id for id, of in zip(train, split.folds, strict=True) if of != fold]
            assert not list(overlapping(inside, rest))


def test_one_group_is_no_split_and_parts_are(folder: Path) -> None:
    entries, dataset = listed(folder, group="{*}{end}")
    one = [entry for entry in entries if entry.group == "1"]
    with pytest.raises(DatasetError, match=r"one group.*part=300"):
        dataset.suggest_split(one)
    entries, dataset = listed(folder, part=20)
    assert len({entry.group for entry in entries}) == 12
    assert "8 windows left out that reach over the edge of a part" in said(dataset)
    assert dataset.suggest_split(entries) == "grouped"


@pytest.mark.skipif(not REAL.is_file(), reason="SIGHTBENCH_REAL_DATA has no recordings")
def test_the_right_whale_recordings() -> None:
    entries, dataset = listed(REAL, window=2, hop=1, group="{site}_{*}")
    assert not faults(entries)
    assert sum(map(len, dataset.marked().values())) == 230
    assert "6 recordings of 3.13 hours in 3 groups, with 230 selections: upcall 230." in said(
        dataset
    )
    assert "the label of no window" not in said(dataset)
    assert Counter(e.group for e in entries if e.label == "upcall").keys() == {
        "siteA",
        "siteB",
        "siteC",
    }
    clip = dataset.read(entries[1000])
    assert (clip.samples.shape, clip.rate) == ((1, 4000), 2000.0)


@pytest.mark.parametrize(
    "parameters",
    [
        {"hop": 1.0},
        {"hop": 0.7, "channels": "keep"},
        {"hop": 3.0, "channels": "2"},
        {"hop": 0.35, "rate": 1500.0},
    ],
    ids=str,
)
def test_windows_that_are_listened_to_together_are_those_of_each_alone(tmp_path, parameters):
    write_sound(tmp_path / "long.flac", 400.0, channels=2)
    dataset = Unlabelled(path=str(tmp_path), window=2.0, **parameters)
    (recording,) = dataset.recordings()
    for first in (0, 3, recording.windows - 65):
        together = dataset.listen_on("long.flac", first, 65)
        for number, clip in enumerate(together, first):
            alone = dataset.listen("long.flac", number)
            np.testing.assert_array_equal(clip.samples, alone.samples)
            assert (clip.id, clip.rate, clip.origin) == (alone.id, alone.rate, alone.origin)


def test_windows_that_are_listened_to_together_all_lie_in_the_recording(tmp_path):
    write_sound(tmp_path / "short.flac", 10.0)
    dataset = Unlabelled(path=str(tmp_path), window=2.0)
    assert len(dataset.listen_on("short.flac", 0, 9)) == 9
    with pytest.raises(BadClip, match="of a recording that has 10 s"):
        dataset.listen_on("short.flac", 0, 10)


def test_few_samples_are_read_at_once(tmp_path, monkeypatch):
    from plugins.datasets import window_cutting

    write_sound(tmp_path / "long.flac", 60.0)
    dataset = Unlabelled(path=str(tmp_path), window=2.0)
    whole = dataset.listen_on("long.flac", 0, 40)
    monkeypatch.setattr(window_cutting, "MOST_TOGETHER", 5 * RATE)
    asked, read = [], LongRecording.read

    def noted(self, first, count):
        asked.append(count)
        return read(self, first, count)

    monkeypatch.setattr(LongRecording, "read", noted)
    parts = dataset.listen_on("long.flac", 0, 40)
    assert max(asked) <= 5 * RATE
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one.samples, other.samples)
