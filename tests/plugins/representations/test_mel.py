"""The mel spectrogram is librosa's."""

from __future__ import annotations

import warnings

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import Inapplicable, Signals
from harness.pictures.drawing import Drawing
from plugins.representations.mel import Mel

RATE = 2000.0
TIMES = np.arange(4000) / RATE


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).standard_normal(shape).astype(np.float32)


def librosas(samples: np.ndarray, rate: float, length: int, hop: int, **more: object) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It warns of clips that are shorter than a window.
        power = librosa.feature.melspectrogram(
            y=samples, sr=rate, n_fft=length, hop_length=hop, **more
        )
    return librosa.power_to_db(power, ref=np.max)


@pytest.mark.parametrize("level", [1.0, 1e-3, 1e-7])
def test_the_defaults_agree_with_librosa(level: float) -> None:
    samples = noise(3, 1, 4000) * np.float32(level)
    raster = Mel().raster(Signals(samples, RATE))
    expected = [librosas(each[0], RATE, 256, 32, n_mels=64) for each in samples]
    assert np.abs(raster.values - expected).max() < 1e-3
    assert raster.scale == "db"
    assert np.allclose(raster.columns.points, np.arange(126) * 0.016)


@pytest.mark.parametrize(
    ("n", "rate", "window_s", "hop_s", "more"),
    [
        (8000, 8000.0, 0.064, 0.016, {"n_mels": 40, "fmin": 100.0, "fmax": 3000.0}),
        (3001, 2000.0, 0.1005, 0.02, {"n_mels": 25}),
        (50, 2000.0, 0.128, 0.016, {"n_mels": 64}),
        (1, 2000.0, 0.128, 0.016, {"n_mels": 64}),
    ],
)
def test_other_parameters_agree_too(
    n: int, rate: float, window_s: float, hop_s: float, more: dict[str, float]
) -> None:
    samples = noise(n)
    names = {"n_mels": "n_mels", "fmin": "low", "fmax": "high"}
    mel = Mel(window_s=window_s, hop_s=hop_s, **{names[key]: more[key] for key in more})
    raster = mel.raster(Signals(samples[None, None], rate))
    expected = librosas(samples, rate, round(window_s * rate), round(hop_s * rate), **more)
    assert raster.values[0].shape == expected.shape
    assert np.abs(raster.values[0] - expected).max() < 1e-3


def test_the_axis_holds_the_centres_of_the_bands() -> None:
    points = Mel(n_mels=20).raster(Signals(noise(1, 1, 500), RATE)).rows.points
    assert np.allclose(points, librosa.mel_frequencies(22, fmin=0, fmax=1000)[1:-1])


@pytest.mark.parametrize("tone", [150.0, 500.0, 800.0])
def test_a_tone_is_a_line_at_its_frequency(tone: float) -> None:
    signals = Signals(np.float32(np.sin(2 * np.pi * tone * TIMES))[None, None], RATE)
    raster = Mel().raster(signals)
    assert abs(raster.rows.points[raster.values[0].mean(axis=1).argmax()] - tone) < 16
    drawn = Drawing(Mel()).planes(signals)[0].astype(float)
    assert abs(drawn.mean(axis=1).argmax() - 224 * (1 - tone / 1000)) < 5


def test_channels_are_stacked_with_the_first_at_the_bottom() -> None:
    signals = Signals(noise(2, 2, 600), RATE)
    assert Mel().raster(signals).values.shape == (2, 128, 19)
    assert np.array_equal(np.unique(Mel().raster(signals).rows.points).size, 64)


def test_silence_and_clipping_are_finite() -> None:
    assert not Mel().raster(Signals(np.zeros((1, 1, 4000), np.float32), RATE)).values.any()
    clipped = Mel().raster(Signals(np.sign(noise(1, 1, 4000)), RATE)).values
    assert np.isfinite(clipped).all()


@settings(deadline=None, max_examples=30)
@given(n=st.integers(0, 900), channels=st.integers(1, 2), rate=st.sampled_from([2000.0, 8000.0]))
def test_any_signal_has_one(n: int, channels: int, rate: float) -> None:
    samples = noise(2, channels, n)
    before = samples.copy()
    values = Mel().raster(Signals(samples, rate)).values
    assert values.shape == (2, 64 * channels, 1 + n // round(0.016 * rate))
    assert np.isfinite(values).all()
    assert values.max() <= 0
    assert values.min() >= -80.001
    assert np.array_equal(samples, before)


@pytest.mark.parametrize("size", [1, 7, 40])
def test_the_batch_does_not_matter(size: int) -> None:
    samples = noise(40, 1, 1500)
    whole = Mel().raster(Signals(samples, RATE)).values
    parts = [
        Mel().raster(Signals(samples[start : start + size], RATE)).values
        for start in range(0, 40, size)
    ]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"n_mels": 400}, "400 bands .* would be empty"),
        ({"low": 500.0, "high": 400.0}, "from 500 to 400 Hz do not fit"),
        ({"high": 4000.0}, "0 to 1000 Hz"),
        ({"window_s": 0.0001}, "0 samples at 2000 Hz"),
    ],
)
def test_what_cannot_be_done_is_refused(parameters: dict[str, float], sentence: str) -> None:
    with pytest.raises(Inapplicable, match=sentence):
        Mel(**parameters).raster(Signals(noise(1, 1, 1000), RATE))
