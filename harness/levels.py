"""Power in decibels, the same everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPAN_DB = 80.0
"""Nothing is told apart further below a clip's peak than this (librosa's ``top_db``)."""


def decibels(
    power: NDArray[np.float32], *, least: float = 0.0, span_db: float = SPAN_DB
) -> NDArray[np.float32]:
    """Convert power to decibels below each clip's own peak.

    What ``librosa.power_to_db(power, ref=np.max, amin=least, top_db=span_db)`` makes of one clip
    after the other. Because the peak is the reference, the absolute level of a recording changes
    nothing; silence is 0 dB everywhere.

    Parameters
    ----------
    power : array [shape=(clips, rows, columns)], float32
        Not below zero.
    least
        Power that is raised to this floor first, in the unit of `power`.
    span_db
        What lies further below the peak is raised to it (dB).

    Returns
    -------
    array [shape=(clips, rows, columns)], float32
        Between ``-span_db`` and 0.
    """
    if not len(power):
        return np.zeros_like(power)
    smallest = max(least, float(np.finfo(np.float32).tiny))
    peak = np.maximum(power.max(axis=(1, 2), keepdims=True), smallest)
    floor = np.maximum(peak * np.float32(10 ** (-span_db / 10)), smallest)
    levels: NDArray[np.float32] = np.maximum(power, floor)
    levels /= peak
    np.log10(levels, out=levels)
    levels *= np.float32(10)
    return levels
