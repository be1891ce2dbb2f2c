"""Plugins for tests: a small dataset of tones, and plugins that misbehave on purpose."""

from __future__ import annotations

import dataclasses
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from harness import (
    Axis,
    BadClip,
    Classifier,
    Clip,
    Dataset,
    Entry,
    Origin,
    Predictions,
    Raster,
    RasterClassifier,
    Representation,
    SignalClassifier,
    Unavailable,
    hookimpl,
    parameter,
)


@dataclass(frozen=True, kw_only=True)
class Tones(Dataset):
    """Low or high tones in noise."""

    name: ClassVar[str] = "tones"
    synthetic: ClassVar[bool] = True

    clips: int = parameter(60, "how many", low=0)
    bad: int = parameter(0, "how many of them cannot be read", low=0)
    copies: int = parameter(0, "how many repeat the clip before them", low=0)
    labels: str = parameter("high,low", "the classes")
    uneven: int = parameter(0, "how many samples every other pair of clips is longer", low=0)
    seed: int = parameter(0, "other seed, other tones")
    longer: str = parameter("", "the class whose recordings are twice as long")

    def entries(self):
        names = self.labels.split(",")
        return [
            Entry(
                f"tone-{index}",
                names[index % len(names)],
                group=f"site-{index // 6}",
                position=float(index),
                side="holdout" if index % 3 == 0 else "train",
                where=f"tones/{index}.wav",
                fold=str(1 + index // 2 % 4),
            )
            for index in range(self.clips)
        ]

    def read(self, entry):
        index = int(entry.id.removeprefix("tone-"))
        if index < self.bad:
            raise BadClip("is truncated on purpose")
        if index >= self.clips - self.copies:
            index -= 2
        rng = np.random.default_rng([self.seed, index])
        hz = {"low": 120, "high": 400}.get(entry.label, 60 + 90 * (hash_of(entry.label) % 8))
        length = 1000 + self.uneven * (index // 2 % 2)
        time_s = np.arange(length) / 2000
        samples = np.sin(2 * np.pi * hz * time_s + rng.uniform(0, 6)) + rng.normal(0, 0.5, length)
        long_s = 2 * length / 2000 if entry.label == self.longer else length / 2000
        origin = Origin(2000.0, 1, long_s, "wav")
        samples = samples[None].astype(np.float32)
        return Clip(entry.id, samples, 2000.0, entry.label, entry.group, "", origin)


def hash_of(text):
    return sum(map(ord, text))


@dataclass(frozen=True, kw_only=True)
class Levels(Representation):
    """The level over time, one row: quick to draw."""

    name: ClassVar[str] = "levels"
    axes: ClassVar[tuple[str, str]] = ("level", "time")

    fault: str = parameter("", "what goes wrong", choices=("", "raise", "crash", "same"))

    def raster(self, signals):
        if self.fault == "raise":
            raise RuntimeError("cannot draw on purpose")
        if self.fault == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        clips = len(signals)
        values = signals.samples.reshape(clips, -1, 20).mean(axis=2)[:, None, :]
        if self.fault == "same":
            values = np.zeros_like(values)
        columns = Axis("time", "s", np.arange(values.shape[2]) * 20 / signals.rate)
        return Raster(values, Axis("level", "", np.zeros(1)), columns, "db")


@dataclass(frozen=True)
class Means:
    classes: tuple[str, ...]
    means: np.ndarray

    def predict(self, features):
        if features.groups or features.positions:
            raise RuntimeError("what is predicted tells its neighbours")
        values = features.values.astype(np.float32)
        distances = np.linalg.norm(values[:, None] - self.means[None], axis=2)
        nearness = np.exp(-(distances - distances.min(axis=1, keepdims=True)))
        return Predictions.from_scores(
            features.ids, self.classes, nearness / nearness.sum(axis=1, keepdims=True)
        )


@dataclass(frozen=True, kw_only=True)
class NearestMean(Classifier):
    """The class whose mean picture is nearest."""

    name: ClassVar[str] = "nearest-mean"

    fault: str = parameter(
        "",
        "what goes wrong",
        choices=("", "raise", "crash", "hang", "disorder", "away", "pedantic", "neighbours"),
    )
    only_once: str = parameter("", "once:FILE; the fault occurs while the file does not exist")

    def features(self, pictures):
        return pictures.pixels[:, ::14, ::14, 1].reshape(len(pictures), -1).astype(np.float32)

    def fit(self, features, labels, rng):
        self._misbehave()
        if self.fault == "pedantic" and list(features.ids) != sorted(features.ids):
            raise RuntimeError("the clips are not in the order of their ids")
        if self.fault == "neighbours":
            places = [int(id.removeprefix("tone-")) for id in features.ids]
            if features.groups != tuple(f"site-{place // 6}" for place in places):
                raise RuntimeError("the groups are not those of the clips")
            if features.positions != tuple(map(float, places)):
                raise RuntimeError("the positions are not those of the clips")
        classes = tuple(sorted(set(labels.tolist())))
        means = np.stack([features.values[labels == name].mean(axis=0) for name in classes])
        fitted = Means(classes, means)
        if self.fault == "disorder":
            return Disordered(fitted)
        return fitted

    def _misbehave(self):
        if self.only_once:
            marker = Path(self.only_once.removeprefix("once:"))
            if marker.exists():
                return
            marker.touch()
        if self.fault == "raise":
            raise RuntimeError("[red]cannot learn[/red] on purpose")
        if self.fault == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fault == "hang":
            time.sleep(600)
        if self.fault == "away":
            raise Unavailable("is away on purpose")


@dataclass(frozen=True, kw_only=True)
class NearestSpectrum(SignalClassifier):
    """The class whose mean spectrum is nearest; it looks at signals."""

    name: ClassVar[str] = "nearest-spectrum"

    fault: str = parameter("", "what goes wrong", choices=("", "neighbours", "width"))

    def features(self, signals):
        spectra = np.abs(np.fft.rfft(signals.samples[:, 0]))
        if self.fault == "neighbours":
            spectra = spectra - spectra.mean(axis=0)
        if self.fault == "width":
            return spectra
        return spectra[:, :200].astype(np.float32)

    fit = NearestMean.fit

    def _misbehave(self):
        pass


@dataclass(frozen=True, kw_only=True)
class NearestRaster(RasterClassifier):
    """The class whose mean raster is nearest; it looks at rasters."""

    name: ClassVar[str] = "nearest-raster"
    fault: ClassVar[str] = ""

    def features(self, raster):
        return np.concatenate([raster.values.mean(axis=2), raster.values.std(axis=2)], axis=1)

    fit = NearestMean.fit

    def _misbehave(self):
        pass


@dataclass(frozen=True, kw_only=True)
class FewMeans(NearestMean):
    """The same, from twenty clips at most."""

    name: ClassVar[str] = "few-means"
    most_clips: ClassVar[int | None] = 20


@dataclass(frozen=True, kw_only=True)
class Seer(NearestMean):
    """The same, but what it sees is kept; it notes how many pictures it looks at."""

    name: ClassVar[str] = "seer"
    keep_features: ClassVar[bool] = True
    head_parameters: ClassVar[tuple[str, ...]] = ("nearness", "log")

    log: str = parameter("", "a file that gets the number of pictures looked at")
    channel: int = parameter(1, "which of the three colours is looked at", low=0, high=2)
    nearness: float = parameter(1.0, "a parameter of what learns", low=0.1)
    fault: str = parameter("", "what goes wrong", choices=("", "raise", "crash", "words"))

    def features(self, pictures):
        if self.log:
            with Path(self.log).open("a") as file:
                file.write(f"{len(pictures)}\n")
        if self.fault == "raise":
            raise RuntimeError("cannot see on purpose")
        if self.fault == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        seen = pictures.pixels[:, ::14, ::14, self.channel]
        seen = seen.reshape(len(pictures), -1).astype(np.float32)
        return seen.astype(object) if self.fault == "words" else seen

    def fit(self, features, labels, rng):
        values = features.values.astype(np.float32)
        return NearestMean().fit(dataclasses.replace(features, values=values), labels, rng)


@dataclass(frozen=True)
class Disordered:
    fitted: Means

    def predict(self, features):
        return self.fitted.predict(features.take(range(len(features) - 1, -1, -1)))


@hookimpl
def harness_datasets():
    return [Tones]


@hookimpl
def harness_representations():
    return [Levels]


@hookimpl
def harness_classifiers():
    return [NearestMean, FewMeans, Seer, NearestSpectrum, NearestRaster]
