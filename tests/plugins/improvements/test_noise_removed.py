"""What sounds through the whole clip is gone, what does not is still there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness import Axis, Inapplicable, Raster, Signals
from harness.pictures.drawing import Drawing
from plugins.improvements.axes import row_median
from plugins.improvements.noise_removed import NoiseRemoved
from plugins.representations.mel import Mel
from plugins.representations.spectrogram import Spectrogram
from plugins.representations.waveform import Waveform

METHODS = ("median", "running-mean", "gating", "total-variation")


def make_raster(values: object, scale: str = "db", channels: int = 1) -> Raster:
    array = np.asarray(values, np.float32)
    _, rows, columns = array.shape
    return Raster(
        array,
        Axis("frequency", "Hz", np.tile(10.0 * np.arange(rows // channels), channels)),
        Axis("time", "s", 0.5 * np.arange(columns)),
        scale,  # type: ignore[arg-type]
    )


def test_median_by_hand() -> None:
    cleaned = NoiseRemoved().improve(
        make_raster([[[1, 2, 9], [5, 5, 5]], [[0, 4, 1], [-3, 7, -3]]])
    )
    assert cleaned.values.tolist() == [[[-1, 0, 7], [0, 0, 0]], [[-1, 3, 0], [0, 10, 0]]]
    assert cleaned.scale == "db"


@pytest.mark.parametrize("method", METHODS)
def test_nothing_stays_below_a_floor(method: str) -> None:
    levels = np.random.default_rng(0).normal(scale=9, size=(2, 6, 9)).astype(np.float32)
    free = NoiseRemoved(method=method).improve(make_raster(levels)).values
    for floor in (-3.0, 0.0):
        cut = NoiseRemoved(method=method, floor_db=floor).improve(make_raster(levels)).values
        assert np.array_equal(cut, np.maximum(free, np.float32(floor)))


def test_linear_power_becomes_decibels_first() -> None:
    cleaned = NoiseRemoved().improve(make_raster([[[1, 10, 1000], [100, 100, 10]]], "power"))
    assert np.allclose(cleaned.values, [[[-10, 0, 20], [0, 0, -10]]], atol=1e-4)
    assert cleaned.scale == "db"


@pytest.mark.parametrize("columns", [1, 2, 7, 8])
def test_the_median_is_numpys(columns: int) -> None:
    levels = np.random.default_rng(0).standard_normal((3, 5, columns)).astype(np.float32)
    assert np.array_equal(row_median(levels), np.median(levels, axis=2, keepdims=True))


def test_running_mean_by_hand() -> None:
    # Columns are 0.5 s apart, so a memory of 0.5 s is one column: e = 1 - 0.15 = 0.85.
    cleaned = NoiseRemoved(method="running-mean", memory_s=0.5).improve(
        make_raster([[[0, 10, 20]]])
    )
    second = 0.15 * 10
    third = 0.15 * second + 0.85 * 10
    assert np.allclose(cleaned.values, [[[-10, 10 - second, 20 - third]]], atol=1e-5)


def test_after_its_memory_the_running_mean_keeps_15_percent_of_the_past() -> None:
    levels = np.zeros((1, 1, 101))
    levels[0, 0, 0] = 101.0
    cleaned = NoiseRemoved(method="running-mean", memory_s=5.0).improve(make_raster(levels))
    mean = -cleaned.values[0, 0]
    assert mean[11] / mean[1] == pytest.approx(0.15, rel=1e-4)


def test_gating_by_hand_without_smoothing() -> None:
    levels = [[[0, 0, 0, 0, 10], [3, 3, 3, 3, 3]]]
    cleaned = NoiseRemoved(method="gating", smooth_hz=0, smooth_s=0).improve(make_raster(levels))
    # The mean is 2 and the deviation 4: only 10 is above 2 + 1.5 * 4.
    assert cleaned.values.tolist() == [[[0, 0, 0, 0, 8], [0, 0, 0, 0, 0]]]


def test_gatings_mask_is_smoothed_but_not_into_the_next_channel() -> None:
    levels = np.zeros((1, 6, 9))
    levels[0, 2, 4] = 10.0
    levels[0, :, 5] += 0.5
    gate = NoiseRemoved(method="gating", smooth_hz=10, smooth_s=0.5)
    together = gate.improve(make_raster(levels))
    stacked = gate.improve(make_raster(levels, channels=2))
    assert together.values[0, 3, 5] > 0
    assert stacked.values[0, 3, 5] == gate.improve(make_raster(levels[:, 3:])).values[0, 0, 5]
    assert np.array_equal(stacked.values[:, :3], gate.improve(make_raster(levels[:, :3])).values)


def variation(picture: np.ndarray) -> float:
    """Return the sum of the gradient's length (forward differences)."""
    down = np.diff(picture, axis=0, append=picture[-1:])
    along = np.diff(picture, axis=1, append=picture[:, -1:])
    return float(np.hypot(down, along).sum())


def test_total_variation_finds_the_least_of_what_it_says() -> None:
    levels = np.zeros((24, 41))
    levels[8:14, 10:18] = 30
    levels += np.random.default_rng(0).standard_normal(levels.shape) * 4
    median = NoiseRemoved().improve(make_raster(levels[None])).values[0].astype(float)
    weight = 5.0
    smooth = NoiseRemoved(method="total-variation", weight_db=weight)
    found = smooth.improve(make_raster(levels[None])).values[0].astype(float)

    def cost(picture: np.ndarray) -> float:
        return variation(picture) + ((picture - median) ** 2).sum() / (2 * weight)

    assert cost(found) < 0.9 * cost(median)
    rng = np.random.default_rng(1)
    for size in (0.3, 1.0, 3.0):
        assert cost(found) < cost(found + size * rng.standard_normal(found.shape))
    for share in (0.5, 0.8, 1.2, 2.0):
        assert cost(found) < cost(share * found)


def test_total_variation_takes_specks_and_leaves_edges() -> None:
    levels = np.zeros((1, 24, 41))
    levels[0, 8:16, 10:18] = 30
    levels[0, 20, 30] = 12
    cleaned = NoiseRemoved(method="total-variation").improve(make_raster(levels)).values[0]
    assert cleaned[20, 30] < 2
    assert cleaned[12, 14] > 25
    assert cleaned[12, 10] - cleaned[12, 9] > 20


@pytest.mark.parametrize("method", ["gating", "total-variation"])
def test_channels_do_not_touch(method: str) -> None:
    values = np.random.default_rng(0).standard_normal((2, 20, 31)) * 10
    clean = NoiseRemoved(method=method)
    stacked = clean.improve(make_raster(values, channels=2)).values
    halves = [clean.improve(make_raster(part)).values for part in (values[:, :10], values[:, 10:])]
    assert np.array_equal(stacked, np.concatenate(halves, axis=1))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("representation", [Spectrogram(), Mel()])
def test_a_hum_goes_and_a_call_stays(method: str, representation: Spectrogram | Mel) -> None:
    rng = np.random.default_rng(0)
    times = np.arange(4000) / 2000
    call = np.where(np.abs(times - 1) < 0.1, np.sin(2 * np.pi * 250 * times), 0)
    hum = 3 * np.sin(2 * np.pi * 750 * times)
    samples = np.float32(call + hum + 0.05 * rng.standard_normal(4000))[None, None]
    signals = Signals(samples, 2000.0)
    before = samples.copy()
    plain = Drawing(representation).planes(signals)[0].astype(float)
    cleaned = Drawing(representation, (NoiseRemoved(method=method),)).planes(signals)[0]
    at_hum, at_call = slice(52, 60), slice(164, 172)
    assert plain[at_hum].mean() > plain[at_call, 100:124].mean()
    brightness = cleaned.astype(float) - np.median(cleaned)
    assert brightness[at_call, 106:118].mean() > 5 * abs(brightness[at_hum, 106:118].mean())
    assert np.array_equal(samples, before)


@settings(deadline=None)
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=3, max_dims=3, max_side=7),
        elements=st.floats(-80, 0, width=32),
    ),
    st.sampled_from(METHODS),
)
def test_a_constant_added_to_a_row_changes_nothing(values: np.ndarray, method: str) -> None:
    before = values.copy()
    improved = NoiseRemoved(method=method).improve(make_raster(values))
    lifted = NoiseRemoved(method=method).improve(make_raster(np.zeros_like(values) + 17))
    assert improved.values.shape == values.shape
    assert np.isfinite(improved.values).all()
    assert np.allclose(lifted.values, 0, atol=1e-4)
    assert np.array_equal(values, before)
    if method != "gating":
        # Gating has a threshold, on whose edge rounding decides.
        raised = NoiseRemoved(method=method).improve(make_raster(values + np.float32(17)))
        assert np.allclose(raised.values, improved.values, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_the_batch_does_not_matter(method: str) -> None:
    values = np.random.default_rng(0).standard_normal((9, 20, 31))
    whole = NoiseRemoved(method=method).improve(make_raster(values)).values
    alone = [NoiseRemoved(method=method).improve(make_raster(each[None])).values for each in values]
    assert np.concatenate(alone).tobytes() == whole.tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_silence_stays_silence(method: str) -> None:
    silence = Signals(np.zeros((1, 1, 1), np.float32), 2000.0)
    assert not Drawing(Spectrogram(), (NoiseRemoved(method=method),)).raster(silence).values.any()


def test_a_waveform_is_refused_before_anything_runs() -> None:
    with pytest.raises(Inapplicable, match="noise-removed needs a frequency axis"):
        Drawing(Waveform(), (NoiseRemoved(),)).check()
