"""What reading a clip shows beside its samples' hash: level, silence, clipping, how it was made."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.values import Clip, Origin

FULL_SCALE = 0.99
"""From this size on a sample of a recording counts as clipped; 8-bit files go up to 127/128."""
LEAST_POWER = 1e-30
"""Below it sums of float32 squares have lost their digits, and are made again in float64."""


class Facts(NamedTuple):
    """What is known of a clip without looking at its pictures.

    Parameters
    ----------
    origin
        How it was recorded, where its reader says so; else the rate, channels and length it has.
    recorded
        Whether its reader said so: full scale is 1.0 then.
    level_db
        Power of all samples around their mean (dB); minus infinity where they are constant.
    mixed_db
        The same of the sum of the channels over their number; None for one channel.
    peak
        The largest absolute sample.
    clipped
        The share of samples at full scale; 0 where no full scale is known.
    """

    origin: Origin
    recorded: bool = False
    level_db: float = 0.0
    mixed_db: float | None = None
    peak: float = 0.0
    clipped: float = 0.0

    @property
    def silent(self) -> bool:
        """Say whether all samples are zero."""
        return self.peak == 0

    @property
    def constant(self) -> bool:
        """Say whether all samples are the same, other than zero."""
        return self.peak > 0 and math.isinf(self.level_db)


def facts_of(clip: Clip) -> Facts | None:
    """Look at a clip, in few passes: it is done for every clip that is read.

    None where a sample is not finite (NaN or infinity): the extremes show it.
    """
    samples = clip.samples
    channels, length = samples.shape
    recorded = clip.origin is not None
    flat = samples.reshape(-1)
    low, high = float(np.minimum.reduce(flat)), float(np.maximum.reduce(flat))
    peak = max(-low, high)
    if not peak < math.inf:
        return None
    return Facts(
        origin=clip.origin or Origin(float(clip.rate), channels, length / clip.rate),
        recorded=recorded,
        level_db=-math.inf if low == high else _level_db(flat),
        mixed_db=_mixed_db(samples) if channels > 1 else None,
        peak=peak,
        clipped=_clipped(samples, low, high) if recorded else 0.0,
    )


def _mixed_db(samples: NDArray[np.float32]) -> float:
    return _level_db(samples.mean(axis=0, dtype=np.float32))


def _clipped(samples: NDArray[np.float32], low: float, high: float) -> float:
    above = int(np.count_nonzero(samples >= FULL_SCALE)) if high >= FULL_SCALE else 0
    below = int(np.count_nonzero(samples <= -FULL_SCALE)) if low <= -FULL_SCALE else 0
    return (above + below) / samples.size


def _level_db(flat: NDArray[np.float32]) -> float:
    power, offset = float(np.dot(flat, flat)) / flat.size, float(np.add.reduce(flat)) / flat.size
    variance = power - offset * offset
    if not LEAST_POWER < variance < math.inf or variance < 1e-4 * power:
        variance = float(np.var(flat, dtype=np.float64))
    return 10 * math.log10(variance) if variance > 0 else -math.inf
