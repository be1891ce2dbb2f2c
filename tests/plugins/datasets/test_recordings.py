"""What all datasets of sound files share: rates, channels, lengths, other processes."""

from __future__ import annotations

import pickle
import struct
import zipfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from harness import BadClip, Clip
from plugins.datasets import recordings
from plugins.datasets.labelled_folder import LabelledFolder
from plugins.datasets.resampling import suffix_of


def tone(hz: float, rate: int, seconds: float = 1.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes, three rates, mono and stereo, three lengths."""
    for label in ("low", "high"):
        (tmp_path / label).mkdir()
    soundfile.write(tmp_path / "low/a.wav", tone(100, 8000), 8000)
    soundfile.write(tmp_path / "low/b.flac", tone(100, 4000, 0.5), 4000)
    both = np.stack([tone(600, 16000, 2.0), -0.5 * tone(600, 16000, 2.0)], axis=1)
    soundfile.write(tmp_path / "high/c.aiff", both, 16000)
    return tmp_path


def read_all(dataset: LabelledFolder) -> dict[str, Clip]:
    return {entry.id: dataset.read(entry) for entry in dataset.entries()}


def loudest_hz(clip: Clip) -> float:
    power = np.abs(np.fft.rfft(clip.samples[0]))
    return float(power.argmax() * clip.rate / clip.samples.shape[1])


@given(st.lists(st.sampled_from(["a", ".", "..", "b/", "WAV", "é", " "])).map("".join))
def test_the_kind_of_a_file_is_its_suffix(name: str) -> None:
    if not name.endswith(("/", "/.")):
        assert suffix_of(name) == PurePosixPath(name).suffix[1:].lower()


def test_mixed_rates_become_the_lowest_by_default(folder: Path) -> None:
    clips = read_all(LabelledFolder(path=str(folder)))
    assert {clip.rate for clip in clips.values()} == {4000.0}
    assert loudest_hz(clips["low/a.wav"]) == pytest.approx(100, abs=2)
    assert loudest_hz(clips["high/c.aiff"]) == pytest.approx(600, abs=2)


def test_rate_resamples_all(folder: Path) -> None:
    clips = read_all(LabelledFolder(path=str(folder), rate=2000))
    assert {clip.rate for clip in clips.values()} == {2000.0}
    lengths = {name: clip.samples.shape[1] for name, clip in clips.items()}
    assert lengths == {"low/a.wav": 2000, "low/b.flac": 1000, "high/c.aiff": 4000}


def test_a_file_at_the_wanted_rate_is_left_bit_for_bit(folder: Path) -> None:
    clips = read_all(LabelledFolder(path=str(folder), rate=8000))
    expected, _ = soundfile.read(folder / "low/a.wav", dtype="float32")
    assert clips["low/a.wav"].samples[0].tobytes() == expected.tobytes()


def test_channels_are_mixed_or_kept(folder: Path) -> None:
    mixed = read_all(LabelledFolder(path=str(folder), rate=16000))["high/c.aiff"].samples
    kept = read_all(LabelledFolder(path=str(folder), rate=16000, channels="keep"))
    both = kept["high/c.aiff"].samples
    assert both.shape == (2, 32000)
    assert kept["low/a.wav"].samples.shape[0] == 1
    np.testing.assert_allclose(mixed[0], both.mean(axis=0), atol=1e-7)
    np.testing.assert_allclose(both[1], -0.5 * both[0], atol=1 / 16384)


def test_seconds_cuts_the_end_or_fills_it_with_zeros(folder: Path) -> None:
    whole = read_all(LabelledFolder(path=str(folder)))
    fitted = read_all(LabelledFolder(path=str(folder), seconds=0.75))
    for name, clip in fitted.items():
        assert clip.samples.shape == (1, 3000)
        held = min(3000, whole[name].samples.shape[1])
        np.testing.assert_array_equal(clip.samples[:, :held], whole[name].samples[:, :held])
        assert not clip.samples[:, held:].any()


def test_a_clip_that_vanishes_at_the_new_rate_is_bad() -> None:
    with pytest.raises(BadClip, match="too short"):
        recordings.resample(np.ones((1, 3), np.float32), 48000.0, 100.0)


def test_unreadable_files_do_not_hide_the_lowest_rate(folder: Path) -> None:
    (folder / "low/bad.wav").write_bytes(b"RIFF nonsense")
    (folder / "low/empty.wav").write_bytes(b"")
    dataset = LabelledFolder(path=str(folder))
    by_name = {entry.id: entry for entry in dataset.entries()}
    assert dataset.read(by_name["low/a.wav"]).rate == 4000.0
    with pytest.raises(BadClip, match="not audio"):
        dataset.read(by_name["low/bad.wav"])
    with pytest.raises(BadClip, match="empty"):
        dataset.read(by_name["low/empty.wav"])


def wav(rate: int, pulses: bytes, size: int) -> bytes:
    fields = struct.pack("<LHHLLHH", 16, 1, 1, rate, 2 * rate, 2, 16)
    chunks = b"WAVEfmt " + fields + b"data" + struct.pack("<L", size) + pulses
    return b"RIFF" + struct.pack("<L", len(chunks)) + chunks


def test_a_clip_carries_a_note_of_what_its_header_said(folder: Path) -> None:
    (folder / "low/dead.wav").write_bytes(wav(8000, b"\1\2" * 8000, 44))
    clips = read_all(LabelledFolder(path=str(folder)))
    assert clips["low/dead.wav"].note == (
        "its header promises 44 bytes of samples, 16000 are there: all were read"
    )
    assert clips["low/dead.wav"].samples.shape == (1, 4000)
    assert {name for name, clip in clips.items() if clip.note} == {"low/dead.wav"}


@pytest.mark.parametrize(
    "bad",
    [
        wav(100, b"\1\2" * 2000, 4000)[:500],
        wav(1, b"\1\2" * 2000, 4000),
        wav(0, b"\1\2" * 2000, 4000),
        wav(100, b"", 0),
    ],
)
def test_files_that_cannot_be_used_do_not_decide_the_rate(folder: Path, bad: bytes) -> None:
    (folder / "low/bad.wav").write_bytes(bad)
    dataset = LabelledFolder(path=str(folder))
    by_name = {entry.id: entry for entry in dataset.entries()}
    assert dataset.read(by_name["low/a.wav"]).rate == 4000.0
    with pytest.raises(BadClip):
        dataset.read(by_name["low/bad.wav"])


def test_a_rate_far_into_the_file_is_found(folder: Path) -> None:
    data = wav(500, b"\1\2" * 500, 1000)
    far = data[:12] + b"JUNK" + struct.pack("<L", 9000) + bytes(9000) + data[12:]
    (folder / "low/far.wav").write_bytes(far)
    assert {clip.rate for clip in read_all(LabelledFolder(path=str(folder))).values()} == {500.0}


def test_a_clip_is_not_made_larger_than_memory() -> None:
    clip = np.ones((1, 100_000), np.float32)
    with pytest.raises(BadClip, match=r"would have 9.6e\+08 samples at 9.6e\+07 Hz, more than"):
        recordings.resample(clip, 10_000.0, 96e6)
    with pytest.raises(BadClip, match=r"would have 1e\+12 samples, more than the 2.68e\+08"):
        recordings.fit_length(clip, 10**12)


def test_reading_without_listing_finds_the_same_rate(folder: Path) -> None:
    entries = LabelledFolder(path=str(folder)).entries()
    fresh = LabelledFolder(path=str(folder))
    assert fresh.read(entries[0]).rate == 4000.0


def test_a_pickled_dataset_knows_the_rate_and_looks_at_no_header(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = LabelledFolder(path=str(folder))
    entries = dataset.entries()
    copy = pickle.loads(pickle.dumps(dataset))
    assert copy == dataset
    monkeypatch.setattr(recordings, "lowest_rate", lambda *_: pytest.fail("looked again"))
    assert copy.read(entries[0]).rate == 4000.0


@pytest.mark.parametrize("packed", [False, True])
def test_another_process_reads_the_same_samples(folder: Path, tmp_path: Path, packed: bool) -> None:
    path = folder
    if packed:
        path = tmp_path / "clips.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in folder.rglob("*.*"):
                if file.suffix != ".zip":
                    archive.write(file, file.relative_to(folder))
    dataset = LabelledFolder(path=str(path), label="{label}/{*}")
    here = read_all(dataset)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = list(pool.map(dataset.read, dataset.entries()))
    assert len(there) == len(here) == 3
    for clip in there:
        assert clip.samples.tobytes() == here[clip.id].samples.tobytes()
        assert (clip.rate, clip.label) == (here[clip.id].rate, here[clip.id].label)
