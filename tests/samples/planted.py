"""Plugins for tests of searching: clips told apart at one frequency alone, and ways to see it."""

from __future__ import annotations

import os
import signal

import numpy as np

from harness import (
    Axis,
    Clip,
    Dataset,
    Entry,
    Improvement,
    Origin,
    Plot,
    Raster,
    Representation,
    parameter,
)

RATE_HZ = 1000.0


class Planted(Dataset):
    """A tone of 300 Hz, or none, among others that say nothing."""

    name = "planted"
    synthetic = True

    clips: int = parameter(90, "how many", low=4)
    shuffled: int = parameter(
        0, "seed that deals the labels of held-out clips anew; 0: as they are"
    )

    def entries(self):
        labels = ["tone" if index % 2 else "none" for index in range(self.clips)]
        held = [index for index in range(self.clips) if index % 3 == 0]
        if self.shuffled:
            drawn = np.random.default_rng(self.shuffled).permutation(held)
            labels = [
                labels[drawn[held.index(index)]] if index in held else label
                for index, label in enumerate(labels)
            ]
        return [
            Entry(f"clip-{index}", label, side="holdout" if index % 3 == 0 else "train")
            for index, label in enumerate(labels)
        ]

    def read(self, entry):
        index = int(entry.id.removeprefix("clip-"))
        rng = np.random.default_rng([7, index])
        time_s = np.arange(400) / RATE_HZ
        tones = {100: rng.uniform(0, 1), 200: rng.uniform(0, 1), 400: rng.uniform(0, 1)}
        tones[300] = rng.uniform(0.3, 1.0) if index % 2 else rng.uniform(0, 0.45)
        samples = sum(size * np.sin(2 * np.pi * hz * time_s) for hz, size in tones.items())
        samples = samples + rng.normal(0, 0.1, 400)
        origin = Origin(RATE_HZ, 1, 0.4, "wav")
        return Clip(
            entry.id, samples[None].astype(np.float32), RATE_HZ, entry.label, None, "", origin
        )


class Strip(Representation):
    """How strong one frequency is, as a bar."""

    name = "strip"

    hz: float = parameter(100.0, "which one", unit="Hz", search=(100.0, 200.0, 300.0, 400.0))
    fault: bool = False
    shade: float = parameter(1.0, "what levels are multiplied by: pictures scale it away", low=0.1)

    def raster(self, signals):
        if self.fault:
            raise RuntimeError("cannot draw on purpose")
        time_s = np.arange(signals.samples.shape[-1]) / signals.rate
        turned = signals.samples[:, 0] * np.exp(-2j * np.pi * self.hz * time_s)
        levels = 2 * np.abs(turned.mean(axis=1))
        bar = (np.arange(32)[None, :] < 32 * levels[:, None]).astype(np.float64)
        values = np.repeat(bar[:, None, :], 4, axis=1)
        rows = Axis("frequency", "Hz", np.arange(4.0))
        return Raster(self.shade * values, rows, Axis("time", "s", np.arange(32.0)), "power")


class Turned(Improvement):
    """The picture the other way round: it says just the same."""

    name = "turned"

    def improve(self, raster):
        return Raster(raster.values[:, :, ::-1].copy(), raster.rows, raster.columns, raster.scale)


class Bare(Representation):
    """It has a number and a word: only the word is tried, for its author names no values."""

    name = "bare"

    size: int = 3
    method: str = parameter("one", "how", choices=("one", "two"))
    odd: float = parameter(1.0, "what cannot be written", search=(float("nan"), [1], 1.0))

    def raster(self, signals):
        clips = len(signals)
        rows, columns = Axis("frequency", "Hz", np.arange(2.0)), Axis("time", "s", np.arange(4.0))
        return Raster(np.zeros((clips, 2, 4)), rows, columns, "power")


class Brittle(Strip):
    """It fails, but not with a clip that is alone."""

    name = "brittle"

    def raster(self, signals):
        if len(signals) > 1:
            raise RuntimeError("several clips are too many on purpose")
        return Turned().improve(super().raster(signals))


class Deadly(Representation):
    """Its process dies."""

    name = "deadly"

    def raster(self, signals):
        os.kill(os.getpid(), signal.SIGKILL)


class Needy(Representation):
    """It needs a parameter, so nothing can be proposed of it."""

    name = "needy"

    file: str = parameter(help="a file")

    def raster(self, signals):
        raise AssertionError


class Finished(Plot):
    """It makes finished pictures."""

    name = "finished"

    def jpegs(self, signals):
        raise AssertionError


plugins = [Planted, Strip, Turned, Bare, Brittle, Deadly, Needy, Finished]
