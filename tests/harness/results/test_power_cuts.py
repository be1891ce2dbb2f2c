"""A power cut, simulated: files of a run are cut, zeroed, emptied, doubled or gone.

What the next reader and the next start say is what was there before, or a sentence that names the
file; nothing else is lost.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.dispatch import dispatch
from harness.errors import SightbenchError
from harness.results.predictions import prediction_text
from harness.results.store import find_run

DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "zeroed": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "emptied": lambda path: path.write_bytes(b""),
    "doubled": lambda path: path.write_bytes(2 * path.read_bytes()),
    "gone": lambda path: path.unlink(),
}
FILES = {
    "record": "cells/levels__nearest-mean__*/record.json",
    "predictions": "cells/levels__nearest-mean__*/predictions.csv",
    "asked": "runs/*.json",
    "plan": "plan.json",
    "data": "data.json",
    "clips": "clips.csv",
    "split": "splits/*.json",
    "environment": "environment.json",
}
CHOICES = {"classifiers": ["nearest-mean", "majority"]}


@pytest.fixture(scope="module")
def whole(run_in, tmp_path_factory):
    """Give the folder of a run that nothing happened to, and its figures."""
    root = tmp_path_factory.mktemp("whole")
    run, _, _ = run_in(root)(**CHOICES)
    return root, figures(run)


def figures(run):
    """Return of every cell what it predicted and how well."""
    return {
        str(record.cell): (record.holdout, record.cv, prediction_text(run.predictions(record.cell)))
        for record in run.records()
        if record.status == "ok"
    }


@pytest.fixture
def spoil(whole, tmp_path):
    """Give what copies the run and damages one of its files in one way."""

    def copy(file: str, damage: str) -> tuple[Path, Path]:
        root = tmp_path / "copy"
        shutil.copytree(whole[0], root)
        (path,) = root.glob(f"results/*/*/{FILES[file]}")
        DAMAGES[damage](path)
        return root, path

    return copy


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_what_is_read_is_what_was_there_or_is_named(whole, spoil, file, damage):
    root, path = spoil(file, damage)
    before, found, fault = whole[1], {}, ""
    try:
        run = find_run(root / "results", None)
        found = figures(run)
        run.clips()
        run.splits()
        run.environment()
    except SightbenchError as error:
        fault = str(error)
    if fault:
        assert path.name in fault or damage == "gone"
        return
    assert found.items() <= before.items()
    if found != before:
        assert any(path.parent.name in line for line in run.damaged())


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_the_next_start_has_all_figures_again_and_runs_what_was_lost(
    whole, spoil, run_in, file, damage
):
    root, _ = spoil(file, damage)
    run, records, _ = run_in(root)(**CHOICES)
    assert figures(run) == whole[1]
    lost = ["levels | nearest-mean"] if file in ("record", "predictions") else []
    assert len(records) == len(lost)
    assert run.clips().clips == 60
    assert len(run.splits()) == 1
    assert find_run(root / "results", None).name == run.name


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_show_ends_with_a_table_or_a_sentence(spoil, capsys, file, damage):
    root, path = spoil(file, damage)
    code = dispatch(["show", "--results", str(root / "results")])
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    if code == 0:
        assert "majority" in shown.out
    else:
        assert code == 2
        assert path.name in shown.err or damage == "gone"


@pytest.mark.parametrize("file", ["plan", "clips"])
def test_a_copy_for_readers_that_is_gone_hides_nothing(whole, spoil, file):
    root, path = spoil(file, "gone")
    assert figures(find_run(root / "results", None)) == whole[1]
    assert figures(find_run(root / "results", str(path.parent))) == whole[1]


@pytest.mark.parametrize("place", ["cells", "runs", "splits"])
def test_what_was_being_written_is_not_looked_at(whole, tmp_path, place):
    root = tmp_path / "copy"
    shutil.copytree(whole[0], root)
    (folder,) = root.glob(f"results/*/*/{place}")
    (folder / ".new-abc").mkdir()
    (folder / ".new-abc" / "record.json").write_text("{")
    (folder / ".new-def").write_text("{")
    assert figures(find_run(root / "results", None)) == whole[1]
