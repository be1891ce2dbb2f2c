"""Squares of transforms are exact to float32, by whichever library, and each clip's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plugins.representations import short_time


def noise(*shape: int, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def squares_of(windows: np.ndarray, centred: bool = False) -> np.ndarray:
    weights = np.linspace(0.5, 1.5, windows.shape[2], dtype=np.float32)
    found = np.empty((len(windows), windows.shape[2] // 2 + 1, windows.shape[1]), np.float32)
    for place, squares in short_time.power(windows, weights, centred=centred):
        found[place] = squares
    return found


@pytest.fixture(params=["OpenCV", "SciPy"])
def library(request, monkeypatch):
    """Let one library make all transforms, where it can."""
    if request.param == "SciPy":
        monkeypatch.setattr(short_time, "_is_quicker_by_opencv", lambda: False)
    elif not short_time._is_quicker_by_opencv():
        pytest.skip("this OpenCV has no transforms of Intel's")


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("length", [2, 3, 64, 65, 66, 251, 256, 499, 1024, 4093, 44100])
def test_transforms_are_exact_to_float32(length: int, centred: bool) -> None:
    """Lengths even, odd and prime: an error of 3e-7 of the root of all power is float32's."""
    windows = noise(3, 5, length)
    wide = windows.astype(np.float64)
    wide -= wide.mean(axis=2, keepdims=True) if centred else 0
    spectra = np.fft.rfft(wide * np.linspace(0.5, 1.5, length)).transpose(0, 2, 1)
    found = np.sqrt(squares_of(windows, centred).astype(np.float64))
    error = np.sqrt(np.mean((found - np.abs(spectra)) ** 2) / np.mean(np.abs(spectra) ** 2))
    assert error < 4e-7


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 300), st.integers(1, 5), st.integers(1, 9))
@example(64, 1, 3)
@example(65, 1, 3)
def test_a_signal_has_the_same_squares_alone_and_among_others(length, count, signals) -> None:
    windows = noise(signals, count, length, seed=length)
    together = squares_of(windows)
    alone = [squares_of(windows[[row]])[0] for row in range(signals)]
    np.testing.assert_array_equal(together, np.array(alone))


def test_windows_are_left_as_they_were() -> None:
    windows = noise(4, 3, 256)
    before = windows.copy()
    squares_of(windows)
    squares_of(windows, centred=True)
    np.testing.assert_array_equal(windows, before)
