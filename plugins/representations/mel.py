"""The mel spectrogram."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from harness import (
    Axis,
    Inapplicable,
    Raster,
    Representation,
    Signals,
    decibels,
    parameter,
)
from plugins.representations import short_time
from plugins.representations.mel_bands import mel_bank
from plugins.representations.windows import periodic

LEAST_POWER = 1e-10
"""``amin`` of ``librosa.power_to_db``."""


class Mel(Representation):
    """Mel power in decibels against frequency and time, as librosa makes it.

    Equal to ``librosa.power_to_db(librosa.feature.melspectrogram(y=x, sr=rate, n_fft=window,
    hop_length=hop, n_mels=n_mels, fmin=low, fmax=high), ref=np.max)``: Slaney's mel scale with
    filters of equal area, a Hann window centred on each column, 80 dB below each clip's peak. The
    default of 64 bands suits 2 kHz: up to 1 kHz Slaney's scale is linear, and a band spans four
    of the bins of a 0.128 s window.

    Raises
    ------
    Inapplicable
        The window is shorter than two samples, the frequencies lie outside the recording's, or
        there are so many bands that one is empty.
    """

    name = "mel"

    n_mels: int = parameter(64, "number of bands", low=2, search=(32, 48, 64, 96, 128))
    window_s: float = parameter(
        0.128, "length of the window", unit="s", low=0, search=(0.032, 0.064, 0.128, 0.256)
    )
    hop_s: float = parameter(
        0.016, "from one window to the next", unit="s", low=0, search=(0.008, 0.016, 0.032, 0.064)
    )
    low: float = parameter(0.0, "lowest frequency", unit="Hz", low=0)
    high: float | None = parameter(None, "highest frequency; none: half the rate", unit="Hz", low=0)

    def raster(self, signals: Signals) -> Raster:
        """Return decibels below the clip's peak against mel bands and time."""
        clips, channels, n = signals.samples.shape
        rate = signals.rate
        length = short_time.window_length(self.window_s, rate, self.name)
        hop = short_time.hop_length(self.hop_s, rate)
        high = rate / 2 if self.high is None else self.high
        bank, centres = _bank(rate, length, self.n_mels, self.low, high)
        padded = np.pad(
            signals.samples.reshape(clips * channels, n), ((0, 0), (length // 2, length // 2))
        )
        windows = short_time.frames(padded, length, hop)
        bands = np.empty((len(padded), self.n_mels, windows.shape[1]), np.float32)
        for place, squares in short_time.power(windows, _hann(length), centred=False):
            # One product a clip: a single one over the batch could sum in another order for
            # another number of clips.
            np.matmul(bank, squares, out=bands[place])
        values = short_time.stacked(bands, channels)
        return Raster(
            decibels(values, least=LEAST_POWER),
            Axis("frequency", "Hz", np.tile(centres, channels)),
            Axis("time", "s", hop * np.arange(values.shape[2]) / rate),
            "db",
        )


@lru_cache(maxsize=16)
def _hann(length: int) -> NDArray[np.float32]:
    weights: NDArray[np.float32] = periodic("hann", length=length).astype(np.float32)
    weights.flags.writeable = False
    return weights


@lru_cache(maxsize=16)
def _bank(
    rate: float, length: int, n_mels: int, low: float, high: float
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return filters [shape=(n_mels, rows)], none of them empty, and their centres (Hz)."""
    if not low < high <= rate / 2:
        raise Inapplicable(
            f"mel: bands from {low:g} to {high:g} Hz do not fit a recording of {rate:g} Hz, "
            f"which holds 0 to {rate / 2:g} Hz: set low and high within that."
        )
    bank, centres = mel_bank(rate, length, n_mels, low, high)
    if not bank.any(axis=1).all():
        raise Inapplicable(
            f"mel: {n_mels} bands from {low:g} to {high:g} Hz are finer than a window of "
            f"{length / rate:g} s can tell apart, so some would be empty: lower n_mels or raise "
            "window_s."
        )
    return bank, centres


plugins = [Mel]
