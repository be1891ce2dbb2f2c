"""Whole chains, from files to JPEG bytes."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from benchmarks.speed import chains
from benchmarks.speed.conftest import LIMIT, REFERENCE
from harness.pictures import Drawing, decode_jpeg
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
CLIPS = {"blog-plot": 64}


def note(benchmark: Any, what: str, clips: int, workers: int) -> None:
    benchmark.group = "chains"
    benchmark.extra_info.update(what=what, clips=clips, workers=workers)


def test_blog(benchmark: Any, folder: Path) -> None:
    paths = sorted(folder.glob("*/*.aiff"))[:8]
    note(benchmark, REFERENCE, len(paths), 1)
    drawn = benchmark.pedantic(
        lambda: [chains.blog(path) for path in paths], rounds=6, warmup_rounds=1
    )
    assert decode_jpeg(drawn[0]).shape == (480, 640, 3)


@pytest.mark.parametrize("name", DRAWINGS)
def test_one_core(benchmark: Any, folder: Path, name: str) -> None:
    dataset = LabelledFolder(path=str(folder))
    entries = list(dataset.entries())[: CLIPS.get(name, 512)]
    note(benchmark, name, len(entries), 1)
    drawn = benchmark.pedantic(
        chains.ours, (dataset, entries, DRAWINGS[name]), rounds=8, warmup_rounds=1
    )
    assert len(drawn) == len(entries)


@pytest.mark.parametrize("name", DRAWINGS)
def test_two_workers(benchmark: Any, folder: Path, name: str) -> None:
    dataset = LabelledFolder(path=str(folder))
    entries = list(dataset.entries())
    parts = [entries[start : start + 64] for start in range(0, len(entries), 64)]
    note(benchmark, name, len(entries), 2)
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(2, mp_context=context, initializer=chains.pinned) as pool:

        def draw() -> int:
            sets = len(parts)
            drawn = pool.map(chains.ours, [dataset] * sets, parts, [DRAWINGS[name]] * sets)
            return sum(len(each) for each in drawn)

        # Twice before the clock starts, so that both workers have imported what they need.
        assert benchmark.pedantic(draw, rounds=8, warmup_rounds=2) == len(entries)


def test_limit(benchmark: Any, folder: Path) -> None:
    paths = sorted(folder.glob("*/*.aiff"))
    dataset = LabelledFolder(path=str(folder))
    picture = decode_jpeg(chains.ours(dataset, dataset.entries()[:1], DRAWINGS["spectrogram"])[0])
    note(benchmark, LIMIT, len(paths), 1)
    benchmark.pedantic(chains.limit, (paths, picture), rounds=8, warmup_rounds=1)
