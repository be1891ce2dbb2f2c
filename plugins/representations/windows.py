"""Windows that signals are weighted with, periodic, as SciPy computes them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def periodic(name: str, *numbers: float, length: int) -> NDArray[np.float64]:
    """Return ``scipy.signal.get_window((name, *numbers), length)`` [shape=(length,)].

    Every process that draws needs one, and importing ``scipy.signal`` takes half a second: more
    than drawing a thousand clips. The two that pictures have by default are therefore computed
    here, bit for bit as SciPy does.

    Raises
    ------
    TypeError, ValueError
        SciPy knows no such window.
    """
    if name == "hann" and not numbers and length > 1:
        return _hann(length)
    if name == "tukey" and length > 1 and len(numbers) == 1 and 0 < numbers[0] < 1:
        return _tukey(numbers[0], length)
    from scipy.signal import get_window

    weights: NDArray[np.float64] = get_window((name, *numbers) if numbers else name, length)
    return weights


def _hann(length: int) -> NDArray[np.float64]:
    """Blackman and Tukey, The Measurement of Power Spectra (1958), section B.5."""
    angles = np.linspace(-np.pi, np.pi, length + 1)
    return (np.float64(0.5) + 0.5 * np.cos(angles))[:-1]


def _tukey(share: float, length: int) -> NDArray[np.float64]:
    """Harris, Proceedings of the IEEE 66 (1978), equation 38; `share` of it is tapered."""
    places = np.arange(length + 1, dtype=np.float64)
    width = math.floor(share * length / 2)
    rising, falling = places[: width + 1], places[length - width :]
    weights = np.ones(length + 1)
    weights[: width + 1] = 0.5 * (1 + np.cos(np.pi * (-1 + 2 * rising / share / length)))
    turned = -2 / share + 1 + 2 * falling / share / length
    weights[length - width :] = 0.5 * (1 + np.cos(np.pi * turned))
    return weights[:-1]
