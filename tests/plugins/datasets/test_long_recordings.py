"""Long recordings read in blocks: every container, broken ones, zips, processes."""

from __future__ import annotations

import gc
import os
import zipfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness import BadClip
from plugins.datasets import long_recordings
from plugins.datasets.long_recordings import LongRecording, open_recording, unpack
from plugins.datasets.stores import open_store

RATE = 8000
KINDS = {
    "a.wav": ("WAV", "PCM_16"),
    "a.aiff": ("AIFF", "PCM_16"),
    "a.flac": ("FLAC", "PCM_16"),
    "a.w64": ("W64", "PCM_16"),
    "a.caf": ("CAF", "PCM_16"),
    "a.ogg": ("OGG", "VORBIS"),
    "a.opus": ("OGG", "OPUS"),
    "a.mp3": ("MP3", "MPEG_LAYER_III"),
}


def noise(seconds: float = 30.0, channels: int = 1, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((int(seconds * RATE), channels))).astype(np.float32)


def write(place: Path, samples: np.ndarray) -> Path:
    format, subtype = KINDS[f"a{place.suffix}"]
    soundfile.write(place, samples, RATE, format=format, subtype=subtype)
    return place


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test's half minute be many blocks."""
    long_recordings._open.cache_clear()
    monkeypatch.setattr(long_recordings, "BLOCK", 10_000)


@pytest.mark.parametrize("name", KINDS)
def test_any_order_gives_the_samples_of_the_whole(name: str, tmp_path: Path) -> None:
    place = write(tmp_path / name, noise())
    with soundfile.SoundFile(place) as file:
        file.seek(0)
        whole = file.read(dtype="float32")
    recording = LongRecording(place)
    assert (recording.frames, recording.rate) == (len(whole), float(RATE))
    firsts = np.random.default_rng(1).permutation(np.arange(0, len(whole) - 16_000, 7_777))
    last_bits = 1.2e-7 if name == "a.mp3" else 0
    seen = {}
    for first in [*firsts, *sorted(firsts)]:
        found = recording.read(int(first), 16_000)
        expected = whole[first : first + 16_000]
        np.testing.assert_allclose(found[0], expected, rtol=0, atol=last_bits)
        assert seen.setdefault(int(first), found.tobytes()) == found.tobytes()


def test_memory_and_decoding_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows one after another decode each block once, and keep few."""
    recording = LongRecording(write(tmp_path / "a.flac", noise()))
    decoded = []
    decode = recording._decode
    monkeypatch.setattr(
        recording, "_decode", lambda first, count: decoded.append(first) or decode(first, count)
    )
    for first in range(0, recording.frames - 4000, 2000):
        recording.read(first, 4000)
        assert len(recording._blocks) <= long_recordings.BLOCKS_KEPT
    assert decoded == list(range(0, recording.frames, 10_000))


def test_many_channels_take_no_more_memory(tmp_path: Path) -> None:
    recording = LongRecording(write(tmp_path / "a.wav", noise(2.0, channels=8)))
    found = recording.read(1_000, 5_000)
    assert found.shape == (8, 5_000)
    assert max(block.size for block in recording._blocks.values()) <= 10_000


@pytest.mark.parametrize(("first", "count"), [(-1, 10), (239_999, 2), (0, 0), (10**12, 1)])
def test_places_outside_are_bad(first: int, count: int, tmp_path: Path) -> None:
    recording = LongRecording(write(tmp_path / "a.wav", noise()))
    with pytest.raises(BadClip, match="of a recording that has 30 s"):
        recording.read(first, count)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.ogg", "a.aiff"])
def test_a_recording_that_breaks_off_is_read_up_to_there(name: str, tmp_path: Path) -> None:
    place = write(tmp_path / name, noise())
    whole, _ = soundfile.read(place, dtype="float32")
    data = place.read_bytes()
    place.write_bytes(data[: len(data) * 6 // 10])
    recording = LongRecording(place)
    assert 10 * RATE < recording.frames < 20 * RATE
    first = recording.frames - 4000
    tail = recording.read(first, 4000)
    np.testing.assert_allclose(tail[0, :2000], whole[first : first + 2000], rtol=0, atol=1.2e-7)
    with pytest.raises(BadClip, match="of a recording that has"):
        recording.read(recording.frames - 10, 20)


@pytest.mark.parametrize("data", [b"", b"RIFF nonsense", b"fLaC", os.urandom(5000)])
def test_what_is_no_sound_says_so(data: bytes, tmp_path: Path) -> None:
    place = tmp_path / "a.wav"
    place.write_bytes(data)
    with pytest.raises(BadClip, match="not sound that can be read"):
        LongRecording(place)


def test_a_header_without_samples_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadClip, match="holds no samples"):
        LongRecording(write(tmp_path / "a.wav", noise(0.0)))


def test_damage_in_the_middle_spoils_only_what_lies_there(tmp_path: Path) -> None:
    place = write(tmp_path / "a.flac", noise())
    whole, _ = soundfile.read(place, dtype="float32")
    data = bytearray(place.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 9000] = bytes(9000)
    place.write_bytes(data)
    recording = LongRecording(place)
    found = {first: attempt(recording, first) for first in range(0, 230_000, 8000)}
    bad = {why for why in found.values() if isinstance(why, str)}
    assert bad
    assert all("damaged there" in why for why in bad)
    same = [np.array_equal(whole[at : at + 8000], each) for at, each in found.items()]
    assert sum(same) >= 20


def attempt(recording: LongRecording, first: int) -> np.ndarray | str:
    try:
        return recording.read(first, 8000)[0]
    except BadClip as error:
        return str(error)


def test_samples_that_are_no_numbers_are_bad(tmp_path: Path) -> None:
    samples = noise()
    samples[50_000] = np.nan
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    recording = LongRecording(tmp_path / "a.wav")
    recording.read(0, 10_000)
    with pytest.raises(BadClip, match="not finite"):
        recording.read(48_000, 4_000)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    write(tmp_path / "a.flac", noise())
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.write(tmp_path / "a.flac", "sub/a.flac")
        file.writestr("readme.txt", "hello")
    return tmp_path / "a.zip"


def test_a_member_of_a_zip_reads_like_the_file(archive: Path) -> None:
    inside = open_recording(open_store(str(archive)), "sub/a.flac")
    outside = LongRecording(archive.with_name("a.flac"))
    for first in (200_000, 0, 123_456):
        np.testing.assert_array_equal(inside.read(first, 9999), outside.read(first, 9999))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_an_unpacked_member_has_no_name_and_ends_with_its_recording(archive: Path) -> None:
    def nameless() -> int:
        links = [each for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
        return sum(str(each.readlink()).endswith("(deleted)") for each in links)

    gc.collect()
    before = nameless()
    recording = LongRecording(unpack(archive, "sub/a.flac"))
    assert nameless() == before + 1
    del recording
    gc.collect()
    assert nameless() == before


def test_a_damaged_member_is_bad(archive: Path) -> None:
    data = bytearray(archive.read_bytes())
    data[200:300] = bytes(100)
    archive.write_bytes(data)
    with pytest.raises(BadClip, match="damaged in the zip"):
        open_recording(open_store(str(archive)), "sub/a.flac")


def test_names_that_are_not_there_or_climb_are_refused(archive: Path) -> None:
    for path in (archive, archive.parent):
        store = open_store(str(path))
        with pytest.raises(BadClip):
            open_recording(store, "no such.flac")
        with pytest.raises(BadClip, match=r"climbs out|not in the zip"):
            open_recording(store, "../a.flac")


def test_a_recording_stays_open_until_it_changes(tmp_path: Path) -> None:
    place = write(tmp_path / "a.flac", noise())
    store = open_store(str(tmp_path))
    first = open_recording(store, "a.flac")
    assert open_recording(store, "a.flac") is first
    write(place, noise(10.0))
    assert open_recording(store, "a.flac").frames == 10 * RATE


def _read(folder: str, first: int) -> bytes:
    return open_recording(open_store(folder), "a.flac").read(first, 4000).tobytes()


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_and_threads_read_the_same(method: str, tmp_path: Path) -> None:
    write(tmp_path / "a.flac", noise())
    firsts = list(range(0, 200_000, 3_333))
    here = [_read(str(tmp_path), first) for first in firsts]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(_read, [str(tmp_path)] * len(firsts), firsts)) == here
    if method == "fork" and not hasattr(os, "fork"):
        pytest.skip("needs fork")
    with ProcessPoolExecutor(2, mp_context=get_context(method)) as pool:
        assert list(pool.map(_read, [str(tmp_path)] * len(firsts), firsts)) == here
