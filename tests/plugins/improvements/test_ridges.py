"""Lines stay, whatever their direction; flat and slanting ground goes."""

from __future__ import annotations

import numpy as np
import pytest

from harness import Axis, Inapplicable, ParameterError, Raster, Signals
from harness.pictures.drawing import Drawing
from plugins.improvements.ridges import Ridges
from plugins.representations.spectrogram import Spectrogram
from plugins.representations.waveform import Waveform


def make_raster(values: object, scale: str = "db", channels: int = 1) -> Raster:
    array = np.asarray(values, np.float32)
    _, rows, columns = array.shape
    return Raster(
        array,
        Axis("frequency", "Hz", np.tile(8.0 * np.arange(rows // channels), channels)),
        Axis("time", "s", 0.016 * np.arange(columns)),
        scale,  # type: ignore[arg-type]
    )


def line(angle: float, side: int = 61, width: float = 1.5) -> np.ndarray:
    """Return a line through the middle [shape=(side, side)], of height 10 and Gaussian profile."""
    across, along = np.mgrid[:side, :side] - side // 2
    away = across * np.cos(angle) - along * np.sin(angle)
    return 10 * np.exp(-(away**2) / (2 * width**2))


@pytest.mark.parametrize("angle", [0, np.pi / 6, np.pi / 4, np.pi / 2, 2.5])
def test_a_line_stays_where_it_is_whatever_its_direction(angle: float) -> None:
    drawn = line(angle)
    ridge = Ridges().improve(make_raster(drawn[None])).values[0]
    inner = (slice(15, -15), slice(15, -15))
    on, off = drawn[inner] > 9, drawn[inner] < 0.01
    assert ridge[inner][on].min() > 10 * ridge[inner][off].max()


def test_a_ridge_is_the_curvature_times_sigma_squared() -> None:
    # A Gaussian line of width w, smoothed with s, has height 10 w / r and curvature of that
    # over r squared on its crest, where r squared is w squared + s squared.
    width, sigma = 4.0, 3.0
    ridge = Ridges(thinnest_hz=8 * sigma, thickest_hz=8 * sigma, scales=1).improve(
        make_raster(line(0, 81, width)[None])
    )
    wide = np.hypot(width, sigma)
    expected = 10 * width / wide * sigma**2 / wide**2
    assert ridge.values[0, 40, 40] == pytest.approx(expected, rel=0.05)


def test_the_best_of_several_sigmas_counts() -> None:
    drawn = make_raster(line(0.4)[None])
    each = [
        Ridges(thinnest_hz=hz, thickest_hz=hz, scales=1).improve(drawn).values for hz in (8, 16, 32)
    ]
    several = Ridges(thinnest_hz=8, thickest_hz=32, scales=3).improve(drawn).values
    assert np.allclose(several, np.max(each, axis=0), atol=1e-5)


def test_ground_that_is_flat_or_slants_has_no_ridge() -> None:
    assert not Ridges().improve(make_raster(np.full((1, 40, 40), -30))).values.any()
    slope = np.add.outer(np.arange(60.0), 2 * np.arange(60.0))[None]
    ridge = Ridges().improve(make_raster(slope)).values
    assert np.abs(ridge[:, 15:-15, 15:-15]).max() < 1e-3


def test_a_valley_is_no_ridge() -> None:
    ridge = Ridges().improve(make_raster(-line(0)[None])).values[0]
    assert ridge[30].max() == 0


def test_linear_power_becomes_decibels_first() -> None:
    levels = line(0.7)[None] * 4 - 40
    of_levels = Ridges().improve(make_raster(levels))
    of_power = Ridges().improve(make_raster(10 ** (levels / 10), "power"))
    assert np.allclose(of_power.values, of_levels.values, atol=1e-3)
    assert of_power.scale == of_levels.scale == "db"


def test_neither_clips_nor_channels_touch_each_other() -> None:
    values = np.random.default_rng(0).standard_normal((3, 40, 31)).astype(np.float32)
    whole = Ridges().improve(make_raster(values)).values
    alone = [Ridges().improve(make_raster(each[None])).values for each in values]
    assert np.concatenate(alone).tobytes() == whole.tobytes()
    stacked = Ridges().improve(make_raster(values, channels=2)).values
    lower = Ridges().improve(make_raster(values[:, :20])).values
    assert np.array_equal(stacked[:, :20], lower)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 2)])
def test_the_smallest_rasters_are_taken(shape: tuple[int, int]) -> None:
    values = np.random.default_rng(0).standard_normal((2, *shape)).astype(np.float32)
    before = values.copy()
    ridge = Ridges().improve(make_raster(values)).values
    assert ridge.shape == values.shape
    assert np.isfinite(ridge).all()
    assert np.array_equal(values, before)


def test_an_upcall_stands_out_of_noise_and_the_noise_is_gone() -> None:
    rng = np.random.default_rng(0)
    times = np.arange(4000) / 2000
    sweep = np.sin(2 * np.pi * (80 * times + 40 * times**2))
    samples = np.float32(sweep + 0.7 * rng.standard_normal(4000))[None, None]
    drawing = Drawing(Spectrogram(), (Ridges(),))
    raster = drawing.raster(Signals(samples, 2000.0))
    strongest = raster.rows.points[raster.values[0].argmax(axis=0)]
    expected = 80 + 80 * raster.columns.points
    assert np.mean(np.abs(strongest - expected) < 16) > 0.9


def test_thin_above_thick_is_refused() -> None:
    with pytest.raises(ParameterError, match="thinnest_hz=30 is above thickest_hz=20"):
        Ridges(thinnest_hz=30, thickest_hz=20)


def test_a_waveform_is_refused_before_anything_runs() -> None:
    with pytest.raises(Inapplicable, match="ridges needs a frequency axis"):
        Drawing(Waveform(), (Ridges(),)).check()
