"""One window of a recording as a clip: its channels chosen, resampled by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness import Origin
from plugins.datasets.resampling import fit_length, resample, suffix_of
from plugins.datasets.surveys import Readable, Samples


@dataclass(frozen=True, slots=True)
class WindowCut:
    """Where a window lies, and the rate that it gets.

    Parameters
    ----------
    start_s, window_s
        Beginning and length (s).
    target
        Samples per second (Hz) that it is resampled to.
    """

    start_s: float
    window_s: float
    target: float

    def read(
        self, recording: Readable, name: str, channels: Callable[[Samples], Samples]
    ) -> tuple[Samples, Origin]:
        """Read it; it does not hang on its neighbours.

        Raises
        ------
        BadClip
            It cannot be read.
        """
        rate = recording.rate
        count = max(round(self.window_s * rate), 1)
        samples = recording.read(round(self.start_s * rate), count)
        origin = Origin(rate, len(samples), samples.shape[1] / rate, suffix_of(name))
        samples = channels(samples)
        if self.target != rate:
            samples = resample(samples, rate, self.target)
            samples = fit_length(samples, round(self.window_s * self.target))
        return samples, origin


def channel_number(written: str) -> int:
    """Return the one channel that is used, counted from 1; 0 for all."""
    return int(written) if written.isascii() and written.isdecimal() else 0


def chosen_channels(samples: Samples, written: str) -> Samples:
    """Mix the channels of samples [shape=(channels, n)], keep them, or take one by its number."""
    if number := channel_number(written):
        return samples[number - 1 : number]
    if written == "mix" and len(samples) > 1:
        mixed: Samples = samples.mean(axis=0, keepdims=True, dtype=np.float32)
        return mixed
    return samples
