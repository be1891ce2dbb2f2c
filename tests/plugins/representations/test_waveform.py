"""The waveform is the line through the samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness import Signals
from harness.pictures.drawing import Drawing
from plugins.representations.waveform import Waveform

floats = st.floats(-(2.0**100), 2.0**100, width=32)


def ink(samples: object, **parameters: object) -> np.ndarray:
    """Return the inked shares of one mono clip [shape=(rows, columns)]."""
    array = np.asarray(samples, np.float32)[None, None]
    return Waveform(**parameters).raster(Signals(array, 100.0)).values[0]


def test_hand_drawn_steps() -> None:
    # A line one row thick over eight rows: zero is row 0, one is row 7, and on the way between
    # them the column holds the whole way.
    drawn = ink([0, 0, 1, 1, 1], rows=8, columns=4, line=1.0)
    expected = np.zeros((8, 4))
    expected[0, 0] = 1
    expected[:, 1] = 1
    expected[7, 2:] = 1
    assert np.allclose(drawn, expected)


def test_a_slanting_line_is_blended() -> None:
    drawn = ink([0, 1], rows=4, columns=3, line=1.0)
    # From 0 to 1 row of height in the first column, half a line more on both sides.
    assert np.allclose(drawn[:, 0], [1, 1, 0, 0])
    assert np.allclose(drawn[:, 1], [0, 1, 1, 0])
    assert np.allclose(ink([0, 1], rows=4, columns=2, line=1.0)[:, 0], [1, 1, 0.5, 0])


def test_no_peak_is_lost() -> None:
    samples = np.zeros(100_000)
    samples[54_321] = 1
    drawn = ink(samples)
    assert np.flatnonzero(drawn[-1]).tolist() == [int(54_321 / 99_999 * 224)]


def test_a_square_wave_reaches_top_and_bottom_in_the_picture() -> None:
    square = np.where(np.arange(4000) % 2000 < 1000, 1.0, -1.0).astype(np.float32)
    pixels = Drawing(Waveform()).pixels(Signals(square[None, None], 2000.0))[0]
    dark = pixels.max(axis=2) < 128
    assert dark[0, 20:50].all()
    assert not dark[100, 20:50].any()
    assert dark[-1, 80:100].all()
    assert (pixels[100, 20] == 255).all()


@given(hnp.arrays(np.float32, st.integers(1, 400), elements=floats), st.integers(1, 50))
def test_the_line_is_connected_and_spans_the_range(samples: np.ndarray, columns: int) -> None:
    drawn = ink(samples, rows=16, columns=columns, line=1.0)
    assert np.isfinite(drawn).all()
    assert (drawn >= 0).all()
    assert (drawn <= 1).all()
    assert (drawn.sum(axis=0) >= 0.999).all()
    inked = drawn > 0
    for left, right in zip(inked.T, inked.T[1:], strict=False):
        assert (left & right).any()
    if np.ptp(samples.astype(np.float64)) > 1e-30:
        assert inked[0].any()
        assert inked[-1].any()


@pytest.mark.parametrize("samples", [[], [3.0], [0.0] * 50, [-2.0] * 50])
def test_what_never_changes_is_a_line_at_half_height(samples: list[float]) -> None:
    drawn = ink(samples, rows=9, columns=5, line=1.0)
    assert np.allclose(drawn[4], 1)
    assert np.allclose(np.delete(drawn, 4, axis=0), 0)


def test_channels_are_stacked_and_stretched_each() -> None:
    samples = np.random.default_rng(0).standard_normal((2, 2, 300)).astype(np.float32)
    samples[:, 1] *= 1000
    raster = Waveform(rows=32, columns=40).raster(Signals(samples, 100.0))
    first = Waveform(rows=32, columns=40).raster(Signals(samples[:, :1], 100.0))
    assert raster.values.shape == (2, 64, 40)
    assert np.array_equal(raster.values[:, :32], first.values)
    assert raster.values[:, 32:].max(axis=2)[:, [0, -1]].all()


def test_the_axes_say_amplitude_and_time() -> None:
    raster = Waveform(columns=4).raster(Signals(np.zeros((1, 1, 200), np.float32), 100.0))
    assert (raster.rows.name, raster.columns.name) == Waveform.axes
    assert np.allclose(raster.columns.points, [0.25, 0.75, 1.25, 1.75])
    assert raster.scale == "coverage"


@pytest.mark.parametrize("size", [1, 7])
def test_the_batch_does_not_matter(size: int) -> None:
    samples = np.random.default_rng(0).standard_normal((20, 1, 1001)).astype(np.float32)
    before = samples.copy()
    whole = Waveform().raster(Signals(samples, 100.0)).values
    parts = [
        Waveform().raster(Signals(samples[start : start + size], 100.0)).values
        for start in range(0, 20, size)
    ]
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    assert np.array_equal(samples, before)
