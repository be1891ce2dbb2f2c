"""The same command twice is a look-up: no process, no reading, no drawing; never a stale figure."""

from __future__ import annotations

import shutil
import time
from collections import Counter

import numpy as np
import pytest
import soundfile

from harness.clips import remembering
from harness.errors import BadClips, DatasetError
from harness.pictures.gallery import Gallery
from harness.registry.discovery import load
from harness.running import processes
from harness.running.options import Options
from harness.running.start import plan_from, run
from tests.conftest import Silent

NOTED = """
from harness import BadClip, Clip, Dataset, Entry
from pathlib import Path
import numpy as np

class Noted(Dataset):
    'Notes every reading.'

    name = "noted"
    log: str = ""
    bad: int = -1

    def entries(self):
        return [Entry(f"{n}", "ab"[n % 2]) for n in range(600)]

    def read(self, entry):
        with Path(self.log).open("a") as file:
            file.write(entry.id + " ")
        if int(entry.id) == self.bad:
            raise BadClip("is bad")
        samples = np.random.default_rng(int(entry.id)).normal(0, 0.1, (1, 400))
        return Clip(entry.id, samples.astype(np.float32), 2000.0, entry.label)

plugins = [Noted]
"""
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


@pytest.fixture
def noting(tmp_path):
    """Return what runs a command on clips that note their readings, and gives these."""
    file = tmp_path / "noting.py"
    file.write_text(NOTED)
    plugins, log = load([file]), tmp_path / "log.txt"

    def command(words="", **more):
        log.write_text("")
        dataset = f"noted[log={log}{words}]"
        plan = plan_from(plugins, None, {**CHOICES, **more, "dataset": dataset})
        gallery = Gallery(tmp_path / "cache" / "pictures")
        found, _ = run(plan, plugins, Options(tmp_path / "results", gallery, 2), Silent())
        assert {record.status for record in found.records()} == {"ok"}
        return Counter(log.read_text().split())

    return command


def test_clips_are_drawn_as_they_are_read(noting, tmp_path):
    read = noting()
    assert read.pop("0") == 2  # it was drawn in every way before anything was started
    assert read == {f"{number}": 1 for number in range(1, 600)}
    assert len(list(tmp_path.glob("cache/pictures/*/chunk-*"))) == 3


def test_clips_that_a_split_leaves_out_are_not_drawn(noting, tmp_path):
    read = noting(split="stratified[train=20,holdout=10]")
    assert read.total() == 600 + 60 + 1
    assert len(list(tmp_path.glob("cache/pictures/*/chunk-*"))) == 1


def test_a_bad_clip_is_told_whatever_was_drawn(noting):
    with pytest.raises(BadClips, match="is bad"):
        noting(words=",bad=7")


FAR = """
from contextlib import contextmanager
from pathlib import Path
from harness import Engine, open_processes

class Far(Engine):
    'Processes of this machine that stand in for others; notes when they are opened.'

    name = "far"
    elsewhere = True
    log: str = ""

    def opens_ahead(self):
        return True

    @contextmanager
    def open(self, workplace):
        with Path(self.log).open("a") as file:
            file.write("opened ")
        with open_processes(1, workplace.scratch) as crew:
            yield crew

plugins = [Far]
"""


def test_other_machines_are_asked_once_and_not_for_a_look_up(tmp_path, recordings, monkeypatch):
    monkeypatch.setattr(remembering, "RACY_NS", 0)
    (tmp_path / "far.py").write_text(FAR)
    plugins, log = load([tmp_path / "far.py"]), tmp_path / "log.txt"
    plan = plan_from(plugins, recordings, CHOICES)
    gallery = Gallery(tmp_path / "pictures")
    options = Options(tmp_path / "results", gallery, 1, engine=f"far[log='{log}']")
    for _ in range(2):
        _, records = run(plan, plugins, options, Silent())
        assert log.read_text() == "opened "
    assert records == []


def test_a_dataset_that_cannot_be_listed_leaves_no_folder(tmp_path):
    (tmp_path / "far.py").write_text(FAR)
    plugins, log = load([tmp_path / "far.py"]), tmp_path / "log.txt"
    choices = {**CHOICES, "dataset": f"labelled-folder[path={tmp_path / 'absent'}]"}
    plan = plan_from(plugins, None, choices)
    gallery = Gallery(tmp_path / "pictures")
    options = Options(tmp_path / "results", gallery, 1, engine=f"far[log='{log}']")
    with pytest.raises(DatasetError):
        run(plan, plugins, options, Silent())
    assert log.exists()  # machines were asked while it was listed
    assert not options.results.exists()
