"""The same command twice is a look-up: no process, no reading, no drawing; never a stale figure."""

from __future__ import annotations

import shutil
import time

import numpy as np
import pytest
import soundfile

from harness.clips import remembering
from harness.pictures.gallery import Gallery
from harness.running import processes
from harness.running.options import Options
from harness.running.start import plan_from, run
from tests.conftest import Silent

CHOICES = {"representations": ["spectrogram"], "classifiers": ["majority"], "folds": 0}


@pytest.fixture
def started(monkeypatch):
    """List the starts of worker processes."""
    starts = []
    real = processes._started_pool

    def counting(jobs, *others):
        starts.append(jobs)
        return real(jobs, *others)

    monkeypatch.setattr(processes, "_started_pool", counting)
    monkeypatch.setattr(remembering, "RACY_NS", 0)
    return starts


@pytest.fixture
def recordings(tmp_path):
    """Write forty recordings of two classes."""
    rng = np.random.default_rng(0)
    for number in range(40):
        path = tmp_path / "clips" / "ab"[number % 2] / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, rng.normal(0, 0.1, 800), 2000)
    return tmp_path / "clips"


@pytest.fixture
def again(tmp_path, plugins, started):
    """Return what runs a command; it gives the run and how often processes started."""

    def command(dataset, **more):
        started.clear()
        plan = plan_from(plugins, None, {**CHOICES, **more, "dataset": dataset})
        gallery = Gallery(tmp_path / "cache" / "pictures")
        found, _ = run(plan, plugins, Options(tmp_path / "results", gallery, 1), Silent())
        return found, len(started)

    return command


def accuracies(found):
    return {str(record.cell): record.accuracy for record in found.records()}


@pytest.mark.parametrize("cleared", [False, True])
def test_a_finished_command_starts_no_process(again, recordings, tmp_path, cleared):
    dataset = f"labelled-folder[path={recordings}]"
    first, starts = again(dataset)
    assert starts > 0
    if cleared:
        shutil.rmtree(tmp_path / "cache" / "pictures")
    second, starts = again(dataset)
    assert starts == 0
    assert second.asked.key == first.asked.key
    assert accuracies(second) == accuracies(first)
    assert cleared != (tmp_path / "cache" / "pictures").exists()


def test_computed_clips_are_a_lookup_too(again):
    again("upcalls[clips=40]")
    assert again("upcalls[clips=40]")[1] == 0


def test_a_recording_that_changed_is_never_a_stale_figure(again, recordings):
    dataset = f"labelled-folder[path={recordings}]"
    first, _ = again(dataset)
    time.sleep(0.02)
    soundfile.write(recordings / "a" / "0.wav", np.linspace(-0.5, 0.5, 800), 2000)
    second, starts = again(dataset)
    assert starts > 0
    assert second.folder != first.folder
    assert second.asked.splits != first.asked.splits


def test_another_classifier_is_run_on_pictures_that_are_there(again, recordings, tmp_path):
    def drawn():
        return {path.stat().st_ino for path in tmp_path.glob("cache/pictures/*/chunk-*")}

    dataset = f"labelled-folder[path={recordings}]"
    again(dataset)
    before = drawn()
    found, starts = again(dataset, classifiers=["majority", "shuffled-labels"])
    assert starts > 0
    assert len(found.records()) == 2
    assert drawn() == before != set()
