"""Only what is far above both medians stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness import Axis, Inapplicable, Raster, Signals
from harness.pictures.drawing import Drawing
from plugins.improvements.median_clipped import MedianClipped
from plugins.representations.spectrogram import Spectrogram
from plugins.representations.waveform import Waveform


def make_raster(values: np.ndarray, scale: str = "power", channels: int = 1) -> Raster:
    _, rows, columns = np.shape(values)
    return Raster(
        np.asarray(values, np.float32),
        Axis("frequency", "Hz", np.tile(np.arange(rows // channels, dtype=float), channels)),
        Axis("time", "s", np.arange(columns, dtype=float)),
        scale,  # type: ignore[arg-type]
    )


def test_by_hand() -> None:
    # Magnitudes; the one of 10 is above 3 times the medians, 1 and 1; of the column of fours,
    # each is above its row's but not above its column's.
    magnitudes = np.array([[[1, 10, 4, 1, 1], [1, 1, 4, 1, 1], [1, 1, 4, 1, 1]]])
    improved = MedianClipped().improve(make_raster(magnitudes**2))
    expected = np.zeros((3, 5))
    expected[0, 1] = 20
    assert np.allclose(improved.values[0], expected, atol=1e-4)
    assert improved.scale == "db"


def test_power_and_decibels_are_told_apart_alike() -> None:
    power = np.random.default_rng(0).exponential(size=(2, 9, 11)) ** 4 + 1e-5
    plain = MedianClipped().improve(make_raster(power)).values
    levels = MedianClipped().improve(make_raster(10 * np.log10(power), "db")).values
    assert np.allclose(plain, levels, atol=1e-3)
    assert (plain > 0).any()


def test_what_is_kept_is_sprengels_mask() -> None:
    magnitude = np.random.default_rng(0).exponential(size=(2, 20, 30)) + 0.1
    kept = MedianClipped().improve(make_raster(magnitude**2)).values > 0
    rows = np.median(magnitude, axis=2, keepdims=True)
    columns = np.median(magnitude, axis=1, keepdims=True)
    assert np.array_equal(kept, (magnitude > 3 * rows) & (magnitude > 3 * columns))
    more = MedianClipped(factor=2).improve(make_raster(magnitude**2)).values > 0
    assert more.sum() > kept.sum() > 0


def test_columns_of_stacked_channels_have_medians_of_their_own() -> None:
    values = np.random.default_rng(0).exponential(size=(1, 12, 9)) ** 4
    values[:, 6:] *= 1000
    values /= values.max()
    levels = 10 * np.log10(values)
    stacked = MedianClipped().improve(make_raster(levels, "db", channels=2)).values
    alone = MedianClipped().improve(make_raster(levels[:, :6], "db")).values
    assert np.array_equal(stacked[:, :6], alone)


def test_a_call_stays_and_a_hum_goes() -> None:
    times = np.arange(4000) / 2000
    call = np.where(np.abs(times - 1) < 0.1, np.sin(2 * np.pi * 250 * times), 0)
    noise = 0.05 * np.random.default_rng(0).standard_normal(4000)
    samples = np.float32(call + np.sin(2 * np.pi * 750 * times) + noise)
    drawn = Drawing(Spectrogram(), (MedianClipped(),)).planes(Signals(samples[None, None], 2000.0))[
        0
    ]
    assert drawn[164:172, 106:118].mean() > 100
    assert drawn[48:64, 100:124].mean() < 20


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=3, max_dims=3, max_side=7),
        elements=st.floats(0, 2.0**40, width=32),
    )
)
def test_any_power_stays_finite(values: np.ndarray) -> None:
    before = values.copy()
    improved = MedianClipped().improve(make_raster(values)).values
    assert improved.shape == values.shape
    assert np.isfinite(improved).all()
    assert (improved >= 0).all()
    assert np.array_equal(values, before)
    alone = [MedianClipped().improve(make_raster(each[None])).values for each in values]
    assert np.concatenate(alone).tobytes() == improved.tobytes()


def test_a_waveform_is_refused() -> None:
    with pytest.raises(Inapplicable, match="median-clipped needs a frequency axis"):
        Drawing(Waveform(), (MedianClipped(),)).check()
