"""The spectrogram is scipy's, and shows energy where it is."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from harness import Inapplicable, ParameterError, Signals
from harness.pictures.drawing import Drawing
from plugins.representations.spectrogram import Spectrogram

RATE = 2000.0
TIMES = np.arange(4000) / RATE


def one(samples: np.ndarray, rate: float = RATE) -> Signals:
    return Signals(np.asarray(samples, np.float32)[None, None], rate)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).standard_normal(shape).astype(np.float32)


def worst_error(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the largest error, as a share of each clip's own peak."""
    return float((np.abs(ours - theirs).max(axis=(1, 2)) / theirs.max(axis=(1, 2))).max())


@pytest.mark.parametrize("offset", [0.0, 3.0, 100.0])
def test_the_defaults_are_those_of_the_blog(offset: float) -> None:
    samples = noise(3, 1, 4000) + np.float32(offset)
    raster = Spectrogram().raster(Signals(samples, RATE))
    rows, columns, power = signal.spectrogram(
        samples[:, 0].astype(np.float64), RATE, nperseg=256, noverlap=224
    )
    assert worst_error(raster.values, power) < 1e-6
    assert np.allclose(raster.rows.points, rows)
    assert np.allclose(raster.columns.points, columns)
    assert (raster.rows.name, raster.columns.name, raster.scale) == ("frequency", "time", "power")


@pytest.mark.parametrize(
    ("rate", "window_s", "hop_s", "window", "scipys"),
    [
        (8000.0, 0.032, 0.008, "hann", "hann"),
        (8000.0, 0.0125, 0.01, "hamming", "hamming"),
        (44100.0, 0.01, 0.005, "kaiser:8.6", ("kaiser", 8.6)),
        (1.0, 13.0, 3.0, "boxcar", "boxcar"),
        (1.0, 2900.0, 50.0, "hann", "hann"),
    ],
)
@pytest.mark.parametrize("offset", [0.0, 10.0])
def test_other_rates_and_windows_agree_too(
    rate: float, window_s: float, hop_s: float, window: str, scipys: object, offset: float
) -> None:
    samples = noise(2, 1, 3001) + np.float32(offset)
    drawn = Spectrogram(window_s=window_s, hop_s=hop_s, window=window)
    length, hop = round(window_s * rate), round(hop_s * rate)
    _, columns, power = signal.spectrogram(
        samples[:, 0].astype(np.float64), rate, scipys, nperseg=length, noverlap=length - hop
    )
    raster = drawn.raster(Signals(samples, rate))
    assert worst_error(raster.values, power) < 1e-6
    assert np.allclose(raster.columns.points, columns)


def test_decibels_are_below_the_clips_own_peak() -> None:
    signals = Signals(noise(2, 1, 4000), RATE)
    power = Spectrogram().raster(signals).values.astype(np.float64)
    levels = Spectrogram(scale="db").raster(signals)
    expected = 10 * np.log10(power / power.max(axis=(1, 2), keepdims=True))
    assert levels.scale == "db"
    assert np.allclose(levels.values, np.maximum(expected, -80), atol=1e-3)


def drawn_energy(samples: np.ndarray) -> np.ndarray:
    """Return the brightness of every pixel [shape=(224, 224)], the top row first."""
    return Drawing(Spectrogram()).planes(one(samples))[0].astype(float)


def test_a_tone_is_a_horizontal_line() -> None:
    energy = drawn_energy(np.sin(2 * np.pi * 250 * TIMES)).mean(axis=1)
    # 250 Hz of 1000 lie a quarter up the picture, whose first row is the top.
    assert abs(np.average(np.arange(224), weights=energy) - 224 * 0.75) < 2
    assert energy[:150].max() == 0


def test_a_click_is_a_vertical_line() -> None:
    samples = np.zeros(4000)
    samples[2000] = 1
    energy = drawn_energy(samples)
    lit = np.flatnonzero(energy.mean(axis=0))
    # The first column reaches from half a hop before its middle, 0.064 s, to half a hop after.
    middle = (1.0 - (0.064 - 0.008)) / (118 * 0.016) * 224
    assert abs(lit.mean() - middle) < 2
    assert len(lit) <= 0.128 / (118 * 0.016) * 224 + 4
    assert (energy[5:-5, round(middle)] > 0).all()


def test_a_chirp_is_a_diagonal() -> None:
    energy = drawn_energy(signal.chirp(TIMES, 100, 2, 900))
    brightest = energy[:, 5:-5].argmax(axis=0)
    shares = (128 - 16 + 32 * 118 * (np.arange(5, 219) + 0.5) / 224) / 4000
    expected = 224 * (1 - (100 + 800 * shares) / 1000)
    assert np.abs(brightest - expected).max() < 5


def test_channels_are_stacked_with_the_first_at_the_bottom() -> None:
    samples = noise(2, 3, 600)
    raster = Spectrogram().raster(Signals(samples, RATE))
    alone = Spectrogram().raster(Signals(samples[:, :1], RATE))
    assert raster.values.shape[1] == 3 * alone.values.shape[1]
    assert np.array_equal(raster.values[:, :129], alone.values)
    assert np.array_equal(raster.rows.points, np.tile(alone.rows.points, 3))


@pytest.mark.parametrize("n", [0, 1, 100, 255])
def test_a_clip_shorter_than_a_window_is_filled_up_with_zeros(n: int) -> None:
    samples = noise(256)
    filled = np.where(np.arange(256) < n, samples, 0)
    short = Spectrogram().raster(one(samples[:n]))
    assert np.array_equal(short.values, Spectrogram().raster(one(filled)).values)
    assert short.values.shape == (1, 129, 1)


@pytest.mark.parametrize("samples", [np.zeros(4000), np.ones(4000), np.sign(noise(4000))])
def test_silence_offsets_and_clipping_are_finite(samples: np.ndarray) -> None:
    for scale in ("power", "db"):
        assert np.isfinite(Spectrogram(scale=scale).raster(one(samples)).values).all()


@settings(deadline=None, max_examples=40)
@given(
    n=st.integers(1, 900),
    channels=st.integers(1, 2),
    rate=st.floats(40, 4000),
    level=st.sampled_from([0.0, 1e-6, 1.0, 1e4]),
)
def test_any_signal_has_a_spectrogram(n: int, channels: int, rate: float, level: float) -> None:
    samples = noise(2, channels, n) * np.float32(level)
    before = samples.copy()
    raster = Spectrogram().raster(Signals(samples, rate))
    assert raster.values.dtype == np.float32
    assert np.isfinite(raster.values).all()
    assert (raster.values >= 0).all()
    assert np.array_equal(samples, before)


@pytest.mark.parametrize("size", [1, 3, 16, 50])
def test_the_batch_does_not_matter(size: int) -> None:
    samples = noise(50, 1, 1500)
    whole = Spectrogram().raster(Signals(samples, RATE)).values
    parts = [
        Spectrogram().raster(Signals(samples[start : start + size], RATE)).values
        for start in range(0, 50, size)
    ]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_another_process_draws_the_same_bytes() -> None:
    script = (
        "import hashlib, numpy as np\n"
        "from harness import Signals\n"
        "from harness.pictures.drawing import Drawing\n"
        "from plugins.representations.spectrogram import Spectrogram\n"
        "samples = np.random.default_rng(5).standard_normal((3, 1, 2000)).astype(np.float32)\n"
        "for jpeg in Drawing(Spectrogram()).jpegs(Signals(samples[1:2], 2000.0)):\n"
        "    print(hashlib.sha256(jpeg).hexdigest())\n"
    )
    import hashlib

    there = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    here = Drawing(Spectrogram()).jpegs(Signals(noise(3, 1, 2000), RATE))[1]
    assert there.stdout.split() == [hashlib.sha256(here).hexdigest()], there.stderr


def test_a_window_without_samples_is_refused() -> None:
    with pytest.raises(Inapplicable, match=r"0\.128 s is 0 samples at 1 Hz.*set window_s to 2"):
        Spectrogram().raster(one(noise(100), rate=1.0))


@pytest.mark.parametrize("window", ["square", "kaiser", "tukey:wide"])
def test_an_unknown_window_is_refused(window: str) -> None:
    with pytest.raises(ParameterError, match="no window of scipy"):
        Spectrogram(window=window).raster(one(noise(1000)))
