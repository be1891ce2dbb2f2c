"""From sound files to pictures: the blog's chain, written anew, and ours."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness import Dataset, Entry, Signals
from harness.pictures.drawing import BLOCK, Drawing
from harness.pictures.encoding import encode_jpeg

QUALITY = 75
"""Of JPEGs: what matplotlib and Pillow, and so the blog, take by default."""


def write_clips(folder: Path, count: int, rate: int = 2000, seconds: float = 2.0) -> None:
    """Write AIFF files of up-sweeps in noise into two sub-folders, as labelled-folder reads."""
    import soundfile

    rng = np.random.default_rng(0)
    times = np.arange(int(rate * seconds)) / rate
    for number in range(count):
        label = ("call", "none")[number % 2]
        samples = 0.1 * rng.standard_normal(len(times))
        if label == "call":
            envelope = np.exp(-(((times - rng.uniform(0.5, 1.5)) / 0.3) ** 2))
            samples += 0.3 * envelope * np.sin(2 * np.pi * (80 * times + 30 * times**2))
        (folder / label).mkdir(exist_ok=True)
        path = folder / label / f"{number}.aiff"
        soundfile.write(path, samples.clip(-1, 1), rate, subtype="PCM_16")


def blog(path: Path) -> bytes:
    """Read one file and draw it as the blog post does; the figure is closed at the end."""
    import matplotlib.pyplot as plt
    import soundfile
    from scipy import signal

    series, rate = soundfile.read(path)
    frequencies, times, power = signal.spectrogram(series, rate, nperseg=256, noverlap=224)
    buffer = io.BytesIO()
    plt.figure()
    plt.pcolormesh(times, frequencies, power)
    plt.savefig(buffer, format="jpg")
    plt.close()
    return buffer.getvalue()


def blogs_time(paths: Sequence[Path]) -> float:
    """Return what the blog's code takes now for one clip (s), as the mean over some."""
    start = time.perf_counter()
    for path in paths:
        blog(path)
    return (time.perf_counter() - start) / len(paths)


def ours(dataset: Dataset, entries: Sequence[Entry], drawing: Drawing) -> list[bytes]:
    """Read and draw clips through the interface of plugins, in blocks."""
    encoded: list[bytes] = []
    for start in range(0, len(entries), BLOCK):
        clips = [dataset.read(entry) for entry in entries[start : start + BLOCK]]
        signals = batch([clip.samples for clip in clips], clips[0].rate)
        encoded += drawing.jpegs(signals, QUALITY)
    return encoded


def batch(samples: Sequence[NDArray[np.float32]], rate: float) -> Signals:
    """Put clips of one length together."""
    return Signals(np.stack(samples), rate)


def limit(paths: Sequence[Path], pictures: NDArray[np.uint8]) -> int:
    """Do only what cannot be left out: read, transform, encode pictures that are already there."""
    from scipy import fft

    size = 0
    for path, picture in zip(paths, cycle(pictures), strict=False):
        pulses = np.frombuffer(path.read_bytes()[-8000:], ">i2").astype(np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(pulses, 256)[::32]
        fft.rfft(windows, axis=-1)
        size += len(encode_jpeg(picture, QUALITY))
    return size


def pinned() -> None:
    """Keep the libraries of this process to one thread each."""
    import cv2
    import threadpoolctl

    cv2.setNumThreads(1)
    threadpoolctl.threadpool_limits(1)
