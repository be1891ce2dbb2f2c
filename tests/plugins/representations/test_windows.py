"""Windows: those that are computed here are SciPy's, bit for bit, without SciPy's import."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import get_window

from plugins.representations.windows import periodic


@given(length=st.integers(1, 3000))
def test_hann_is_scipys(length):
    np.testing.assert_array_equal(periodic("hann", length=length), get_window("hann", length))


@given(length=st.integers(1, 3000), share=st.just(0.0) | st.floats(0.001, 1.5))
def test_tukey_is_scipys(length, share):
    expected = get_window(("tukey", share), length)
    np.testing.assert_array_equal(periodic("tukey", share, length=length), expected)


def test_other_windows_are_scipys_too():
    np.testing.assert_array_equal(periodic("bartlett", length=9), get_window("bartlett", 9))
    expected = get_window(("kaiser", 8.6), 33)
    np.testing.assert_array_equal(periodic("kaiser", 8.6, length=33), expected)
    with pytest.raises(ValueError, match="nobody"):
        periodic("nobody", length=9)


def test_the_default_pictures_do_without_the_import():
    code = """
import sys
import numpy as np
from harness.values import Signals
from plugins.representations.spectrogram import Spectrogram
Spectrogram().raster(Signals(np.ones((2, 1, 4000), np.float32), 2000.0))
sys.exit("scipy.signal" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
