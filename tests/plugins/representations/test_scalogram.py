"""Wavelets show a tone at its frequency and a click at its time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import Inapplicable, Signals
from harness.pictures.drawing import Drawing
from plugins.improvements.frequency_cropped import FrequencyCropped
from plugins.representations.scalogram import Scalogram

RATE = 2000.0
TIMES = np.arange(4000) / RATE


def one(samples: np.ndarray, rate: float = RATE) -> Signals:
    return Signals(np.asarray(samples, np.float32)[None, None], rate)


@pytest.mark.parametrize("tone", [60.0, 200.0, 700.0])
def test_a_tone_of_amplitude_one_has_power_one_at_its_frequency(tone: float) -> None:
    raster = Scalogram(scale="power").raster(one(np.sin(2 * np.pi * tone * TIMES)))
    middle = raster.values[0, :, 60]
    nearest = np.abs(np.log(raster.rows.points / tone)).argmin()
    assert middle.argmax() == nearest
    assert middle.max() == pytest.approx(1, abs=0.06)


def test_it_is_the_convolution_with_wavelets() -> None:
    samples = np.random.default_rng(0).standard_normal(600)
    drawn = Scalogram(scale="power", frequencies=5, low=60.0, high=400.0, hop_s=0.0005)
    raster = drawn.raster(one(samples))
    for centre, row in zip(raster.rows.points, raster.values[0], strict=True):
        deviation = 6 / (2 * np.pi * centre)
        times = np.arange(-600, 601) / RATE
        wavelet = np.exp(2j * np.pi * centre * times - times**2 / (2 * deviation**2))
        wavelet *= 2 / (np.sqrt(2 * np.pi) * deviation * RATE)
        expected = np.abs(np.convolve(samples, wavelet)[600:1200]) ** 2
        assert np.allclose(row, expected, atol=1e-3 * expected.max())


def test_columns_are_means_and_the_last_may_be_short() -> None:
    samples = np.random.default_rng(0).standard_normal(100)
    fine = Scalogram(scale="power", hop_s=0.0005).raster(one(samples)).values[0]
    coarse = Scalogram(scale="power", hop_s=0.016).raster(one(samples)).values[0]
    assert coarse.shape == (96, 4)
    assert np.allclose(coarse[:, 0], fine[:, :32].mean(axis=1), rtol=1e-4)
    assert np.allclose(coarse[:, 3], fine[:, 96:].mean(axis=1), rtol=1e-4)


def test_a_click_is_sharp_where_tones_are_high() -> None:
    click = np.zeros(4000)
    click[2000] = 1
    values = Scalogram(scale="power").raster(one(click)).values[0]
    assert values[-1].argmax() == values[0].argmax() == 2000 // 32
    widths = (values > values.max(axis=1, keepdims=True) / 10).sum(axis=1)
    assert widths[-1] == 1
    assert widths[0] > 3


def test_a_chirp_rises_in_the_picture() -> None:
    sweep = np.sin(2 * np.pi * (80 * TIMES + 100 * TIMES**2))
    brightest = Drawing(Scalogram()).planes(one(sweep))[0, :, 20:-20].argmax(axis=0)
    assert (np.diff(brightest) <= 2).all()
    assert brightest[0] - brightest[-1] > 30


def test_frequency_cropped_works_on_it() -> None:
    drawing = Drawing(Scalogram(), (FrequencyCropped(),))
    points = drawing.raster(one(TIMES)).rows.points
    assert points.min() >= 40
    assert points.max() <= 440


@settings(deadline=None, max_examples=25)
@given(n=st.integers(0, 500), channels=st.integers(1, 2), level=st.sampled_from([0.0, 1.0, 1e6]))
def test_any_signal_has_one(n: int, channels: int, level: float) -> None:
    samples = np.random.default_rng(0).standard_normal((2, channels, n)).astype(np.float32)
    samples *= np.float32(level)
    before = samples.copy()
    values = Scalogram().raster(Signals(samples, RATE)).values
    assert values.shape == (2, 96 * channels, max(1, -(-n // 32)))
    assert np.isfinite(values).all()
    assert np.array_equal(samples, before)
    alone = [Scalogram().raster(Signals(each[None], RATE)).values for each in samples]
    assert np.concatenate(alone).tobytes() == values.tobytes()


def test_frequencies_outside_the_recording_are_refused() -> None:
    with pytest.raises(Inapplicable, match="holds 0 to 1000 Hz"):
        Scalogram(high=1500.0).raster(one(TIMES))
    with pytest.raises(Inapplicable, match=r"30 to 22\.5 Hz do not fit"):
        Scalogram().raster(one(TIMES, rate=50.0))


@pytest.mark.parametrize("seconds", [0.0, 0.5, 2.0, 4.0])
def test_wavelets_longer_than_the_clip_are_refused(seconds: float) -> None:
    clip = one(np.ones(round(seconds * RATE)))
    limit = 6 / (2 * np.pi * max(1.0, seconds))
    values = Scalogram(low=1.001 * limit, frequencies=3, scale="power").raster(clip).values
    assert np.isfinite(values).all()
    with pytest.raises(Inapplicable, match=f"clip of {seconds:g} s: set low to {limit:.3g} Hz"):
        Scalogram(low=0.999 * limit, frequencies=3).raster(clip)


def test_more_cycles_need_a_longer_clip() -> None:
    Scalogram(low=1.0, cycles=12, frequencies=3).raster(one(TIMES))
    with pytest.raises(Inapplicable, match="1 Hz and 13 cycles"):
        Scalogram(low=1.0, cycles=13, frequencies=3).raster(one(TIMES))
