"""The scalogram."""

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

HIGHEST_SHARE = 0.9
"""Of half the sample rate: above it a wavelet would reach far past what was recorded."""

REACH = 4.0
"""Standard deviations after which a wavelet is over."""

SHORTEST_S = 1.0
"""What a shorter clip counts as, in s: few samples cost little, however long the wavelets."""


class Scalogram(Representation):
    """Power against frequency and time, by Morlet wavelets: fine in time where tones are high.

    A wavelet of frequency f is ``exp(2 pi i f t)`` under a Gaussian whose standard deviation is
    ``cycles / (2 pi f)``; frequencies are spaced evenly on a logarithmic axis. It is scaled so
    that a tone of amplitude 1 has power 1 at its frequency. Each column is the mean power of its
    `hop_s`; before and after the clip is silence, so edges fade. No wavelet's standard deviation
    may be longer than the clip (or than 1 s, where the clip is shorter): such a wavelet hardly
    changes while the clip lasts, and the silence to compute around it would outgrow the clip.

    Raises
    ------
    Inapplicable
        The frequencies lie outside the recording's, or the lowest is too low for the clip.

    References
    ----------
    C. Torrence and G. P. Compo, "A practical guide to wavelet analysis", Bulletin of the American
    Meteorological Society 79 (1998), 61; their omega_0 is `cycles`.
    """

    name = "scalogram"

    low: float = parameter(30.0, "lowest frequency", unit="Hz", low=0.001)
    high: float | None = parameter(
        None, "highest frequency; none: 0.9 of half the rate", unit="Hz", low=0.001
    )
    frequencies: int = parameter(
        96, "number of frequencies", low=2, high=1024, search=(48, 96, 192)
    )
    cycles: float = parameter(
        6.0,
        "oscillations in a wavelet, times 2 pi / 6",
        low=2,
        high=100,
        search=(4.0, 6.0, 9.0, 14.0),
    )
    hop_s: float = parameter(0.016, "length of a column", unit="s", low=0)
    scale: str = parameter("db", "linear power, or decibels", choices=("db", "power"))

    def raster(self, signals: Signals) -> Raster:
        """Return decibels below the clip's peak, or power, against frequency and time."""
        clips, channels, n = signals.samples.shape
        rate = signals.rate
        centres = self._centres(rate)
        self._check_length(n / rate)
        hop = short_time.hop_length(self.hop_s, rate)
        flat = signals.samples.reshape(clips * channels, n)
        values = np.stack(
            [_power(each, centres, rate, self.cycles, hop) for each in flat]
            or [np.zeros((self.frequencies, _columns(n, hop)), np.float32)]
        )[: len(flat)]
        values = values.reshape(clips, channels * self.frequencies, -1)
        return Raster(
            decibels(values) if self.scale == "db" else values,
            Axis("frequency", "Hz", np.tile(centres, channels)),
            Axis("time", "s", (np.arange(_columns(n, hop), dtype=np.float64) + 0.5) * hop / rate),
            "db" if self.scale == "db" else "power",
        )

    def _centres(self, rate: float) -> NDArray[np.float64]:
        high = HIGHEST_SHARE * rate / 2 if self.high is None else self.high
        if not self.low < high <= rate / 2:
            raise Inapplicable(
                f"{self.name}: {self.low:g} to {high:g} Hz do not fit a recording of {rate:g} Hz, "
                f"which holds 0 to {rate / 2:g} Hz: set low and high within that."
            )
        return np.geomspace(self.low, high, self.frequencies)

    def _check_length(self, clip_s: float) -> None:
        deviation_s = self.cycles / (2 * np.pi * self.low)
        most_s = max(clip_s, SHORTEST_S)
        if deviation_s > most_s:
            raise Inapplicable(
                f"{self.name}: a wavelet of {self.low:g} Hz and {self.cycles:g} cycles has a "
                f"standard deviation of {deviation_s:.3g} s, far too long for a clip of "
                f"{clip_s:.3g} s: set low to {self.cycles / (2 * np.pi * most_s):.3g} Hz or more, "
                "or cycles lower."
            )


def _columns(n: int, hop: int) -> int:
    return max(1, -(-n // hop))


def _power(
    samples: NDArray[np.float32],
    centres: NDArray[np.float64],
    rate: float,
    cycles: float,
    hop: int,
) -> NDArray[np.float32]:
    """Return the mean power of each hop of one signal [shape=(frequencies, columns)]."""
    from scipy import fft

    n = max(len(samples), 1)
    longest = REACH * cycles / (2 * np.pi * centres[0])
    size = fft.next_fast_len(n + round(longest * rate), real=False)
    spectrum = fft.rfft(samples if len(samples) else np.zeros(1, np.float32), size)
    product = np.zeros((len(centres), size), np.complex64)
    bank = _bank(tuple(centres), rate, cycles, size)
    np.multiply(spectrum, bank, out=product[:, : size // 2 + 1])
    coefficients = fft.ifft(product, axis=-1, overwrite_x=True)[:, :n]
    power = np.square(coefficients.real) + np.square(coefficients.imag)
    starts = np.arange(0, n, hop)
    sums = np.add.reduceat(power, starts, axis=1)
    means: NDArray[np.float32] = (sums / np.diff(starts, append=n)).astype(np.float32)
    return means


@lru_cache(maxsize=4)
def _bank(centres: tuple[float, ...], rate: float, cycles: float, size: int) -> NDArray[np.float32]:
    """Return the spectra of the wavelets [shape=(frequencies, size // 2 + 1)]."""
    bins = short_time.frequencies(size, rate)
    distance = cycles * (bins / np.array(centres)[:, None] - 1)
    # Twice, for a real tone holds half of its amplitude at each of two frequencies.
    bank: NDArray[np.float32] = (2 * np.exp(-(distance**2) / 2)).astype(np.float32)
    bank.flags.writeable = False
    return bank


plugins = [Scalogram]
