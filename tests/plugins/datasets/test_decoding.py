"""Sound files become samples, or say in one sentence why not."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import BadClip
from plugins.datasets import decoding

FORMATS = [
    ("WAV", "PCM_16"),
    ("WAV", "PCM_U8"),
    ("WAV", "PCM_24"),
    ("WAV", "FLOAT"),
    ("WAVEX", "PCM_16"),
    ("AIFF", "PCM_16"),
    ("AIFF", "PCM_24"),
    ("AIFF", "FLOAT"),
    ("FLAC", "PCM_16"),
    ("OGG", "VORBIS"),
    ("MP3", "MPEG_LAYER_III"),
]


def encode(samples: np.ndarray, rate: int, format: str, subtype: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=format, subtype=subtype)
    return file.getvalue()


def noise(n: int = 4000, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, (n, channels)).astype(np.float32)


def assert_samples_or_reason(data: bytes) -> None:
    reason = ""
    samples, rate = np.zeros((1, 0), np.float32), 0.0
    try:
        samples, rate, _ = decoding.decode(data)
    except BadClip as error:
        reason = str(error)
    assert bool(reason) != (samples.size > 0 and rate > 0)
    assert np.isfinite(samples).all()


@pytest.mark.parametrize(("format", "subtype"), FORMATS)
@pytest.mark.parametrize("channels", [1, 2])
def test_all_formats_give_what_soundfile_gives(format: str, subtype: str, channels: int) -> None:
    data = encode(noise(8000, channels), 16000, format, subtype)
    expected, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    samples, found, _ = decoding.decode(data)
    assert found == rate == 16000
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(samples, expected.T)


@settings(max_examples=60, deadline=None)
@given(
    pulses=st.lists(st.integers(-32768, 32767), min_size=1, max_size=60),
    channels=st.integers(1, 3),
    rate=st.integers(10, 200_000),
    format=st.sampled_from(["WAV", "AIFF"]),
)
def test_the_fast_path_is_soundfile_bit_for_bit(
    pulses: list[int], channels: int, rate: int, format: str
) -> None:
    samples = np.array(pulses, np.int16).repeat(channels).reshape(-1, channels)
    data = encode(samples, rate, format, "PCM_16")
    expected, expected_rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    found, found_rate, _ = decoding.decode(data)
    assert found_rate == expected_rate
    assert found.tobytes() == np.ascontiguousarray(expected.T).tobytes()


def test_plain_16_bit_files_never_reach_soundfile(monkeypatch: pytest.MonkeyPatch) -> None:
    wav = encode(noise(), 2000, "WAV", "PCM_16")
    aiff = encode(noise(), 2000, "AIFF", "PCM_16")
    for slow in ("decode_by_libsndfile", "decode_raw"):
        monkeypatch.setattr(decoding, slow, lambda *_: pytest.fail("slow path"))
    assert decoding.decode(wav)[0].shape == decoding.decode(aiff)[0].shape == (1, 4000)


@pytest.mark.parametrize(("format", "subtype"), FORMATS)
@pytest.mark.parametrize("kept", [0.3, 0.75])
def test_truncated_files_are_refused(format: str, subtype: str, kept: float) -> None:
    data = encode(noise(16000), 16000, format, subtype)
    with pytest.raises(BadClip, match=r"truncated|cut off"):
        decoding.decode(data[: int(len(data) * kept)])


@pytest.mark.parametrize("format", ["WAV", "AIFF"])
def test_one_missing_byte_is_told_with_both_sizes(format: str) -> None:
    data = encode(noise(), 2000, format, "PCM_16")
    with pytest.raises(
        BadClip, match=r"is truncated: its header promises 8000 bytes .* 7999 are there"
    ):
        decoding.decode(data[:-1])


def test_a_stream_whose_header_does_not_know_its_size_is_read() -> None:
    data = bytearray(encode(noise(), 2000, "WAV", "PCM_16"))
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    samples, _, _ = decoding.decode(bytes(data))
    np.testing.assert_allclose(samples[0], noise()[:, 0], atol=1 / 32768)


@pytest.mark.parametrize("format", ["WAV", "AIFF"])
def test_zero_samples_are_refused(format: str) -> None:
    with pytest.raises(BadClip, match=r"^holds no samples$"):
        decoding.decode(encode(noise(0), 2000, format, "PCM_16"))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_non_finite_samples_are_refused(bad: float) -> None:
    samples = noise()
    samples[17] = bad
    with pytest.raises(BadClip, match=r"not finite numbers \(NaN or infinite\)"):
        decoding.decode(encode(samples, 2000, "WAV", "FLOAT"))


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(BadClip, match=r"^is empty \(0 bytes\)$"):
        decoding.decode(b"")


@pytest.mark.parametrize("data", [b"hello, this is text", b"RIFF", b"FORM\0\0\0\0AIFFCOMM", b"\0"])
def test_what_is_not_audio_is_refused(data: bytes) -> None:
    with pytest.raises(BadClip, match="is not audio that can be read"):
        decoding.decode(data)


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=80), head=st.sampled_from([b"", b"RIFF", b"FORM", b"OggS", b"fLaC"]))
def test_strangers_bytes_only_ever_raise_bad_clip(data: bytes, head: bytes) -> None:
    assert_samples_or_reason(head + data)


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 60), value=st.integers(0, 255), format=st.sampled_from(["WAV", "AIFF"]))
def test_a_damaged_header_gives_samples_or_a_reason(at: int, value: int, format: str) -> None:
    data = bytearray(encode(noise(40), 2000, format, "PCM_16"))
    data[at % len(data)] = value
    assert_samples_or_reason(bytes(data))


@pytest.mark.parametrize(("format", "subtype"), FORMATS)
def test_the_rate_is_read_without_decoding(format: str, subtype: str) -> None:
    data = encode(noise(), 16000, format, subtype)
    assert (decoding.read_rate(data[:4096]) or decoding.rate_by_soundfile(data)) == 16000


def test_no_rate_is_found_where_there_is_none() -> None:
    assert decoding.read_rate(b"nothing") is None
    assert decoding.rate_by_soundfile(b"nothing") is None
