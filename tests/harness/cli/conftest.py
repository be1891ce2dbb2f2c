"""A run with labels that a terminal should not obey, and what calls verbs in this process."""

from __future__ import annotations

import io
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness import cli

HOSTILE = "кит\x1b]0;owned\x07\x9b31m\u202e\u200b<b>"
"""A folder's name, and so a class."""

Call = Callable[..., tuple[int, str, str]]


def call(*arguments: str, encoding: str = "utf-8") -> tuple[int, str, str]:
    """Run a verb and return its exit status, its stdout and its stderr."""
    before = sys.stdout, sys.stderr
    raw = io.BytesIO(), io.BytesIO()
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(each, encoding=encoding, errors="strict") for each in raw
    )
    try:
        cli.main([str(each) for each in arguments])
    except SystemExit as end:
        status = int(end.code or 0)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = before
    out, err = (each.getvalue().decode(encoding) for each in raw)
    del streams
    return status, out, err


@pytest.fixture(scope="session")
def verb() -> Call:
    """Give what calls a verb in this process."""
    return call


def write_clips(folder: Path, classes: list[str], each: int = 10) -> Path:
    """Write a folder of short recordings, a folder a class."""
    rng = np.random.default_rng(0)
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for clip in range(each):
            phase = np.arange(800) * (0.1 + 0.01 * number)
            samples = 9000 * np.sin(phase) + rng.normal(0, 2000, 800)
            with wave.open(str(folder / name / f"{clip}.wav"), "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                file.writeframes(samples.astype("<i2").tobytes())
    return folder


@pytest.fixture(scope="session")
def clips() -> Callable[..., Path]:
    """Give what writes a folder of short recordings."""
    return write_clips


@pytest.fixture(scope="session")
def hostile_label() -> str:
    """Give the name of a class that a terminal should not obey."""
    return HOSTILE


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run two cells on clips with a hostile label; return the folder of data, results, cache."""
    root = tmp_path_factory.mktemp("hostile")
    write_clips(root / "data", ["plain", HOSTILE])
    status, _, errors = call(
        *("run", "-d", "labelled-folder", "--path", root / "data", "-r", "waveform"),
        *("-r", "spectrogram", "-c", "pixels-logistic", "--folds", "0", "-j", "1"),
        *("--split", "stratified[holdout=0.4]", "--picture-size", "16"),
        *("--note", "a × b \x1b[31m…", "--results", root / "results", "--cache", root / "cache"),
    )
    assert status == 0, errors
    return root
