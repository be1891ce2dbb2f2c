"""The UCR / UEA archive and its .ts files."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from harness import BadClip, DatasetError, ParameterError
from harness.planning.parameters import spec_of, values_of
from harness.planning.specs import Spec
from plugins.datasets import series_files, time_series
from plugins.datasets.time_series import BUNDLED, TimeSeries

HEADER = "# notes\n@problemName Toy\n@timeStamps false\n@classLabel true Up down\n@data\n"


def write(path: Path, *lines: str, header: str = HEADER) -> str:
    path.write_text(header + "\n".join(lines) + "\n")
    return str(path)


@pytest.mark.parametrize("name", BUNDLED)
def test_sets_that_ship_inside_aeon_agree_with_aeons_own_reader(name: str) -> None:
    datasets = pytest.importorskip("aeon.datasets")
    dataset = TimeSeries(series=name)
    entries = dataset.entries()
    place = 0
    for split, side in (("TRAIN", "train"), ("TEST", "holdout")):
        file = time_series._aeon_home() / name / f"{name}_{split}.ts"
        series, labels = datasets.load_from_ts_file(str(file))
        for expected, label in zip(series, labels, strict=True):
            entry = entries[place]
            assert (entry.label.casefold(), entry.side, entry.fault) == (label, side, None)
            if place % 10 == 0:
                samples = dataset.read(entry).samples
                np.testing.assert_array_equal(samples, np.asarray(expected, np.float32))
            place += 1
    assert place == len(entries) == len({entry.id for entry in entries})


def test_labels_sides_and_channels_of_a_pair(tmp_path: Path) -> None:
    write(tmp_path / "Toy_TRAIN.ts", "1,2,3:4,5,6:Up", "1,2:3,4:down")
    write(tmp_path / "Toy_TEST.ts", "7,8,9:1,1,1:Up")
    for path in (tmp_path / "Toy", tmp_path / "Toy.ts"):
        dataset = TimeSeries(path=str(path))
        entries = dataset.entries()
        assert [(e.label, e.side, e.position) for e in entries] == [
            ("Up", "train", 0.0),
            ("down", "train", 1.0),
            ("Up", "holdout", 2.0),
        ]
        np.testing.assert_array_equal(dataset.read(entries[0]).samples, [[1, 2, 3], [4, 5, 6]])
        np.testing.assert_array_equal(dataset.read(entries[1]).samples, [[1, 2], [3, 4]])


def test_a_folder_named_after_its_pair_is_read(tmp_path: Path) -> None:
    (tmp_path / "Toy").mkdir()
    write(tmp_path / "Toy" / "Toy_TRAIN.ts", "1,2:Up")
    write(tmp_path / "Toy" / "Toy_TEST.ts", "1,2:Up")
    assert len(TimeSeries(path=str(tmp_path / "Toy")).entries()) == 2


def test_one_file_alone_has_no_side(tmp_path: Path) -> None:
    dataset = TimeSeries(path=write(tmp_path / "toy.ts", "1,2:Up"))
    assert dataset.entries()[0].side is None


def test_the_longest_series_lasts_two_seconds_unless_told(tmp_path: Path) -> None:
    path = write(tmp_path / "toy.ts", "1,2,3,4,5,6,7,8:Up", "1,2:down")
    for parameters, rate in (({}, 4.0), ({"rate": 50}, 50.0)):
        dataset = TimeSeries(path=path, **parameters)
        assert {dataset.read(entry).rate for entry in dataset.entries()} == {rate}


def test_padding_at_the_end_is_taken_off(tmp_path: Path) -> None:
    dataset = TimeSeries(path=write(tmp_path / "toy.ts", "1,2,NaN,?:3,4,nan,NaN:Up"))
    np.testing.assert_array_equal(dataset.read(dataset.entries()[0]).samples, [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1,?,3:Up", "missing or infinite"),
        ("1,inf:Up", "missing or infinite"),
        ("1,1e60:Up", "missing or infinite"),
        ("NaN,NaN:Up", "no samples"),
        ("1,two:Up", "not all numbers"),
        (":Up", "'' stands where value 1 should be"),
        ("1\t2:Up", "where value 1 should be"),
        ("1;2:Up", "where value 1 should be"),
        ("1,1_0:Up", "where value 2 should be"),
        ("1,2:1,2,3:Up", "different lengths"),
    ],
)
def test_bad_series_are_told(tmp_path: Path, line: str, words: str) -> None:
    dataset = TimeSeries(path=write(tmp_path / "toy.ts", "1,2:down", line))
    good, bad = dataset.entries()
    assert dataset.read(good).samples.shape == (1, 2)
    with pytest.raises(BadClip, match=words):
        dataset.read(bad)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1,2,3", "has no ':' between its numbers and its label"),
        ("1,2:Sideways", "has the label 'Sideways', which @classLabel does not list"),
        ('1,2:"Up"', "has the label '\"Up\"', which @classLabel does not list"),
        ("1,2:\x1b[31m", r"has the label '\x1b[31m', which @classLabel does not list"),
    ],
)
def test_a_row_that_names_no_class_is_a_fault(tmp_path: Path, line: str, words: str) -> None:
    (entry,) = TimeSeries(path=write(tmp_path / "toy.ts", line)).entries()
    assert (entry.fault, entry.where) == (words, "toy.ts, series 1 (line 6)")


def test_line_ends_and_marks_of_other_systems_are_read(tmp_path: Path) -> None:
    text = "\ufeff" + HEADER.replace("\n", "\r\n") + "1,2:Up\r\n\r\n3,4:Down\r\n"
    (tmp_path / "toy.ts").write_bytes(text.encode())
    dataset = TimeSeries(path=str(tmp_path / "toy.ts"))
    labels = [(entry.label, dataset.read(entry).samples.tolist()) for entry in dataset.entries()]
    assert labels == [("Up", [[1, 2]]), ("Down", [[3, 4]])]


@pytest.mark.parametrize("line", ["1,2:?", "1,2:"])
def test_a_missing_label_is_a_fault(tmp_path: Path, line: str) -> None:
    entries = TimeSeries(path=write(tmp_path / "toy.ts", "1,2:Up", line)).entries()
    assert [entry.fault for entry in entries] == [None, "has no label"]
    assert entries[1].where == "toy.ts, series 2 (line 7)"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("@problemName x\n", "no @data line"),
        ("@classLabel false\n@data\n", "no class labels"),
        ("@targetLabel true\n@data\n", "no class labels"),
        ("@timeStamps true\n@data\n", "line 1: it has time stamps"),
        ("\n@classLabel maybe\n@data\n", "line 2: after @classlabel stands neither true nor"),
    ],
)
def test_files_of_another_kind_are_refused(tmp_path: Path, header: str, words: str) -> None:
    path = write(tmp_path / "toy.ts", "1,2:Up", header=header)
    with pytest.raises(DatasetError, match=words):
        TimeSeries(path=path).entries()


def test_a_file_without_series_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no series"):
        TimeSeries(path=write(tmp_path / "toy.ts")).entries()


def test_name_or_path_but_not_both_nor_none(tmp_path: Path) -> None:
    for parameters in ({}, {"series": "GunPoint", "path": "x.ts"}):
        with pytest.raises(DatasetError, match="either name=SET or path="):
            TimeSeries(**parameters).entries()
    with pytest.raises(DatasetError, match="No file"):
        TimeSeries(path=str(tmp_path / "none.ts")).entries()


def test_the_set_is_written_as_name_in_brackets() -> None:
    values = values_of(TimeSeries, Spec("time-series", (("name", "GunPoint"), ("rate", 5))))
    dataset = TimeSeries(**values)
    assert (dataset.series, dataset.name) == ("GunPoint", "time-series")
    assert dict(spec_of(dataset).parameters) == {"name": "GunPoint", "rate": 5.0}


@pytest.mark.parametrize("name", ["../GunPoint", "a/b", "http://x", "x y"])
def test_a_name_cannot_climb_out_of_the_archive(name: str) -> None:
    with pytest.raises(ParameterError, match="is no name of a set"):
        TimeSeries(series=name)


def test_a_set_that_cannot_be_downloaded_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaders = pytest.importorskip("aeon.datasets._data_loaders")

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setenv("AEON_DATA", str(tmp_path))
    monkeypatch.setattr(loaders, "urlopen", refuse)
    for name in ("Adiac", "RightWhaleCalls"):
        with pytest.raises(DatasetError, match=f"'{name}' does not come with aeon.*network") as e:
            TimeSeries(series=name).entries()
        assert "GunPoint" in str(e.value)


def test_a_set_put_among_the_downloads_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AEON_DATA", str(tmp_path))
    (tmp_path / "Mine").mkdir()
    for end in ("TRAIN", "TEST"):
        write(tmp_path / "Mine" / f"Mine_{end}.ts", "1,2:Up")
    assert len(TimeSeries(series="Mine").entries()) == 2


def test_an_entry_of_another_set_is_refused(tmp_path: Path) -> None:
    toy = TimeSeries(path=write(tmp_path / "toy.ts", "1,2:Up"))
    other = TimeSeries(path=write(tmp_path / "other.ts", "1,2:Up", "3,4:Up"))
    for entry in other.entries():
        with pytest.raises(BadClip, match="none of the series"):
            toy.read(entry)


def test_a_pickled_dataset_reads_the_same(tmp_path: Path) -> None:
    dataset = TimeSeries(path=write(tmp_path / "toy.ts", "1,2:Up", "3,4:down"))
    copy = pickle.loads(pickle.dumps(dataset))
    for entry in dataset.entries():
        assert copy.read(entry).samples.tobytes() == dataset.read(entry).samples.tobytes()


def test_a_file_is_indexed_once_until_it_changes(tmp_path: Path) -> None:
    path = Path(write(tmp_path / "toy.ts", "1,2:Up"))
    first = series_files.open_series(path)
    assert series_files.open_series(path) is first
    write(path, "1,2:Up", "3,4:Up")
    assert len(series_files.open_series(path).starts) == 2


def test_files_need_no_aeon_and_sets_of_the_archive_say_that_they_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_series.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("AEON_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datasets" / "data" / "GunPoint").mkdir(parents=True)
    path = write(tmp_path / "Toy.ts", "1,2:Up", "2,1:down")
    assert TimeSeries.unavailable() is None
    assert len(TimeSeries(path=path).entries()) == 2
    with pytest.raises(DatasetError, match=r"GunPoint.* needs aeon.*path=FILE\.ts"):
        TimeSeries(series="GunPoint").entries()
