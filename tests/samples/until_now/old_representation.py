"""Old representation: a plugin for sightbench.

Try it:    sightbench run --plugin old_representation.py -r spectrogram -r old-representation
Check it:  sightbench check old_representation.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from harness import Axis, Raster, Representation, Signals, hookimpl, parameter


@dataclass(frozen=True, kw_only=True)
class OldRepresentation(Representation):
    """Magnitude against frequency and time, from overlapping windows.

    This first line is what `sightbench list` shows. Say below it what the picture shows, with the
    source of its formula. Give parameters in physical units: seconds and Hz, not samples.
    """

    name: ClassVar[str] = "old-representation"
    version: ClassVar[str] = "1"  # raise it whenever the output changes
    axes: ClassVar[tuple[str, str]] = ("frequency", "time")  # of rows and columns

    window_s: float = parameter(0.128, "length of a window", unit="s", low=0.001, high=10.0)
    overlap: float = parameter(0.75, "share of a window that the next repeats", low=0.0, high=0.95)

    def raster(self, signals: Signals) -> Raster:
        """Draw a batch of clips [shape=(clips, channels, n)]; channels are stacked as rows.

        Axis 0 is the clip: compute every clip from itself alone.
        """
        clips, channels, n = signals.samples.shape
        length = max(4, round(self.window_s * signals.rate))
        hop = max(1, round(length * (1 - self.overlap)))
        padding = ((0, 0), (0, 0), (0, max(0, length - n)))  # a clip shorter than one window
        samples = np.pad(signals.samples, padding)
        windows = np.lib.stride_tricks.sliding_window_view(samples, length, axis=2)[:, :, ::hop]
        magnitude = np.abs(np.fft.rfft(windows * np.hanning(length), axis=3))
        values = magnitude.transpose(0, 1, 3, 2).reshape(clips, -1, windows.shape[2])
        hertz = np.tile(np.arange(length // 2 + 1) * signals.rate / length, channels)
        seconds = (length / 2 + hop * np.arange(windows.shape[2])) / signals.rate
        rows, columns = Axis("frequency", "Hz", hertz), Axis("time", "s", seconds)
        return Raster(values.astype(np.float32), rows, columns, "power")


@hookimpl
def harness_representations() -> list[type[Representation]]:
    """Tell sightbench what this module offers."""
    return [OldRepresentation]
