"""Whole runs of the command: how long they take, how much memory and disk, and how that grows."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from benchmarks.speed import chains
from benchmarks.speed.memory import peak
from benchmarks.speed.table import GROWTH, MEMORY, RUN, WHOLE

WORKERS = 2
SAMPLE = 256
MANY = 8_000
CLASSIFIERS = ("pixels-logistic", "pca-svm", "hog-svm", "patches-logistic")
ALL = [word for name in CLASSIFIERS for word in ("-c", name)]
DRAWN = ["-r", "spectrogram", "-r", "mel+noise-removed", "-c", "majority", "--folds", "0"]
RUNS = {
    "drawing two pictures a clip": (2_000, DRAWN),
    "drawing two pictures a clip, ten times the clips": (20_000, DRAWN),
    "five representations × four classifiers": (30_000, [*ALL, "--folds", "0"]),
}
SIZES = (2_000, 20_000, 200_000)
ONE_PICTURE = ["-r", "spectrogram", "-c", "majority", "--folds", "0"]


def command(folder: Path, dataset: str, words: list[str], workers: int = WORKERS) -> list[str]:
    places = ["--results", str(folder / "results"), "--cache", str(folder / "cache")]
    jobs = ["--jobs", str(workers), "-d", dataset]
    return [sys.executable, "-m", "harness", "run", *jobs, *words, *places]


def blogs_drawing(paths: list[Path], clips: int) -> float:
    """Return how long the blog's code draws so many clips in the same number of workers (s)."""
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(WORKERS, mp_context=context, initializer=chains.pinned) as pool:
        list(pool.map(chains.blog, paths[: 2 * WORKERS]))
        start = time.perf_counter()
        list(pool.map(chains.blog, paths[:SAMPLE], chunksize=8))
        return (time.perf_counter() - start) / SAMPLE * clips


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_beside_the_blogs_code(
    benchmark: Any, beside_the_blog: Callable[..., Any], tmp_path: Path, workers: int
) -> None:
    """Run the command from nothing to the table, and the blog's code before each run."""
    clips = 40 if benchmark.disabled else MANY
    (tmp_path / "clips").mkdir()
    chains.write_clips(tmp_path / "clips", clips)
    folders = (tmp_path / str(number) for number in count())

    def run() -> str:
        words = command(
            next(folders), f"labelled-folder[path={tmp_path / 'clips'}]", ONE_PICTURE, workers
        )
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    shown = beside_the_blog(run, what="whole run", clips=clips, workers=workers)
    benchmark.group = RUN
    assert "majority" in shown


@pytest.mark.timeout(1800)
def test_a_comparison(benchmark: Any, paths: list[Path], tmp_path: Path) -> None:
    clips = 7_000  # the blog's 5,000 to learn from and 2,000 held out
    words = command(
        tmp_path,
        f"upcalls[clips={clips}]",
        [*ALL, "--split", "stratified[train=2500,holdout=1000]"],
    )
    benchmark.group = WHOLE
    done = benchmark.pedantic(
        subprocess.run, (words,), {"check": True, "capture_output": True, "text": True}, rounds=1
    )
    assert "5 folds inside training" in done.stdout
    benchmark.extra_info.update(
        what="five representations × four classifiers × (5 folds + holdout)",
        clips=clips,
        workers=WORKERS,
        sample=SAMPLE,
        blog_s=blogs_drawing(paths, clips),
    )


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("what", RUNS)
def test_memory(benchmark: Any, tmp_path: Path, what: str) -> None:
    clips, words = RUNS[what]
    benchmark.group = MEMORY
    words = command(tmp_path, f"upcalls[clips={clips}]", words)
    found = benchmark.pedantic(peak, (words,), rounds=1)
    benchmark.extra_info.update(what=what, clips=clips, peak=found)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("size", SIZES)
def test_growth(benchmark: Any, tmp_path: Path, size: int) -> None:
    """Read, check and draw so many files, and run one cell on them, from nothing to the table."""
    if benchmark.disabled and size > SIZES[0]:
        pytest.skip("one small run shows that it can be measured")
    clips = 40 if benchmark.disabled else size
    (tmp_path / "clips").mkdir()
    chains.write_clips(tmp_path / "clips", clips)
    benchmark.group = GROWTH
    words = command(tmp_path, f"labelled-folder[path={tmp_path / 'clips'}]", ONE_PICTURE)
    highest = benchmark.pedantic(peak, (words,), rounds=1)
    (cell,) = tmp_path.glob("results/*/*/cells/*/predictions.csv")
    kept = sum(path.stat().st_size for path in tmp_path.glob("cache/pictures/*/chunk-*"))
    assert 0 < kept / clips < 224 * 224
    assert cell.read_text(encoding="utf-8").count("holdout,") == round(0.3 * clips)
    benchmark.extra_info.update(clips=clips, workers=WORKERS, peak=highest, disk=kept)
