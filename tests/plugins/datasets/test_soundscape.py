"""Computed recordings, and what is written of them."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import soundfile

from harness import BadClip, DatasetError, Entry
from plugins.datasets.annotated import Annotated
from plugins.datasets.soundscape import Soundscape
from plugins.datasets.soundscape_writing import write_soundscape
from plugins.datasets.synthetic_recordings import Sea, SyntheticRecording

SMALL = {"recordings": 4, "sites": 2, "minutes": 1.0, "calls_per_hour": 240.0}


def recording(minutes: float = 2.0, **sea: float) -> SyntheticRecording:
    known = {"seed": 0, "calls_per_hour": 300, "snr_db": 20, "snr_spread_db": 0, "clutter": 0}
    return SyntheticRecording(Sea(**(known | sea)), 0, round(minutes * 120_000))  # type: ignore[arg-type]


def test_any_stretch_is_the_same_whatever_was_read_before() -> None:
    whole = recording(clutter=1.0).read(0, 240_000)
    fresh = recording(clutter=1.0)
    for first, count in ((200_001, 9_999), (0, 1), (3_999, 2), (100_000, 40_000), (239_999, 1)):
        np.testing.assert_array_equal(fresh.read(first, count), whole[:, first : first + count])
    for first, count in ((-1, 5), (239_999, 2), (0, 0)):
        with pytest.raises(BadClip, match="outside"):
            fresh.read(first, count)


def test_calls_are_where_the_table_says() -> None:
    """In the band of the calls there is far more power inside the selections than outside."""
    made = recording(4.0)
    hz, at_s, power = scipy.signal.spectrogram(made.read(0, made.frames)[0], 2000, nperseg=256)
    inside = np.zeros(len(at_s), dtype=bool)
    for start, end in zip(made.selections.start_s, made.selections.end_s, strict=True):
        middle = (start + end) / 2
        inside |= np.abs(at_s - middle) < 0.2
    band = power[(hz > 60) & (hz < 300)].sum(axis=0)
    assert len(made.selections) >= 5
    assert band[inside].min() > 10 * np.median(band[~inside])
    for start, end in zip(made.selections.start_s, made.selections.end_s, strict=True):
        inside |= (at_s > start - 0.1) & (at_s < end + 0.1)
    assert band[~inside].max() < np.median(band[inside])


def test_selections_have_lengths_and_bands_of_upcalls() -> None:
    selections = recording(30.0).selections
    lengths = selections.end_s - selections.start_s
    assert (lengths >= 0.6 - 1e-6).all()
    assert (lengths <= 1.1 + 1e-6).all()
    assert (selections.low_hz < selections.high_hz).all()
    assert (np.diff(selections.start_s) > 1).all()


def test_calls_come_at_the_rate_that_was_asked_for() -> None:
    counts = [len(recording(60.0, seed=seed, calls_per_hour=75).selections) for seed in range(12)]
    assert 65 < np.mean(counts) < 80


def test_noise_is_even_where_segments_meet() -> None:
    samples = recording(10.0, calls_per_hour=0, snr_db=-200).read(0, 1_200_000)[0]
    power = (samples.reshape(-1, 2000) ** 2).mean(axis=0)
    thirds = power.reshape(8, 250).mean(axis=1)
    assert thirds.max() / thirds.min() < 1.1


def test_sites_dates_and_labels() -> None:
    dataset = Soundscape(**SMALL)  # type: ignore[arg-type]
    entries = dataset.entries()
    assert {entry.group for entry in entries} == {"siteA", "siteB"}
    assert {entry.label for entry in entries} == {"upcall", "background"}
    assert list(dataset.computed()) == [
        "siteA_20300401_000000.flac",
        "siteA_20300402_060000.flac",
        "siteB_20300401_000000.flac",
        "siteB_20300402_060000.flac",
    ]
    assert dataset.synthetic
    assert dataset.suggest_split(entries) == "grouped"
    assert any("selections: upcall" in each for each in dataset.remarks(entries))
    with pytest.raises(BadClip, match="none of the 4 recordings"):
        dataset.read(Entry("siteC_1.flac@0", "upcall"))


def test_what_counts_can_be_chosen() -> None:
    low = Soundscape(low=1000, **SMALL)  # type: ignore[arg-type]
    assert {entry.label for entry in low.entries()} == {"background"}
    with pytest.raises(DatasetError, match="no selection is labelled 'song'"):
        Soundscape(classes="song").entries()


def test_seeds_differ_and_processes_agree() -> None:
    dataset = Soundscape(**SMALL)  # type: ignore[arg-type]
    entry = dataset.entries()[20]
    clip = dataset.read(entry)
    assert (clip.samples.shape, clip.rate) == ((1, 4000), 2000.0)
    again = pickle.loads(pickle.dumps(dataset)).read(entry)
    assert again.samples.tobytes() == clip.samples.tobytes()
    other = Soundscape(seed=1, **SMALL).read(entry)  # type: ignore[arg-type]
    assert other.samples.tobytes() != clip.samples.tobytes()


@pytest.mark.parametrize("format", ["flac", "wav"])
def test_what_is_written_is_read_by_annotated_as_it_was(tmp_path: Path, format: str) -> None:
    dataset = Soundscape(**SMALL)  # type: ignore[arg-type]
    written = write_soundscape(dataset, tmp_path / "out", format)
    assert len(list((tmp_path / "out").iterdir())) == 8
    assert soundfile.info(written[0]).subtype == "PCM_16"
    read = Annotated(path=str(tmp_path / "out"), group="{site}_{*}")
    here, there = dataset.entries(), read.entries()
    assert [(e.label, e.group, e.position) for e in here] == [
        (e.label, e.group, e.position) for e in there
    ]
    for one, other in list(zip(here, there, strict=True))[::17]:
        assert dataset.read(one).samples.tobytes() == read.read(other).samples.tobytes()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    dataset = Soundscape(**SMALL)  # type: ignore[arg-type]
    write_soundscape(dataset, tmp_path)
    with pytest.raises(DatasetError, match="is there already"):
        write_soundscape(dataset, tmp_path)
    long = Soundscape(recordings=1, sites=1, minutes=10_000)
    with pytest.raises(DatasetError, match="write flac"):
        write_soundscape(long, tmp_path / "other", "wav")
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match="cannot be written to"):
        write_soundscape(dataset, tmp_path / "file")
    with pytest.raises(DatasetError, match="'mp3' is none of flac, wav"):
        write_soundscape(dataset, tmp_path / "other", "mp3")


def test_the_verb(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "harness", "soundscape", "-o", "sea", "--recordings", "2"]
    command += ["--sites", "2", "--minutes", "0.5"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "2 recordings and their tables in sea" in done.stdout
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_windows_say_how_much_time_they_stand_for() -> None:
    whole = Soundscape(recordings=2, minutes=2, calls_per_hour=300)
    thinned = Soundscape(recordings=2, minutes=2, calls_per_hour=300, background_per_call=1)
    assert {each.stands_for_s for each in whole.entries()} == {1.0}
    assert len(thinned.entries()) < len(whole.entries()) / 2
    seconds = [
        sum(each.stands_for_s or 0.0 for each in dataset.entries()) for dataset in (whole, thinned)
    ]
    assert seconds[1] == pytest.approx(seconds[0])
    calls = [e for e in thinned.entries() if e.label == "upcall"]
    assert {each.stands_for_s for each in calls} == {1.0}


def test_selections_are_those_of_its_tables() -> None:
    dataset = Soundscape(recordings=2, minutes=2, calls_per_hour=300)
    found = dataset.selections(dataset.entries())
    assert len(found) == sum(map(len, dataset.marked().values())) > 0
    assert {each.label for each in found} == {"upcall"}
    assert {each.recording for each in found} <= set(dataset.computed())
