"""Bands are librosa's, to the last bit."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from librosa import filters
from librosa import mel_frequencies as of_librosa

from plugins.representations.mel_bands import mel_bands, mel_frequencies


@pytest.mark.parametrize("rate", [2000, 2000.0, 22050, 96000.5])
@pytest.mark.parametrize(("length", "count"), [(256, 64), (255, 40), (1024, 128), (32, 100)])
@pytest.mark.parametrize(("low", "share"), [(0.0, 1.0), (30.0, 0.7), (999.9, 1.0)])
def test_bands_are_librosas(rate, length, count, low, share):
    high = max(share * rate / 2, low + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of bands that are finer than the spectrum
        bank = filters.mel(sr=rate, n_fft=length, n_mels=count, fmin=low, fmax=high)
    found = mel_bands(rate, length, count, low, high)
    assert found.dtype == bank.dtype
    np.testing.assert_array_equal(found, bank)


@given(
    st.integers(2, 300),
    st.floats(0, 2e4, allow_subnormal=False),
    st.floats(1e-3, 1e5, allow_subnormal=False),
)
def test_frequencies_are_librosas(count, low, more):
    expected = of_librosa(n_mels=count, fmin=low, fmax=low + more)
    np.testing.assert_array_equal(mel_frequencies(count, low, low + more), expected)
