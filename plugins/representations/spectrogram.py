"""The spectrogram."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from harness import (
    Axis,
    ParameterError,
    Raster,
    Representation,
    Signals,
    decibels,
    parameter,
)
from plugins.representations import short_time, windows


class Spectrogram(Representation):
    """Power against frequency and time, by the short-time Fourier transform.

    Power spectral density (the signal's unit squared per Hz), one-sided, every window freed of
    its mean: what ``scipy.signal.spectrogram(x, rate, window, nperseg, noverlap)`` computes, in
    float32. With the defaults, on a clip of 2 kHz, that is ``nperseg=256, noverlap=224``, the
    picture of the blog post. Windows are rounded to whole samples; a clip shorter than one window
    is filled up with zeros.

    Raises
    ------
    Inapplicable
        The window is shorter than two samples.
    ParameterError
        SciPy knows no such window.
    """

    name = "spectrogram"

    window_s: float = parameter(
        0.128, "length of the window", unit="s", low=0, search=(0.032, 0.064, 0.128, 0.256)
    )
    hop_s: float = parameter(
        0.016, "from one window to the next", unit="s", low=0, search=(0.008, 0.016, 0.032, 0.064)
    )
    scale: str = parameter("power", "linear power, or decibels", choices=("power", "db"))
    window: str = parameter(
        "tukey:0.25",
        "window of scipy.signal.windows, with its shape",
        search=("tukey:0.25", "hann"),
    )

    def raster(self, signals: Signals) -> Raster:
        """Return power, or decibels below the clip's peak, against frequency and time."""
        clips, channels, n = signals.samples.shape
        length = short_time.window_length(self.window_s, signals.rate, self.name)
        hop = short_time.hop_length(self.hop_s, signals.rate)
        samples = signals.samples.reshape(clips * channels, n)
        density = _density(samples, length, hop, signals.rate, self.window)
        values = short_time.stacked(density, channels)
        times = (length / 2 + hop * np.arange(values.shape[2], dtype=np.float64)) / signals.rate
        rows = np.tile(short_time.frequencies(length, signals.rate), channels)
        return Raster(
            decibels(values) if self.scale == "db" else values,
            Axis("frequency", "Hz", rows),
            Axis("time", "s", times),
            "db" if self.scale == "db" else "power",
        )


def _density(
    samples: NDArray[np.float32], length: int, hop: int, rate: float, window: str
) -> NDArray[np.float32]:
    """Return the power spectral density of signals [shape=(signals, rows, windows)]."""
    weights = _weights(window, length, rate)
    filled = short_time.filled_up(samples, length)
    # Each window loses its own mean; without the whole signal's, float32 is fine enough for that.
    cut = short_time.frames(filled - filled.mean(axis=1, keepdims=True), length, hop)
    values = np.empty((len(samples), length // 2 + 1, cut.shape[1]), np.float32)
    for place, squares in short_time.power(cut, weights, centred=True):
        values[place] = squares
    # What stands for two frequencies counts twice, as weighted; zero and Nyquist stand alone.
    values[:, [0, -1] if length % 2 == 0 else [0]] *= np.float32(0.5)
    return values


@lru_cache(maxsize=16)
def _weights(window: str, length: int, rate: float) -> NDArray[np.float32]:
    """Return the window, scaled so that the squared spectrum is a one-sided density."""
    shape, _, values = window.partition(":")
    try:
        numbers = [float(each) for each in values.split(":") if each]
        weights = windows.periodic(shape, *numbers, length=length)
    except (ValueError, TypeError) as error:
        raise ParameterError(
            f"spectrogram: window={window!r} is no window of scipy.signal.windows ({error}); "
            "write a name and its shape, such as hann or tukey:0.25."
        ) from error
    density: NDArray[np.float32] = weights * np.sqrt(2 / (rate * np.sum(weights**2)))
    density = density.astype(np.float32)
    density.flags.writeable = False
    return density


plugins = [Spectrogram]
