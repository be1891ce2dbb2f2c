"""The measurements of speed and memory measure, and put into words what they measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.speed import memory, table

PROJECT = Path(__file__).parents[2]


@pytest.mark.timeout(600)
def test_every_measurement_but_those_of_whole_runs_runs() -> None:
    words = ["benchmarks/speed", "--benchmark-disable", "-k", "not comparison and not memory"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def row(group: str, seconds: float, **info: Any) -> SimpleNamespace:
    return SimpleNamespace(group=group, stats=SimpleNamespace(median=seconds), extra_info=info)


def test_the_ratio_is_the_median_over_neighbours_in_time() -> None:
    # The machine halves its speed after the first round, and in the last only we are disturbed.
    chain = row(
        table.CHAINS, 2e-3, what="spectrogram", clips=10, workers=2,
        blog_s=[0.02, 0.04, 0.04, 0.04], ours_s=[1e-3, 2e-3, 2e-3, 9e-3],
    )  # fmt: skip
    text = table.page([chain])
    assert "| the blog's code | 1 | 40,000 | 1× | |" in text
    assert "| spectrogram | 2 | 200 | 200× |" in text


def test_parts_stand_beside_their_libraries() -> None:
    text = table.page(
        [
            row("mel", 32e-4, by="ours", clips=32),
            row("mel", 64e-4, by="librosa", clips=32),
            row("scalogram", 32e-3, by="ours", clips=32),
        ]
    )
    assert "| mel | 100.0 | librosa | 200.0 |" in text
    assert "| scalogram | 1,000.0 | | |" in text
    assert table.CHAINS_HEAD not in text


def test_a_network_is_told_in_its_ratio_over_neighbours_in_time() -> None:
    measured = row(
        table.NETWORKS, 72e-3, engine="opencv", side=128, clips=8,
        bare_s=[64e-3, 64e-3, 128e-3], ours_s=[70.4e-3, 70.4e-3, 140.8e-3],
    )  # fmt: skip
    text = table.page([measured])
    assert "| opencv | 128 | 9.00 | 8.00 | 1.10 | 1.10–1.10 |" in text
    assert table.PARTS_HEAD not in text


def test_whole_runs_are_told_in_seconds_and_megabytes() -> None:
    comparison = row(table.WHOLE, 80.0, what="all", clips=7000, workers=2, sample=256, blog_s=160.0)
    text = table.page([comparison, row(table.MEMORY, 1.0, what="a run", clips=2000, peak=5e8)])
    assert "**80 s**" in text
    assert "160 s" in text
    assert "2.0 times as long" in text
    assert "| a run | 2,000 | 500 |" in text


def test_a_whole_run_is_told_beside_the_blogs_code() -> None:
    run = row(
        table.RUN, 4.0, what="whole run", clips=8000, workers=1,
        blog_s=[0.06, 0.06, 0.12], ours_s=[4.0, 4.0, 8.0],
    )  # fmt: skip
    text = table.page([run])
    assert "| 8,000 | 1 | 4.0 | 500 | 120× | 120–120 |" in text
    assert table.CHAINS_HEAD not in text


def test_growth_is_told_a_clip_and_a_picture() -> None:
    small = row(table.GROWTH, 3.0, clips=2000, workers=2, peak=4e8, disk=30e6)
    large = row(table.GROWTH, 27.5, clips=20000, workers=2, peak=4.2e8, disk=300e6)
    text = table.page([small, large])
    assert "| 2,000 | 3.0 | 1.50 | 400 | 15.0 |\n| 20,000 | 27.5 | 1.38 | 420 | 15.0 |" in text
    assert table.BY_HAND in text
    assert table.PARTS_HEAD not in text


def test_the_peak_holds_what_children_use() -> None:
    child = "import time; held = b'x' * 150_000_000; time.sleep(0.5)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert 150e6 < memory.peak([sys.executable, "-c", parent]) < 300e6


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        memory.peak([sys.executable, "-c", "raise SystemExit(3)"])


def test_a_training_is_told_in_seconds_and_is_no_part_of_drawing() -> None:
    text = table.page([row(table.TRAINING, 31.46, what="cnn", clips=2800)])
    assert "| cnn | 2,800 | 31.5 |" in text
    assert "## Parts" not in text
