"""Whole chains, from files to JPEG bytes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from benchmarks.speed import chains
from benchmarks.speed.table import LIMIT
from harness.pictures.drawing import Drawing
from plugins.datasets.labelled_folder import LabelledFolder
from plugins.improvements.frequency_cropped import FrequencyCropped
from plugins.improvements.noise_removed import NoiseRemoved
from plugins.representations.blog_plot import BlogPlot
from plugins.representations.mel import Mel
from plugins.representations.spectrogram import Spectrogram
from plugins.representations.waveform import Waveform

DRAWINGS = {
    "spectrogram": Drawing(Spectrogram()),
    "mel+noise-removed+frequency-cropped": Drawing(Mel(), (NoiseRemoved(), FrequencyCropped())),
    "waveform": Drawing(Waveform()),
    "blog-plot": Drawing(BlogPlot()),
}
CLIPS = {"blog-plot": 512}
TASK = 128
"""Clips that a worker draws at a time."""

Measure = Callable[..., Any]


@pytest.mark.parametrize("name", DRAWINGS)
def test_one_core(beside_the_blog: Measure, folder: Path, name: str) -> None:
    dataset = LabelledFolder(path=str(folder))
    entries = dataset.entries()[: CLIPS.get(name)]
    drawn = beside_the_blog(
        chains.ours, dataset, entries, DRAWINGS[name], what=name, clips=len(entries), workers=1
    )
    assert len(drawn) == len(entries)


@pytest.mark.parametrize("name", DRAWINGS)
def test_two_workers(beside_the_blog: Measure, folder: Path, name: str) -> None:
    dataset = LabelledFolder(path=str(folder))
    entries = dataset.entries()
    parts = [entries[start : start + TASK] for start in range(0, len(entries), TASK)]
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(2, mp_context=context, initializer=chains.pinned) as pool:

        def draw() -> int:
            sets = len(parts)
            drawn = pool.map(chains.ours, [dataset] * sets, parts, [DRAWINGS[name]] * sets)
            return sum(len(each) for each in drawn)

        draw()  # so that both workers have imported what they need before the warm-up
        count = beside_the_blog(draw, what=name, clips=len(entries), workers=2)
    assert count == len(entries)


def test_limit(beside_the_blog: Measure, folder: Path, paths: list[Path]) -> None:
    dataset = LabelledFolder(path=str(folder))
    some = dataset.entries()[:: len(paths) // 64]
    samples = [dataset.read(entry).samples for entry in some]
    pictures = DRAWINGS["spectrogram"].pixels(chains.batch(samples, 2000.0))
    beside_the_blog(chains.limit, paths, pictures, what=LIMIT, clips=len(paths), workers=1)
