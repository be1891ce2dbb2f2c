"""Plugins that do, at one of their places, what no plugin should."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
import time
import warnings
from typing import ClassVar

import numpy as np

from harness import Axis, Classifier, Predictions, Raster, Representation, parameter


class Curious(Exception):
    """Cannot be read back from another process."""

    def __init__(self, one, other):
        super().__init__(one)


def wreck(deed):
    """Do something that raises, dies, hangs, or changes what others rely on."""
    if deed == "raise":
        raise RuntimeError("\x1b[31mon purpose")
    if deed == "curious":
        raise Curious("on purpose", 2)
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
    if deed == "hang":
        time.sleep(600)
    if deed == "print":
        print("\x1b[31mred")
        sys.stderr.write("\x1b[31mred\n")
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


FATAL = ["raise", "curious", "exit", "interrupt", "leave", "leave-badly", "segfault", "hang"]
RUDE = ["print", "close", "wander", "environment", "thread", "warn"]
WRONG = ["count", "nan", "type"]


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


class Wrecker(Classifier):
    """Always the first class, and a deed at one of its places."""

    name = "wrecker"
    place: str = parameter("fit", "where", choices=("features", "fit", "predict"))
    deed: str = parameter("", "what it does", choices=("", *FATAL, *RUDE, *WRONG))

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


plugins = [Wrecked, Wrecker]
