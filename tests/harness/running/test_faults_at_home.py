"""Strangers' code that the run itself calls: what it raises is one sentence that names it."""

from __future__ import annotations

import pytest

from harness.cli.dispatch import dispatch

MODULE = '''
import sys
from harness import Classifier, Clip, Dataset, Entry, hookimpl, parameter
import numpy as np

def at(place):
    if place == "{place}":
        {deed}

at("import")

class Dents(Dataset):
    """Noise, low and high."""

    name = "dents"
    synthetic = True

    def entries(self):
        at("entries")
        return [Entry(str(n), "ab"[n % 2]) for n in range(40)]

    def read(self, entry):
        if entry.id == "3":
            at("read")
        rng = np.random.default_rng(int(entry.id))
        samples = rng.normal(0, 1, (1, 1000)).astype(np.float32)
        return Clip(entry.id, samples, 2000.0, entry.label)

    def remarks(self, entries):
        at("remarks")
        return ()

    def suggest_split(self, entries):
        at("suggest_split")
        return "stratified"

class Dull(Classifier):
    """Learns nothing."""

    name = "dull"
    word: str = parameter("a", "any word")

    def __post_init__(self):
        at("post-init")

    def __repr__(self):
        at("repr")
        return "dull"

    @classmethod
    def unavailable(cls):
        at("unavailable")
        return None

    def fit(self, features, labels, rng):
        raise RuntimeError("dull on purpose")

@hookimpl
def harness_cell_started(cell):
    at("started")

@hookimpl
def harness_cell_finished(record):
    at("finished")

plugins = [Dents, Dull]
'''
DEEDS = {
    "raise": 'raise RuntimeError("on purpose")',
    "exit": 'sys.exit("on purpose")',
    "mute": """raise type("Mute", (Exception,), {"__str__": lambda self: 1 / 0})""",
}
WORDS = {"mute": "what it says cannot be read"}


def run(folder, place, deed, *words):
    path = folder / "dents.py"
    path.write_text(MODULE.replace("{place}", place).replace("{deed}", DEEDS[deed]))
    places = ("--results", str(folder / "results"), "--cache", str(folder / "cache"))
    choices = ("--dataset", "dents", "-r", "waveform", "-c", "majority", "--folds", "2")
    return dispatch(["run", "--plugin", str(path), *choices, *places, "--jobs", "1", *words])


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("place", ["import", "entries", "read"])
def test_what_everything_needs_ends_the_run_with_a_sentence(tmp_path, capsys, place, deed):
    assert run(tmp_path, place, deed) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert WORDS.get(deed, "on purpose") in said
    assert "dents" in said


@pytest.mark.parametrize("deed", DEEDS)
def test_remarks_that_cannot_be_had_are_told_and_cost_nothing(tmp_path, capsys, deed):
    assert run(tmp_path, "remarks", deed) == 0
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert "dents cannot say what was odd in its listing" in said.out + said.err


@pytest.mark.parametrize("deed", DEEDS)
def test_a_choice_that_cannot_be_made_ends_the_run_before_it_starts(tmp_path, capsys, deed):
    assert run(tmp_path, "post-init", deed, "-c", "dull") == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "classifier dull cannot be made" in said
    assert WORDS.get(deed, "on purpose") in said


@pytest.mark.parametrize("deed", DEEDS)
def test_a_plugin_that_cannot_say_whether_it_is_there_is_skipped(tmp_path, capsys, deed):
    assert run(tmp_path, "unavailable", deed, "-c", "dull") == 0
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert "cannot say whether it can be used here" in said.out + said.err


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("place", ["started", "finished"])
def test_listeners_cost_nothing(tmp_path, capsys, place, deed):
    assert run(tmp_path, place, deed) == 0
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert f"harness_cell_{place}() failed" in said
    assert WORDS.get(deed, "on purpose") in said


@pytest.mark.parametrize("deed", DEEDS)
def test_a_name_that_cannot_be_shown_harms_nobody(tmp_path, capsys, deed):
    assert run(tmp_path, "repr", deed, "-c", "dull") == 1
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert "dull on purpose" in said.out + said.err
