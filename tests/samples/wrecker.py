"""Plugins that do, at one of their places, what no plugin should."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import os
import subprocess
import sys
import threading
import time
import warnings
from typing import ClassVar

import numpy as np

from harness import (
    Axis,
    Classifier,
    Improvement,
    Plot,
    Predictions,
    Raster,
    Representation,
    parameter,
)


class Curious(Exception):
    """Cannot be read back from another process."""

    def __init__(self, one, other):
        super().__init__(one)


class Mute(Exception):
    """Cannot say what is wrong."""

    def __str__(self):
        raise ValueError("no word")


def wreck(deed):
    """Do something that raises, dies, hangs, or changes what others rely on."""
    if deed == "raise":
        raise RuntimeError("\x1b[31mon purpose")
    if deed == "curious":
        raise Curious("on purpose", 2)
    if deed == "mute":
        raise Mute
    if deed == "half-letter":
        raise RuntimeError("on purpose \udc80")
    if deed == "exit":
        sys.exit("on purpose")
    if deed == "interrupt":
        raise KeyboardInterrupt
    if deed == "leave":
        os._exit(0)
    if deed == "leave-badly":
        os._exit(9)
    if deed == "segfault":
        ctypes.string_at(0)
    if deed == "grow":
        grow()
    if deed == "hang":
        time.sleep(600)
    if deed == "print":
        print("\x1b[31mred")
        sys.stderr.write("\x1b[31mred\n")
    if deed == "descriptor":
        os.write(1, b"not ours\n")
    if deed == "child":
        subprocess.Popen(["sleep", CHILD_S])
    if deed == "close":
        sys.stdout.close()
        with contextlib.suppress(OSError):  # folds come here more than once
            os.close(1)
    if deed == "wander":
        os.chdir("/")
    if deed == "environment":
        os.environ.clear()
    if deed == "thread":
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    if deed == "warn":
        warnings.simplefilter("error")
        np.seterr(all="raise")


def grow():
    """Take more and more memory, until somebody says stop or it is plainly too much."""
    taken = []
    while len(taken) < 3 * 2**30 // BLOCK:
        taken.append(np.ones(BLOCK, np.uint8))
        time.sleep(0.05)
    raise RuntimeError("nobody said stop")


BLOCK = 2**26
CHILD_S = "6897"
FATAL = [
    "raise", "curious", "mute", "half-letter", "exit", "interrupt", "leave", "leave-badly",
    "segfault", "hang",
]  # fmt: skip
RUDE = ["print", "descriptor", "child", "close", "wander", "environment", "thread", "warn"]
WRONG = ["count", "nan", "type"]
GREEDY = ["grow"]


class Wrecked(Representation):
    """The level over time, and a deed."""

    name = "wrecked"
    axes: ClassVar[tuple[str, str]] = ("level", "time")
    deed: str = parameter("", "what it does", choices=("", *FATAL, *RUDE, *WRONG))

    def raster(self, signals):
        wreck(self.deed)
        values = signals.samples.reshape(len(signals), -1, 20).mean(axis=2)[:, None, :]
        if self.deed == "count":
            values = values[:0]
        if self.deed == "nan":
            values = values * np.nan
        if self.deed == "type":
            return "a raster"
        columns = Axis("time", "s", np.arange(values.shape[2]) * 20 / signals.rate)
        return Raster(values, Axis("level", "", np.zeros(1)), columns, "db")


class Wreck(Improvement):
    """Nothing better, and a deed."""

    name = "wreck"
    deed: str = parameter("", "what it does", choices=("", *FATAL, *RUDE, *WRONG))

    def improve(self, raster):
        wreck(self.deed)
        if self.deed == "type":
            return "a raster"
        values = {"count": raster.values[:0], "nan": raster.values * np.nan}
        return dataclasses.replace(raster, values=values.get(self.deed, raster.values))


class Plotted(Plot):
    """A grey picture, and a deed."""

    name = "plotted"
    deed: str = parameter("", "what it does", choices=("", *FATAL, *RUDE, *WRONG))

    def jpegs(self, signals):
        wreck(self.deed)
        levels = (signals.samples[:, 0, :64] * 100 + 128).clip(0, 255).astype(np.uint8)
        drawn = [jpeg(np.tile(row, (64, 1))) for row in levels]
        return {"count": drawn[:-1], "nan": [b"GIF89a"] * len(drawn), "type": "jpegs"}.get(
            self.deed, drawn
        )


def jpeg(grey):
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(grey).convert("RGB").save(file, "JPEG")
    return file.getvalue()


class Wrecker(Classifier):
    """Always the first class, and a deed at one of its places."""

    name = "wrecker"
    place: str = parameter("fit", "where", choices=("features", "fit", "predict"))
    deed: str = parameter("", "what it does", choices=("", *FATAL, *RUDE, *WRONG, *GREEDY))

    def at(self, place):
        if place == self.place:
            wreck(self.deed)
        return self.deed if place == self.place else ""

    def features(self, pictures):
        deed = self.at("features")
        values = pictures.pixels[:, ::14, ::14, 1].reshape(len(pictures), -1).astype(np.float32)
        if deed == "type":
            return "features"
        return {"count": values[:0], "nan": values * np.nan}.get(deed, values)

    def fit(self, features, labels, rng):
        if self.at("fit") in WRONG:
            return "fitted"
        return Always(self, tuple(sorted(set(labels.tolist()))))


class Always:
    def __init__(self, wrecker, classes):
        self.wrecker, self.classes = wrecker, classes

    def predict(self, features):
        deed = self.wrecker.at("predict")
        if deed == "type":
            return "predictions"
        scores = np.zeros((len(features.ids), len(self.classes)))
        scores[:, 0] = np.nan if deed == "nan" else 1.0
        ids = features.ids[:0] if deed == "count" else features.ids
        return Predictions.from_scores(ids, self.classes, scores[: len(ids)])


plugins = [Wrecked, Wreck, Plotted, Wrecker]
