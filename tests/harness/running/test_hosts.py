"""Records name the machines on which their times were measured, of drawing too."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from harness.analysis.summary import summarise
from harness.planning.plan import make_plan
from harness.registry.discovery import load
from harness.reporting.wording.glance import machines
from harness.results.record import Record
from harness.results.store import Run
from harness.running.options import Options
from harness.running.start import open_gallery, run
from tests.conftest import TONES, Silent


def run_on(
    host: str, folder: Path, monkeypatch: pytest.MonkeyPatch, dataset: str, *classifiers: str
) -> tuple[Run, list[Record]]:
    """Run some cells in this process, which is called otherwise for the while."""
    plugins = load([TONES])
    choices = {
        "dataset": dataset, "representations": ["levels"], "classifiers": list(classifiers),
        "folds": 0, "split": "stratified",
    }  # fmt: skip
    plan = make_plan(choices, plugins.catalogue.is_improvement)
    options = Options(folder / "results", open_gallery(folder / "cache"), 1, here=True)
    with monkeypatch.context() as patched:
        patched.setattr(platform, "node", lambda: host)
        return run(plan, plugins, options, Silent())


def test_times_name_the_machines_that_drew_and_that_learnt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, (first,) = run_on("lab-1", tmp_path, monkeypatch, "tones[clips=60]", "nearest-mean")
    assert {time.hosts for time in first.seconds.values()} == {("lab-1",)}
    assert made.record(first.cell) == first
    assert machines(summarise(made)) == "Times were measured on lab-1."
    _, (second,) = run_on("lab-2", tmp_path, monkeypatch, "tones[clips=120]", "nearest-mean")
    assert second.seconds["draw"].hosts == ("lab-1", "lab-2")  # half of it was there
    assert second.seconds["fit"].hosts == ("lab-2",)


def test_a_table_says_that_times_are_of_several_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_on("lab-1", tmp_path, monkeypatch, "tones", "nearest-mean")
    made, _ = run_on("lab-2", tmp_path, monkeypatch, "tones", "nearest-mean", "majority")
    told = machines(summarise(made))
    assert told == "Times were measured on lab-1, lab-2. Compare times of one machine only."
    made, _ = run_on(platform.node(), tmp_path / "other", monkeypatch, "tones", "majority")
    assert machines(summarise(made)) == ""
