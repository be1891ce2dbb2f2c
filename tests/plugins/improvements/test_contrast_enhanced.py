"""Narrow ridges stay, wide surroundings go."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness import Axis, Inapplicable, ParameterError, Raster, decibels
from harness.pictures.drawing import Drawing
from plugins.improvements.contrast_enhanced import ContrastEnhanced, _window_sum
from plugins.representations.waveform import Waveform


def make_raster(values: np.ndarray, channels: int = 1) -> Raster:
    _, rows, columns = values.shape
    return Raster(
        values.astype(np.float32),
        Axis("frequency", "Hz", np.tile(np.arange(rows // channels, dtype=float), channels)),
        Axis("time", "s", np.arange(columns, dtype=float)),
        "db",
    )


def kridlers(clip: np.ndarray, along: str, inner: int, outer: int, limits: str) -> np.ndarray:
    """Compute the published recipe line by line, with NumPy's own convolution."""
    over = 1 if limits == "row" else None
    mean, deviation = clip.mean(axis=over, keepdims=True), clip.std(axis=over, keepdims=True)
    limited = np.clip(clip, mean - 1.5 * deviation, mean + 1.5 * deviation)
    lines = limited.T if along == "frequency" else limited
    done = [
        line
        - (np.convolve(line, np.ones(outer), "same") - np.convolve(line, np.ones(inner), "same"))
        / (outer - inner)
        for line in lines
    ]
    return np.array(done).T if along == "frequency" else np.array(done)


@pytest.mark.parametrize("limits", ["row", "picture"])
@pytest.mark.parametrize(("along", "outer"), [("frequency", 64), ("time", 32)])
def test_the_defaults_are_kridlers(along: str, outer: int, limits: str) -> None:
    values = np.random.default_rng(0).standard_normal((2, 70, 90))
    improved = ContrastEnhanced(along=along, limits=limits).improve(make_raster(values))
    expected = [kridlers(clip, along, 3, outer, limits) for clip in values]
    assert np.allclose(improved.values, expected, atol=1e-4)
    assert improved.scale == "db"


def test_by_hand() -> None:
    # Rows of one value are not limited; of 0 0 8 0 0, the ring of 5 without 3 holds the ends.
    values = np.array([[[0.0], [0.0], [8.0], [0.0], [4.0]]])
    improved = ContrastEnhanced(inner=3, outer=5).improve(make_raster(values))
    assert improved.values[0, :, 0].tolist() == [-4.0, 0.0, 6.0, 0.0, 0.0]


@pytest.mark.parametrize("length", [1, 2, 3, 4, 7, 8])
def test_window_sums_are_numpys_convolution(length: int) -> None:
    values = np.random.default_rng(0).standard_normal((2, 8, 5)).astype(np.float32)
    expected = np.apply_along_axis(np.convolve, 1, values, np.ones(length), "same")
    assert np.allclose(_window_sum(values, length, 1), expected, atol=1e-5)


def test_a_window_longer_than_the_picture_takes_all_of_it() -> None:
    values = np.random.default_rng(0).standard_normal((1, 6, 4)).astype(np.float32)
    sums = _window_sum(values, 100, 1)
    assert np.allclose(sums, values.sum(axis=1, keepdims=True), atol=1e-4)


def test_linear_power_becomes_decibels_first() -> None:
    power = np.random.default_rng(0).exponential(size=(2, 40, 50)).astype(np.float32)
    raster = make_raster(power)
    linear = Raster(power, raster.rows, raster.columns, "power")
    improved = ContrastEnhanced().improve(linear)
    expected = ContrastEnhanced().improve(make_raster(decibels(power)))
    assert improved.scale == "db"
    assert np.array_equal(improved.values, expected.values)


def test_a_ridge_stays_and_a_plateau_goes() -> None:
    values = np.zeros((1, 200, 10))
    values[0, 50] = 10.0
    values[0, 100:190] = 10.0
    improved = ContrastEnhanced().improve(make_raster(values)).values[0]
    assert improved[50].min() > 9
    assert np.abs(improved[140:150]).max() < 0.5


def test_windows_do_not_reach_into_the_next_channel() -> None:
    values = np.random.default_rng(0).standard_normal((1, 40, 9))
    stacked = ContrastEnhanced().improve(make_raster(values, channels=2)).values
    alone = ContrastEnhanced().improve(make_raster(values[:, :20])).values
    assert np.array_equal(stacked[:, :20], alone)


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=3, max_dims=3, max_side=8),
        elements=st.floats(-100, 100, width=32),
    ),
    st.sampled_from(["frequency", "time"]),
)
def test_any_raster_stays_finite(values: np.ndarray, along: str) -> None:
    before = values.copy()
    improved = ContrastEnhanced(along=along).improve(make_raster(values)).values
    assert improved.shape == values.shape
    assert np.isfinite(improved).all()
    assert np.array_equal(values, before)
    alone = [ContrastEnhanced(along=along).improve(make_raster(v[None])).values for v in values]
    assert np.array_equal(np.concatenate(alone), improved)


def test_an_outer_window_within_the_inner_is_refused() -> None:
    with pytest.raises(ParameterError, match="outer=3 is not longer than inner=5"):
        ContrastEnhanced(inner=5, outer=3)


def test_a_waveform_is_refused() -> None:
    with pytest.raises(Inapplicable, match="contrast-enhanced needs a frequency axis"):
        Drawing(Waveform(), (ContrastEnhanced(),)).check()
