"""Signals, rasters and pictures whose content is known, for checks and for plugin authors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contracts import LocalClassifier
from harness.values import Axis, Features, Pictures, Raster, Signals

RATES = (2000.0, 8000.0, 22050.0, 44100.0)
"""Sampling rates (Hz) at which clips are tried, the harness's own first."""

SECONDS = 2.0
_WINDOW_S, _HOP_S = 0.128, 0.016
_SHORT_S = 0.5
_SIDE = 48
"""Height and width (pixels) of example pictures."""


def noise(
    clips: int,
    *,
    rate: float = RATES[0],
    seconds: float = SECONDS,
    channels: int = 1,
    seed: int = 0,
) -> Signals:
    """Return white noise, another in every clip and channel."""
    rng = np.random.default_rng(seed)
    shape = (clips, channels, max(1, round(seconds * rate)))
    return Signals((0.1 * rng.standard_normal(shape)).astype(np.float32), rate)


def tone(
    hertz: float = 200.0, *, rate: float = RATES[0], seconds: float = SECONDS, clips: int = 1
) -> Signals:
    """Return a sine of amplitude 0.5."""
    wave = 0.5 * np.sin(2 * np.pi * hertz * _times(rate, seconds))
    return _repeated(wave, clips, rate)


def chirp(
    start_hz: float = 80.0,
    end_hz: float = 400.0,
    *,
    rate: float = RATES[0],
    seconds: float = SECONDS,
    clips: int = 1,
) -> Signals:
    """Return a linear sweep of amplitude 0.5."""
    times = _times(rate, seconds)
    phase = 2 * np.pi * (start_hz * times + (end_hz - start_hz) * times**2 / (2 * seconds))
    return _repeated(0.5 * np.sin(phase), clips, rate)


def click(
    at_s: float = 1.0, *, rate: float = RATES[0], seconds: float = SECONDS, clips: int = 1
) -> Signals:
    """Return silence with a single sample of 1."""
    wave = np.zeros(round(seconds * rate))
    wave[round(at_s * rate)] = 1.0
    return _repeated(wave, clips, rate)


def silence(clips: int = 2, *, rate: float = RATES[0], seconds: float = SECONDS) -> Signals:
    """Return nothing but zeros."""
    return _repeated(np.zeros(round(seconds * rate)), clips, rate)


def assorted(*, rate: float = RATES[0], seconds: float = SECONDS) -> Signals:
    """Return seven different clips: noise, a tone, a chirp, a click, silence, mixtures."""
    hiss = noise(3, rate=rate, seconds=seconds, seed=1).samples
    pure = tone(0.1 * rate, rate=rate, seconds=seconds).samples
    sweep = chirp(0.04 * rate, 0.2 * rate, rate=rate, seconds=seconds).samples
    knock = click(seconds / 2, rate=rate, seconds=seconds).samples
    still = silence(1, rate=rate, seconds=seconds).samples
    parts = [hiss[:1], pure, sweep, knock, still, sweep + hiss[1:2], pure + knock + hiss[2:3]]
    return Signals(np.concatenate(parts), rate)


def spectrogram(signals: Signals) -> Raster:
    """Return the plainest spectrogram [shape=(clips, rows, columns)] of signals, in power.

    128 ms Hann windows every 16 ms; a shorter clip is filled up with zeros. Channels are stacked.
    """
    clips, channels, n = signals.samples.shape
    length = max(4, round(_WINDOW_S * signals.rate))
    hop = max(1, round(_HOP_S * signals.rate))
    samples = np.pad(signals.samples, ((0, 0), (0, 0), (0, max(0, length - n))))
    windows = np.lib.stride_tricks.sliding_window_view(samples, length, axis=2)[:, :, ::hop]
    spectrum = np.fft.rfft(windows * np.hanning(length), axis=3)
    power = np.abs(spectrum).astype(np.float32).transpose(0, 1, 3, 2) ** 2
    hertz = np.tile(np.arange(length // 2 + 1) * (signals.rate / length), channels)
    times = (length / 2 + hop * np.arange(power.shape[3], dtype=np.float64)) / signals.rate
    values = power.reshape(clips, -1, power.shape[3])
    return Raster(values, Axis("frequency", "Hz", hertz), Axis("time", "s", times), "power")


def envelope(signals: Signals) -> Raster:
    """Return a raster without frequency: how much of each amplitude there is over time."""
    levels = np.linspace(-1.0, 1.0, 21)
    columns = np.array_split(signals.samples[:, 0], 40, axis=1)
    counts = [
        np.stack([np.histogram(clip, np.append(levels, 1.1))[0] for clip in part])
        for part in columns
    ]
    shares = np.stack(counts, axis=2) / np.maximum(1, max(part.shape[1] for part in columns))
    seconds = np.arange(len(columns)) * signals.samples.shape[2] / signals.rate / len(columns)
    axis = Axis("amplitude", "full scale", levels)
    return Raster(np.clip(shares, 0, 1), axis, Axis("time", "s", seconds), "coverage")


def pictures(
    clips: int, classes: int = 2, *, seed: int = 0, contrast: float = 120.0
) -> tuple[Pictures, NDArray[np.str_]]:
    """Return pictures and labels of an easy set: bars at an angle of the class's own, in noise.

    With a `contrast` of zero there is noise alone, and nothing to learn.
    """
    rng = np.random.default_rng(seed)
    numbers = rng.permutation(np.arange(clips) % classes)
    ys, xs = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    pixels = np.empty((clips, _SIDE, _SIDE, 3), np.uint8)
    for row, number in enumerate(numbers):
        angle = np.pi * number / classes
        across = np.cos(angle) * xs + np.sin(angle) * ys + 0.1 * rng.random()
        bars = 80 + contrast * (np.sin(2 * np.pi * 3 * across) > 0)
        noisy = bars[..., None] + 20 * rng.standard_normal((_SIDE, _SIDE, 3))
        pixels[row] = np.clip(noisy, 0, 255)
    return Pictures(pixels, _ids(clips, seed)), _labels(numbers)


def signals(
    clips: int, classes: int = 2, *, seed: int = 0, contrast: float = 120.0
) -> tuple[Signals, NDArray[np.str_]]:
    """Return signals and labels of an easy set: a tone of the class's own, in noise.

    Half a second at 2 kHz. With a `contrast` of zero there is noise alone, and nothing to learn.
    """
    rng = np.random.default_rng(seed)
    numbers = rng.permutation(np.arange(clips) % classes)
    times = _times(RATES[0], _SHORT_S)
    hertz = 100.0 + 180.0 * numbers[:, None]
    phases = rng.uniform(0, 2 * np.pi, (clips, 1))
    tones = contrast / 240 * np.sin(2 * np.pi * hertz * times + phases)
    noisy = tones + 0.1 * rng.standard_normal(tones.shape)
    return Signals(noisy[:, None].astype(np.float32), RATES[0]), _labels(numbers)


def rasters(
    clips: int, classes: int = 2, *, seed: int = 0, contrast: float = 120.0
) -> tuple[Raster, NDArray[np.str_]]:
    """Return rasters and labels of an easy set: that of `pictures`, as numbers."""
    shown, labels = pictures(clips, classes, seed=seed, contrast=contrast)
    rows = Axis("frequency", "Hz", np.linspace(0.0, RATES[0] / 2, _SIDE))
    columns = Axis("time", "s", np.linspace(0.0, SECONDS, _SIDE))
    return Raster(shown.pixels[..., 0].astype(np.float32), rows, columns, "power"), labels


@dataclass(frozen=True, slots=True)
class Shown:
    """What a classifier looks at, of some clips, with their ids."""

    seen: Pictures | Raster | Signals
    ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def values(self) -> NDArray[Any]:
        """The array that is looked at [shape=(clips, ...)]."""
        if isinstance(self.seen, Pictures):
            return self.seen.pixels
        return self.seen.values if isinstance(self.seen, Raster) else self.seen.samples

    def holding(self, values: NDArray[Any], ids: tuple[str, ...]) -> Shown:
        """Return the same kind of thing of other clips."""
        if isinstance(self.seen, Pictures):
            return Shown(Pictures(values, ids), ids)
        if isinstance(self.seen, Raster):
            return Shown(Raster(values, self.seen.rows, self.seen.columns, self.seen.scale), ids)
        return Shown(Signals(values, self.seen.rate), ids)

    def take(self, rows: NDArray[Any] | slice) -> Shown:
        """Return some of the clips."""
        return self.holding(self.values[rows], tuple(np.array(self.ids)[rows].tolist()))


def shown_to(
    classifier: LocalClassifier,
    clips: int,
    classes: int = 2,
    *,
    seed: int = 0,
    contrast: float = 120.0,
) -> tuple[Shown, NDArray[np.str_]]:
    """Return an easy set, and its labels, of what a classifier looks at."""
    makers: Mapping[str, Any] = {"pictures": pictures, "rasters": rasters, "signals": signals}
    seen, labels = makers[classifier.looks_at](clips, classes, seed=seed, contrast=contrast)
    return Shown(seen, _ids(clips, seed)), labels


def features_of(classifier: LocalClassifier, shown: Shown) -> Features:
    """Return the features that a classifier computes of what it looks at."""
    values = classifier.features(shown.seen)  # type: ignore[attr-defined]
    return Features(values, shown.ids)


def _ids(clips: int, seed: int) -> tuple[str, ...]:
    return tuple(f"clip {seed}-{row:04d}" for row in range(clips))


def _labels(numbers: NDArray[np.intp]) -> NDArray[np.str_]:
    return np.array([f"class {number}" for number in numbers])


def _times(rate: float, seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * rate)) / rate


def _repeated(wave: NDArray[np.float64], clips: int, rate: float) -> Signals:
    return Signals(np.tile(wave.astype(np.float32), (clips, 1, 1)), rate)
