from __future__ import annotations

import warnings

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.representations.mel_bands import hz_of, mel_bank, mels_of


@settings(deadline=None)  # librosa compiles at its first call
@given(
    rate=st.sampled_from([500.0, 2000.0, 8000.0, 22_050.0, 44_100.0, 250_000.0]),
    length=st.integers(2, 3000),
    bands=st.integers(2, 130),
    low=st.floats(0, 0.4),
    high=st.floats(0.5, 1),
)
def test_the_bank_is_librosas_to_the_last_bit(rate, length, bands, low, high):
    low, high = low * rate / 2, high * rate / 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty bands
        expected = librosa.filters.mel(sr=rate, n_fft=length, n_mels=bands, fmin=low, fmax=high)
    bank, centres = mel_bank(rate, length, bands, low, high)
    assert bank.dtype == np.float32
    np.testing.assert_array_equal(bank, expected)
    frequencies = librosa.mel_frequencies(n_mels=bands + 2, fmin=low, fmax=high)
    np.testing.assert_array_equal(centres, frequencies[1:-1])


@pytest.mark.parametrize(("hz", "mels"), [(0, 0), (200, 3), (1000, 15), (6400, 42)])
def test_the_scale_is_slaneys(hz, mels):
    assert mels_of(hz) == pytest.approx(mels)
    assert hz_of(mels) == pytest.approx(hz)


def test_an_empty_band_is_a_row_of_zeros():
    bank, _ = mel_bank(2000.0, 16, 64, 0, 1000)
    assert not bank.any(axis=1).all()
