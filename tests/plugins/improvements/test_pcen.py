"""PCEN is librosa's."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness import Axis, Inapplicable, Raster, Signals, decibels
from harness.pictures.drawing import Drawing
from plugins.improvements.pcen import FULL_SCALE, Pcen
from plugins.representations.mel import Mel
from plugins.representations.waveform import Waveform

HOP_S = 0.016


def make_raster(values: np.ndarray, scale: str = "power") -> Raster:
    _, rows, columns = values.shape
    return Raster(
        values.astype(np.float32),
        Axis("frequency", "Hz", np.arange(rows, dtype=float)),
        Axis("time", "s", HOP_S * np.arange(columns)),
        scale,  # type: ignore[arg-type]
    )


def powers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).exponential(size=shape).astype(np.float32) ** 3


@pytest.mark.parametrize(
    ("ours", "librosas"),
    [
        ({}, {}),
        ({"gain": 0.5, "bias": 10.0, "exponent": 0.25}, {"gain": 0.5, "bias": 10, "power": 0.25}),
        ({"time_constant_s": 0.06, "eps": 1e-3}, {"time_constant": 0.06, "eps": 1e-3}),
        ({"bias": 0.0}, {"bias": 0}),
        ({"exponent": 0.0}, {"power": 0}),
    ],
)
def test_agrees_with_librosa(ours: dict[str, float], librosas: dict[str, float]) -> None:
    values = powers(3, 9, 50)
    improved = Pcen(**ours).improve(make_raster(values)).values
    for clip, drawn in zip(values, improved, strict=True):
        scaled = (clip / clip.max() * FULL_SCALE).astype(np.float64)
        columns = librosas.get("time_constant", 0.4) / HOP_S
        share = (np.sqrt(1 + 4 * columns**2) - 1) / (2 * columns**2)
        start = (1 - share) * scaled.mean(axis=1, keepdims=True)
        expected = librosa.pcen(scaled, sr=2000, hop_length=32, zi=start, **librosas)
        assert np.allclose(drawn, expected, rtol=2e-3, atol=1e-3 * expected.max())


def test_the_level_of_a_recording_and_decibels_change_nothing() -> None:
    values = np.maximum(powers(2, 6, 30), 1e-4)
    plain = Pcen().improve(make_raster(values)).values
    assert np.allclose(Pcen().improve(make_raster(values * 1e-6)).values, plain, rtol=1e-3)
    levels = decibels(values)
    assert np.allclose(Pcen().improve(make_raster(levels, "db")).values, plain, rtol=1e-2)


def test_a_steady_hum_is_as_bright_at_the_start_as_at_the_end() -> None:
    improved = Pcen().improve(make_raster(np.full((1, 2, 120), 3.0))).values
    assert np.allclose(improved, improved[0, 0, 0], rtol=1e-4)


def test_a_hum_fades_and_an_onset_stands_out() -> None:
    values = np.full((1, 2, 120), 1e-3)
    values[0, 0] = 1.0
    values[0, 1, 60:66] = 0.1
    improved = Pcen().improve(make_raster(values)).values[0]
    assert improved[1, 60] > 1.5 * improved[0, 60:].max()


def test_on_mel_a_call_in_noise_gains_contrast() -> None:
    times = np.arange(4000) / 2000
    rng = np.random.default_rng(0)
    call = np.where(np.abs(times - 1.4) < 0.08, np.sin(2 * np.pi * 250 * times), 0)
    samples = call + 3 * np.sin(2 * np.pi * 700 * times) + 0.02 * rng.standard_normal(4000)
    signals = Signals(np.float32(samples)[None, None], 2000.0)
    plain = Drawing(Mel()).planes(signals)[0].astype(float)
    drawn = Drawing(Mel(), (Pcen(),)).planes(signals)[0].astype(float)
    # 250 of 1000 Hz are a quarter up; 1.32 to 1.48 of 2 s are columns 148 to 166.
    at_call, at_hum = (slice(162, 174), slice(152, 164)), (slice(62, 72), slice(20, 140))
    assert plain[at_call].mean() < plain[at_hum].mean()
    assert drawn[at_call].mean() > 2 * drawn[at_hum].mean()


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=3, max_dims=3, max_side=6),
        elements=st.floats(0, 2.0**60, width=32),
    )
)
def test_any_power_stays_finite(values: np.ndarray) -> None:
    before = values.copy()
    improved = Pcen().improve(make_raster(values)).values
    assert improved.shape == values.shape
    assert improved.dtype == np.float32
    assert np.isfinite(improved).all()
    assert np.array_equal(values, before)


def test_the_batch_does_not_matter() -> None:
    values = powers(7, 9, 21)
    whole = Pcen().improve(make_raster(values)).values
    alone = [Pcen().improve(make_raster(each[None])).values for each in values]
    assert np.concatenate(alone).tobytes() == whole.tobytes()


def test_a_waveform_is_refused() -> None:
    with pytest.raises(Inapplicable, match="pcen needs a frequency axis"):
        Drawing(Waveform(), (Pcen(),)).check()
