"""A clip on its way into a network: one channel, the network's rate, windows of its length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SMALLEST_DEVIATION = 1e-7
"""A window whose deviation is below this is silence; it is not made louder."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a network listens to.

    Parameters
    ----------
    rate
        Samples a second (Hz).
    samples
        Of one window.
    standardised
        Each window has mean 0 and deviation 1.
    """

    rate: float
    samples: int
    standardised: bool = False

    def windows(self, samples: NDArray[np.float32], rate: float) -> NDArray[np.float32]:
        """Cut a clip [shape=(channels, n)] into windows [shape=(windows, samples)].

        Channels are averaged. Windows stand side by side; where the clip is no multiple of them,
        the last one ends with the clip and begins within the one before it. A clip that is
        shorter than a window is followed by zeros.
        """
        import soxr

        sound = samples.mean(axis=0, dtype=np.float32)
        if rate != self.rate:
            sound = soxr.resample(sound, rate, self.rate)
        missing = self.samples - len(sound)
        if missing > 0:
            sound = np.pad(sound, (0, missing))
        count = -(-len(sound) // self.samples)
        starts = np.minimum(np.arange(count) * self.samples, len(sound) - self.samples)
        found = np.stack([sound[start : start + self.samples] for start in starts.tolist()])
        return standardised(found) if self.standardised else found.astype(np.float32)


def standardised(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give each window [shape=(windows, n)] mean 0 and deviation 1."""
    centred = windows - windows.mean(axis=1, keepdims=True)
    width = centred.std(axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(width, SMALLEST_DEVIATION), np.float32)
