"""Mel bands: triangles that are as wide as the ear tells frequencies apart.

The scale is that of M. Slaney: Auditory Toolbox, Interval Research, Technical Report 1998-010,
1998: linear up to 1 kHz, logarithmic above. The numbers are librosa's, to the last bit; librosa
itself takes longer to import than all else that a worker of a short run does first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

LINEAR_HZ = 200 / 3
"""A mel, below the bend."""
BEND_HZ = 1000.0
BEND = BEND_HZ / LINEAR_HZ
"""Where the scale bends, in mels."""
STEP = float(np.log(6.4) / 27)
"""The logarithm of a frequency over the one a mel below, above the bend."""


def mel_bank(
    rate: float, length: int, bands: int, low: float, high: float
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Make triangles of equal area over the bins of a Fourier transform.

    Parameters
    ----------
    rate
        Samples a second (Hz).
    length
        Samples of a window.
    low, high
        Where the first triangle begins and the last one ends (Hz).

    Returns
    -------
    bank : array [shape=(bands, length // 2 + 1)], float32
        All zero in a row where no bin lies in the band.
    centres : array [shape=(bands,)]
        The peak of each triangle (Hz).
    """
    edges = hz_of(np.linspace(mels_of(low), mels_of(high), bands + 2))
    bins = np.fft.rfftfreq(length, 1 / rate)
    ramps = np.subtract.outer(edges, bins)
    widths = np.diff(edges)[:, None]
    rising = -ramps[:-2] / widths[:-1]
    falling = ramps[2:] / widths[1:]
    bank = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    bank *= (2 / (edges[2:] - edges[:-2]))[:, None]
    return bank, edges[1:-1]


def mels_of(hz: ArrayLike) -> NDArray[np.float64]:
    """Turn frequencies (Hz) into mels."""
    found = np.asarray(hz, np.float64)
    above = np.log(np.maximum(found, BEND_HZ) / BEND_HZ) / STEP
    return np.asarray(np.where(found < BEND_HZ, found / LINEAR_HZ, BEND + above))


def hz_of(mels: ArrayLike) -> NDArray[np.float64]:
    """Turn mels into frequencies (Hz)."""
    found = np.asarray(mels, np.float64)
    above = BEND_HZ * np.exp(STEP * np.maximum(found - BEND, 0))
    return np.asarray(np.where(found < BEND, found * LINEAR_HZ, above))
