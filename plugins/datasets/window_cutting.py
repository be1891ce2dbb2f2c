"""One window of a recording as a clip: its channels chosen, resampled by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harness import Origin
from plugins.datasets.long_recordings import LongRecording
from plugins.datasets.resampling import fit_length, resample, suffix_of
from plugins.datasets.surveys import Readable, Samples

MOST_TOGETHER = 2**20
"""Samples, all channels counted, that are read at once: 4 MB."""


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
        first, count = self.place(rate)
        samples = recording.read(first, count)
        return self.at_target(channels(samples), rate), _origin(samples, rate, count, name)

    def place(self, rate: float) -> tuple[int, int]:
        """Return its first sample in a recording of this rate (Hz), and how many it has there."""
        return round(self.start_s * rate), max(round(self.window_s * rate), 1)

    def at_target(self, samples: Samples, rate: float) -> Samples:
        """Bring its samples to the target's rate.

        Raises
        ------
        BadClip
            Nothing would be left of them, or too much would come of them.
        """
        if self.target == rate:
            return samples
        samples = resample(samples, rate, self.target)
        return fit_length(samples, round(self.window_s * self.target))


def _origin(samples: Samples, rate: float, count: int, name: str) -> Origin:
    return Origin(rate, len(samples), count / rate, suffix_of(name))


def read_together(
    cuts: Sequence[WindowCut],
    recording: LongRecording,
    name: str,
    channels: Callable[[Samples], Samples],
) -> list[tuple[Samples, Origin]]:
    """Read windows of one length, in order of time, a stretch of the recording at once.

    Raises
    ------
    BadClip
        One of them cannot be read.
    """
    found: list[tuple[Samples, Origin]] = []
    rate = recording.rate
    for part in _stretches(cuts, recording):
        start, _ = part[0].place(rate)
        last, count = part[-1].place(rate)
        read = recording.read(start, last + count - start)
        origin = _origin(read, rate, count, name)
        samples = channels(read)
        for cut in part:
            begin = cut.place(rate)[0] - start
            own = samples[:, begin : begin + count]
            found.append((cut.at_target(own, rate), origin))
    return found


def _stretches(
    cuts: Sequence[WindowCut], recording: LongRecording
) -> Iterator[Sequence[WindowCut]]:
    """Part windows where a stretch would grow long, or hold what no window does."""
    begin = end = 0
    for number, cut in enumerate(cuts):
        first, count = cut.place(recording.rate)
        start, _ = cuts[begin].place(recording.rate)
        long = (first + count - start) * recording.channels > MOST_TOGETHER
        if number > begin and (long or first > end):
            yield cuts[begin:number]
            begin = number
        end = first + count
    yield cuts[begin:]


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
