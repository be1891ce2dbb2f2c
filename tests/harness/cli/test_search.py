"""``sightbench search``: what it prints, in every form, and what to type afterwards."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the words of a short search, in a folder of its own."""
    folder = tmp_path_factory.mktemp("search")
    return [
        *("search", "--plugin", str(SAMPLES / "tones.py")),
        *("--plugin", str(SAMPLES / "planted.py"), "-d", "planted", "--split", "given"),
        *("-r", "strip", "-c", "nearest-mean", "--among", "strip", "--no-stacks", "--folds", "3"),
        *("--cells", "20", "--picture-size", "32", "-j", "2", "--note", "made up"),
        *("--results", str(folder / "results"), "--cache", str(folder / "cache")),
    ]


@pytest.fixture(scope="module")
def found(words: list[str]) -> dict[str, object]:
    """Return what the search found, as JSON."""
    from tests.harness.cli.conftest import call

    status, out, err = call(*words, "--format", "json")
    assert status == 0, err
    values: dict[str, object] = json.loads(out)
    return values


def test_json_has_all_that_was_tried_and_the_plan(found) -> None:
    (only,) = found["splits"]
    assert only["chosen"] == "strip[hz=300.0]"
    assert len(only["tried"]) == found["candidates"] >= 3
    assert only["holdout"] == found["pooled"]
    assert found["pooled"]["low"] <= found["pooled"]["difference"] <= found["pooled"]["high"]
    assert only["corrected"]["low"] <= only["corrected"]["estimate"] <= only["corrected"]["high"]
    assert found["plan"]["representations"] == ["strip", "strip[hz=300.0]"]


def test_the_table_says_how_sure_it_is_and_how_often_it_looked(
    verb: Call, words: list[str], found
) -> None:
    status, out, _ = verb(*words)
    text = " ".join(out.split())
    assert status == 0
    assert "of planted (SYNTHETIC; made up) for nearest-mean, from strip on" in text
    assert "strip[hz=300.0] on the holdout:" in text
    assert "so that flatters it" in text
    assert "on clips that did not choose" in text
    assert "One look at the holdout (2 cells); it was not looked at before." in text
    assert found["command"] in out.splitlines()


def test_markdown_names_every_candidate(verb: Call, words: list[str], found) -> None:
    status, out, _ = verb(*words, "--format", "markdown")
    assert status == 0
    (only,) = found["splits"]
    rows = [line for line in out.splitlines() if line.startswith("| strip")]
    assert len(rows) == len(only["tried"])
    assert f"    {found['command']}" in out.splitlines()


def test_what_to_type_is_finished_already(verb: Call, words: list[str], found) -> None:
    _, *typed = shlex.split(found["command"])
    where = words[1:5] + words[-4:]
    cells = set(Path(words[-3]).glob("*/*/cells/*"))
    status, out, _ = verb(*typed, *where, "--format", "json")
    assert status == 0
    assert set(Path(words[-3]).glob("*/*/cells/*")) == cells
    made = json.loads(out)["cells"]
    accuracies = {cell["representation"]: cell["holdout"]["accuracy"] for cell in made}
    (only,) = found["splits"]
    assert accuracies["strip[hz=300.0]"] == only["holdout_accuracy"]
    assert accuracies["strip"] == only["holdout"]["start_accuracy"]


@pytest.mark.parametrize("name", ["splits", "run"])
def test_trials_and_look_are_runs_like_any_other(verb: Call, words, found, name: str) -> None:
    run = found["run"] if name == "run" else found["splits"][0]["trials"]
    status, out, _ = verb("show", run, "--results", words[-3], "--format", "json")
    assert status == 0
    assert "strip[hz=300.0]" in {cell["representation"] for cell in json.loads(out)["cells"]}


def test_the_trials_say_which_rows_ran_on_fewer_folds(verb: Call, words, found) -> None:
    trials = found["splits"][0]["trials"]
    out = verb("show", trials, "--results", words[-3])[1]
    fewer = sum(each["folds"] < 3 for each in found["splits"][0]["tried"])
    assert f"{fewer} of {found['candidates']} rows ran on fewer than 3 splits" in " ".join(
        out.split()
    )


def test_nested_every_split_has_its_row(verb: Call, words: list[str]) -> None:
    nested = [*words, "--split", "stratified", "--splits", "2", "--cells", "12"]
    status, out, err = verb(*nested)
    assert status == 0, err
    text = " ".join(out.split())
    assert "Searching anew inside each of 2 training sides is worth" in text
    assert "split 0: " in text
    assert "split 1: " in text
    status, out, _ = verb(*nested, "--format", "json")
    values = json.loads(out)
    assert [each["split"] for each in values["splits"]] == [0, 1]
    assert values["pooled"]["clips"] == sum(each["holdout"]["clips"] for each in values["splits"])


def test_a_dry_run_writes_no_results(verb: Call, words: list[str], tmp_path: Path) -> None:
    status, out, _ = verb(*words, "--results", str(tmp_path / "none"), "--dry-run")
    assert status == 0
    assert "It would begin with strip, then race:" in out
    assert out.endswith("Nothing was started.\n")
    assert not (tmp_path / "none").exists()


def test_without_a_start_it_begins_with_the_plain_spectrogram(
    verb: Call, words: list[str], tmp_path: Path
) -> None:
    at = words.index("-r")
    unnamed = [*words[:at], *words[at + 2 :], "--dry-run"]
    assert "It would begin with spectrogram, then" in verb(*unnamed)[1]
    plan = tmp_path / "plan.toml"
    plan.write_text('dataset = "planted"\nrepresentations = ["strip[hz=200]"]\n')
    assert "It would begin with strip[hz=200.0], then" in verb(*unnamed, str(plan))[1]


def test_a_search_without_a_budget_is_told_how_to_give_one(verb: Call, words: list[str]) -> None:
    at = words.index("--cells")
    status, _, err = verb(*words[:at], *words[at + 2 :])
    assert status == 2
    assert "--cells 60, --minutes 30" in err


@pytest.mark.skipif(os.name != "posix", reason="kills processes by signals")
def test_a_killed_search_goes_on_and_finds_the_same(words: list[str], found, tmp_path) -> None:
    results = tmp_path / "results"
    command = [sys.executable, "-m", "harness", *words, "--results", str(results)]
    command += ["--format", "json"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while len(finished(results)) < 4 and process.poll() is None:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    before = finished(results)
    assert 4 <= len(before) < found["splits"][0]["cells"] + 2
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout)
    assert again["splits"] == found["splits"]
    assert before.items() <= finished(results).items()


def finished(results: Path) -> dict[str, int]:
    records = results.glob("*/*/cells/[!.]*/record.json")
    return {path.parent.name: path.stat().st_mtime_ns for path in records}


def test_names_to_vary_are_completed() -> None:
    from harness.cli.completion import complete_drawing_plugins

    assert complete_drawing_plugins("frequency") == ["frequency-cropped"]
    assert complete_drawing_plugins("me") == ["mel", "median-clipped"]
