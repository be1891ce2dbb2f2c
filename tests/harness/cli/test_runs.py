from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def results(hostile: Path, tmp_path: Path) -> Path:
    """A results folder with one run of two cells, which a test may spoil."""
    shutil.copytree(hostile / "results", tmp_path / "results")
    return tmp_path / "results"


def name_of(verb: Call, results: Path) -> str:
    status, shown, _ = verb("runs", "--format", "json", "--results", results)
    assert status == 0
    (run,) = json.loads(shown)["runs"]
    return str(run["name"])


def test_runs_are_listed(verb: Call, results: Path) -> None:
    status, shown, _ = verb("runs", "--results", results)
    assert status == 0
    assert "20 clips in 2 classes: labelled-folder" in shown
    assert "2 of 2 cells" in shown
    assert "best: " in shown
    shutil.rmtree(next(results.glob("*/*/cells/waveform*")))
    assert "1 of 2 cells; the same command goes on" in verb("runs", "--results", results)[1]


def test_no_runs_are_said(verb: Call, tmp_path: Path) -> None:
    assert "There are no runs in" in verb("runs", "--results", tmp_path)[1]


def test_removing_asks_first(verb: Call, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.cli import terminal

    name = name_of(verb, results)
    asked: list[str] = []
    monkeypatch.setattr(terminal, "confirm", asked.append)  # which answers None: no
    assert verb("runs", "remove", name, "--results", results)[0] == 1
    assert asked == [f"Remove {name}, 2 cells?"]
    assert name_of(verb, results) == name
    assert verb("runs", "--results", results, "remove", name, "--yes")[0] == 0
    assert "no runs" in verb("runs", "--results", results)[1]
    status, _, errors = verb("runs", "remove", name, "--yes", "--results", results)
    assert status == 2
    assert "`sightbench runs` lists them" in errors


def test_part_of_a_name_removes_nothing(verb: Call, results: Path) -> None:
    name = name_of(verb, results)
    assert verb("runs", "remove", name[:-1], "--yes", "--results", results)[0] == 2
    assert name_of(verb, results) == name


def test_merging_says_what_it_took_and_refused(verb: Call, results: Path, tmp_path: Path) -> None:
    name = name_of(verb, results)
    shown = verb("runs", "merge", results, "--results", tmp_path / "mine")[1]
    assert "1 runs and 2 cells merged" in shown
    assert name in shown
    for record in results.glob("*/*/cells/*/record.json"):
        record.write_text("{}")
    for split in results.glob("*/*/splits/*.json"):
        split.write_text("{}")
    status, shown, errors = verb("runs", "merge", results, "--results", tmp_path / "third")
    assert status == 1
    assert "0 runs and 0 cells merged" in shown
    assert "refused: " in errors


@pytest.mark.parametrize("words", ["show", "report", "runs remove", "disagree a b --run"])
def test_names_of_runs_complete(verb: Call, results: Path, words: str) -> None:
    name = name_of(verb, results)
    assert completed(results, f"{words} {name[:3]}") == [name]


@pytest.mark.parametrize("words", ["mistakes", "disagree", "disagree a", "keep", "compare"])
def test_names_of_cells_complete(verb: Call, results: Path, words: str) -> None:
    _, shown, _ = verb("show", "--results", results, "--format", "json")
    cells = [f"{c['representation']}/{c['classifier']}" for c in json.loads(shown)["cells"]]
    assert cells
    assert set(completed(results, f"{words} {cells[0][:4]}")) == {
        cell for cell in cells if cell.startswith(cells[0][:4])
    }
    assert completed(results / "nowhere", f"{words} {cells[0][:4]}") == []


def completed(results: Path, words: str) -> list[str]:
    """Return what the shell is told of the last word."""
    done = subprocess.run(
        [sys.executable, "-m", "harness"],
        env={
            **os.environ,
            "SIGHTBENCH_RESULTS": str(results),
            "_SIGHTBENCH_COMPLETE": "complete_bash",
            "COMP_WORDS": f"sightbench {words}",
            "COMP_CWORD": str(len(words.split())),
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.split()
