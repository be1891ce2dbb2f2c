"""Samples at another rate, or of another length; what both never do is fill the memory."""

from __future__ import annotations

import numpy as np

from harness import BadClip
from plugins.datasets.containers.libsndfile import MOST_SAMPLES
from plugins.datasets.decoding import Samples


def suffix_of(name: str) -> str:
    """Return the suffix of a file's name in small letters, without its dot."""
    stem, _, suffix = name.rpartition("/")[2].rpartition(".")
    return suffix.lower() if stem else ""


def resample(samples: Samples, rate: float, target: float) -> Samples:
    """Change the sample rate of samples [shape=(channels, n)] by soxr, quality HQ.

    Raises
    ------
    BadClip
        Nothing is left at the new rate, or far more than there was.
    """
    import soxr

    _check_length(len(samples), samples.shape[1] * target / rate, samples.size, target)
    changed = np.asarray(soxr.resample(samples.T, rate, target, quality="HQ"), dtype=np.float32)
    if not len(changed):
        raise BadClip(f"is too short: no sample is left of it at {target:g} Hz")
    return np.ascontiguousarray(changed.T)


def fit_length(samples: Samples, length: int) -> Samples:
    """Cut the end of samples [shape=(channels, n)], or fill it up with zeros.

    Raises
    ------
    BadClip
        It would take more memory than there may be.
    """
    _check_length(len(samples), length, samples.size, None)
    missing = length - samples.shape[1]
    return np.pad(samples, ((0, 0), (0, missing))) if missing > 0 else samples[:, :length]


def _check_length(channels: int, length: float, held: int, rate: float | None) -> None:
    """Refuse to make more of a clip than memory takes: a damaged header gives it hours."""
    wanted = channels * length
    if wanted > max(MOST_SAMPLES, held):
        at = f" at {rate:g} Hz" if rate else ""
        raise BadClip(
            f"would have {wanted:.3g} samples{at}, more than the {MOST_SAMPLES:.3g} that fit: "
            "check the rate in its header, or give another rate="
        )
