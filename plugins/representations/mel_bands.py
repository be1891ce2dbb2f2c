"""Triangular bands on Slaney's mel scale, as librosa makes them.

M. Slaney: Auditory Toolbox, Technical Report 1998-010, Interval Research Corporation, 1998. Every
process that draws a mel spectrogram needs them, and importing librosa for them takes each over a
second: they are computed here, bit for bit as ``librosa.filters.mel`` does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BAND_HZ = 200.0 / 3
"""A mel below `BREAK_HZ`, where the scale is linear."""
BREAK_HZ = 1000.0
STEP = np.log(6.4) / 27.0
"""A mel above `BREAK_HZ`, in logarithms of frequency: 27 of them are a factor of 6.4."""


def mel_frequencies(count: int, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """Return frequencies (Hz) that are evenly spaced on the mel scale, both ends included."""
    mels = np.linspace(_mel(low_hz), _mel(high_hz), count)
    frequencies = BAND_HZ * mels
    upper = mels >= _mel(BREAK_HZ)
    frequencies[upper] = BREAK_HZ * np.exp(STEP * (mels[upper] - _mel(BREAK_HZ)))
    return frequencies


def mel_bands(
    rate: float, length: int, count: int, low_hz: float, high_hz: float
) -> NDArray[np.float32]:
    """Return the weight of each row of a spectrum in each band [shape=(count, rows)], float32.

    Parameters
    ----------
    length
        Of the window (samples).
    count
        Bands; one that is finer than the spectrum is zero everywhere.
    """
    edges = mel_frequencies(count + 2, low_hz, high_hz)
    widths = np.diff(edges)[:, None]
    ramps = edges[:, None] - np.fft.rfftfreq(length, d=1.0 / rate)
    rising, falling = -ramps[:-2] / widths[:-1], ramps[2:] / widths[1:]
    bands: NDArray[np.float32] = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    bands *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return bands


def _mel(frequency_hz: float) -> float:
    if frequency_hz < BREAK_HZ:
        return frequency_hz / BAND_HZ
    return float(BREAK_HZ / BAND_HZ + np.log(frequency_hz / BREAK_HZ) / STEP)
