"""Recordings at first sight, pictures out to another tool, its answers back into the table."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.cli import main


@pytest.fixture
def recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write two classes of sounds into an empty folder, and go there."""
    rng = np.random.default_rng(0)
    time_s = np.arange(2000) / 8000
    for name, hz in (("chirp", 900), ("hum", 300)):
        (tmp_path / "recordings" / name).mkdir(parents=True)
        for number in range(10):
            tone = 0.3 * np.sin(2 * np.pi * hz * time_s) + rng.normal(0, 0.1, 2000)
            soundfile.write(tmp_path / "recordings" / name / f"{number}.wav", tone, 8000)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIGHTBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path


def said(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[str, str]:
    with pytest.raises(SystemExit) as end:
        main(list(words))
    out, err = capfd.readouterr()
    assert end.value.code == 0, err
    return out, err


def answer(wrong: int) -> None:
    """Write what another tool might have said: the truth, but for some clips."""
    with Path("pictures/manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["side"] == "holdout"]
    other = {"chirp": "hum", "hum": "chirp"}
    lines = [
        f"{row['path']},{other[row['label']] if number < wrong else row['label']}"
        for number, row in enumerate(rows)
    ]
    Path("answers.csv").write_text("\n".join(["file,predicted", *lines]) + "\n")


ANSWERS = "answers[path=answers.csv,manifest=pictures/manifest.csv]"


def test_there_and_back_again(recordings: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out, err = said(
        capfd, "export-pictures", "pictures", "recordings", "-r", "waveform",
        "--picture-size", "32", "-j", "2",
    )  # fmt: skip
    assert "-d 'labelled-folder[path=recordings]'" in err
    assert "14 pictures in pictures/train, 6 in pictures/holdout" in out
    accuracies = []
    for wrong in (0, 2):
        answer(wrong)
        out, err = said(
            capfd, "run", "recordings", "-r", "waveform", "-c", ANSWERS, "-c", "majority",
            "--picture-size", "32", "-j", "2", "--format", "json",
        )  # fmt: skip
        cell = next(c for c in json.loads(out)["cells"] if c["classifier"].startswith("answers"))
        assert cell["status"] == "ok", cell["reason"]
        assert cell["cv"] is None
        accuracies.append(cell["holdout"]["accuracy"])
    assert accuracies == [1.0, pytest.approx(4 / 6)]


def test_recordings_and_a_dataset_are_one_too_many(
    recordings: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["run", "recordings", "-d", "upcalls"])
    assert end.value.code == 2
    assert "both say what the clips are" in " ".join(capfd.readouterr().err.split())
