"""Choices and objects become results, as the command line would have them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness import Improvement, Raster
from harness.api.results import Results
from harness.errors import DatasetError, PlanError
from plugins.classifiers.majority import Majority
from plugins.representations.waveform import Waveform


def test_the_same_again_is_looked_up(
    compared: Results, places: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    again = harness.compare(
        "tones[clips=30]", ["levels", "waveform"], ["nearest-mean", "majority"], **places
    )
    attempts = {cell: again.run.attempts(cell) for cell in again.run.cells}
    assert set(attempts.values()) == {1}
    assert len(again.all().cells) == len(compared.cells)


def test_objects_are_the_same_cells_as_words(places: dict[str, Any]) -> None:
    found = harness.compare("tones[clips=30]", [Waveform()], [Majority], **places)
    (row,) = found.cells
    assert (row["representation"], row["classifier"]) == ("waveform", "majority")
    assert [found.run.attempts(cell) for cell in found.run.cells] == [1]


def test_a_path_is_guessed(places: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no dataset that is known at sight"):
        harness.compare(tmp_path, ["levels"], ["majority"], **places)


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"representations": "mel"}, r"give a list, representations=\['mel'\]"),
        ({"representations": ["mel"], "seeed": 1}, "'seeed' is not a key of a plan. Did you mean"),
        ({"representations": [Majority()]}, "is no representation or improvement"),
    ],
)
def test_what_cannot_be_is_said(choices: dict[str, Any], said: str, places: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match=said):
        harness.compare("tones", **{**places, **choices})


def typed_filter(gain: float) -> type[Improvement]:
    class Typed(Improvement):
        """Made inside a function: no other process can import it."""

        name = "typed"

        def improve(self, raster: Raster) -> Raster:
            return Raster(raster.values * gain, raster.rows, raster.columns, raster.scale)

    return Typed


def test_what_is_typed_here_works_here_and_says_so(
    places: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    found = harness.compare(
        "tones[clips=30]", [["levels", typed_filter(0.5)]], ["nearest-mean"], **places
    )
    assert [row["status"] for row in found.cells] == ["ok"]
    assert "Typed was defined in this session" in capfd.readouterr().err


SCRIPT = """
import harness, sys
from harness import Improvement, Raster

print("begun")

class Doubled(Improvement):
    name = "doubled"

    def improve(self, raster):
        return Raster(raster.values * 2, raster.rows, raster.columns, raster.scale)

ways = [["levels", Doubled()]] if sys.argv[1] == "typed" else ["levels"]
found = harness.compare("tones[clips=30]", ways, ["nearest-mean"], split="stratified", jobs=2,
                        plugins=[sys.argv[2]], results="results", cache="cache", progress=False)
print([row["status"] for row in found.cells])
"""


@pytest.mark.parametrize("way", ["typed", "named"])
def test_a_script_needs_no_guard_and_runs_once(tmp_path: Path, tones: Path, way: str) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "script.py", way, str(tones)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "begun\n['ok']\n"
    assert done.stderr == ""


NOTEBOOK = """
import harness, sys
source = '''
class Scaled(harness.Improvement):
    name = "scaled"

    def improve(self, raster):
        return harness.Raster(FACTOR * raster.values, raster.rows, raster.columns, raster.scale)
'''
session = {"__name__": "__main__", "harness": harness}
answers = []
for factor in (0.0, 1.0):
    session["FACTOR"] = factor
    exec(source if factor == 0.0 else "", session)
    found = harness.compare("tones[clips=30]", [["levels", session["Scaled"]()]], ["nearest-mean"],
                            split="stratified", plugins=sys.argv[1:], results="results",
                            cache="cache", progress=False)
    answers.append(list(found.cells)[0]["cv_accuracy"])
print(answers[0] < answers[1])
"""


def test_what_a_notebook_changed_is_never_looked_up(tmp_path: Path, tones: Path) -> None:
    """The class stays, a number that it looks at changes: no cache may answer for it."""
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK, str(tones)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "True\n"


def test_importing_the_facade_loads_nothing_slow() -> None:
    code = (
        "import sys\nfrom harness import compare, open_results\n"
        "slow = {'rich', 'sklearn', 'cv2', 'pyarrow', 'pebble', 'librosa'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_seeds_and_sizes_are_choices_of_a_plan(places: dict[str, Any]) -> None:
    found = harness.compare(
        "tones[clips=30]", ["levels"], ["nearest-mean"], **places, seeds=2, train_sizes=(10,)
    )
    assert {row["seed"] for row in found.cells} == {0, 1}
    sizes = found.cells.to_pandas().train_size
    assert np.nanmax(sizes.to_numpy(float)) == 10
