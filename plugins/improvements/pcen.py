"""Per-channel energy normalisation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness import Improvement, Raster, parameter
from plugins.improvements.axes import spacing

FULL_SCALE = 2.0**31
"""What a clip's peak is scaled to: librosa's documentation scales a full-scale signal so."""


class Pcen(Improvement):
    """Divide each frequency by its own recent energy, then compress (PCEN).

    ``(power / (eps + mean)**gain + bias)**exponent - bias**exponent``, where the mean follows each
    row with `time_constant_s`. The parameters and the arithmetic are those of ``librosa.pcen``,
    but the mean starts at the row's mean over the clip (``zi`` in librosa): from librosa's start
    of 1 it takes half of a clip of 2 s to arrive, and the first column outshines all others. Power
    is first scaled so that the clip's peak is 2**31, for the result depends on the level;
    decibels are turned back into power. With ``exponent=0`` the logarithm takes the place of the
    root, as in librosa: ``log(1 + power / (eps + mean)**gain)``.

    References
    ----------
    Y. Wang et al., "Trainable frontend for robust and far-field keyword spotting", ICASSP 2017;
    V. Lostanlen et al., "Per-channel energy normalization: why and how", IEEE Signal Processing
    Letters 26 (2019), 39.
    """

    name = "pcen"
    needs = ("frequency", "time")

    gain: float = parameter(
        0.98, "how much of the recent energy is divided by", low=0, high=10, search=(0.8, 0.9, 0.98)
    )
    bias: float = parameter(2.0, "added before the compression", low=0, search=(1.0, 2.0, 10.0))
    exponent: float = parameter(
        0.5, "of the compression; 0: logarithm", low=0, high=1, search=(0.0, 0.25, 0.5)
    )
    time_constant_s: float = parameter(
        0.4, "memory of the mean", unit="s", low=0.001, search=(0.1, 0.2, 0.4, 0.8)
    )
    eps: float = parameter(1e-6, "keeps silence from being divided by nothing", low=1e-12)

    def improve(self, raster: Raster) -> Raster:
        """Return compressed power above what was heard shortly before."""
        power = _scaled(raster)
        smooth = _followed(power, self.time_constant_s / spacing(raster.columns))
        # As in librosa: through logarithms, lest a large power and a small one lose each other.
        np.log1p(smooth / np.float32(self.eps), out=smooth)
        smooth += np.float32(np.log(self.eps))
        power *= np.exp(np.float32(-self.gain) * smooth)
        if self.exponent == 0:
            return Raster(np.log1p(power), raster.rows, raster.columns, "power")
        if self.bias == 0:
            return Raster(power ** np.float32(self.exponent), raster.rows, raster.columns, "power")
        np.log1p(power / np.float32(self.bias), out=power)
        compressed = np.expm1(np.float32(self.exponent) * power)
        compressed *= np.float32(self.bias**self.exponent)
        return Raster(compressed, raster.rows, raster.columns, "power")


def _scaled(raster: Raster) -> NDArray[np.float32]:
    """Return power whose peak is `FULL_SCALE` in every clip that is not silent."""
    values = raster.values
    if raster.scale == "db":
        levels = (values - values.max(axis=(1, 2), keepdims=True)) / np.float32(10)
        power: NDArray[np.float32] = np.power(np.float32(10), levels)
        return power * np.float32(FULL_SCALE)
    peak = values.max(axis=(1, 2), keepdims=True)
    shares: NDArray[np.float32] = values / np.where(peak > 0, peak, np.float32(1))
    return np.maximum(shares, np.float32(0)) * np.float32(FULL_SCALE)


def _followed(power: NDArray[np.float32], columns: float) -> NDArray[np.float32]:
    """Return the mean that follows each row with a time constant in columns."""
    share = np.float32((np.sqrt(1 + 4 * columns**2) - 1) / (2 * columns**2))
    mean = power.mean(axis=2)
    followed = np.empty_like(power)
    for column in range(power.shape[2]):
        mean = (1 - share) * mean + share * power[:, :, column]
        followed[:, :, column] = mean
    return followed


plugins = [Pcen]
