"""What a plugin does wrong costs its own cells: every deed at every place, beside a sound one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"
CHILD_S = b"6897"
OWNER = "SIGHTBENCH_TEST_RUN"
"""Tells the children of one run from those of another that goes on beside it."""
FATAL = [
    "raise", "curious", "mute", "half-letter", "exit", "interrupt", "leave", "leave-badly",
    "segfault", "hang",
]  # fmt: skip
RUDE = ["print", "descriptor", "child", "close", "wander", "environment", "thread", "warn"]
WRONG = ["count", "nan", "type"]
REASONS = {
    "raise": "on purpose",
    "curious": "on purpose",
    "mute": "Mute: what it says cannot be read",
    "half-letter": "on purpose \\udc80",
    "exit": "on purpose",
    "interrupt": "KeyboardInterrupt",
    "leave": "exit status 0",
    "leave-badly": "exit status 9",
    "segfault": "SIGSEGV",
    "hang": "--timeout",
}


def start(folder, *words):
    """Run in a process of its own; return its exit status, its stderr, its records by choice."""
    command = [sys.executable, "-m", "harness", "run", "--dataset", "tones", "--folds", "2"]
    for name in ("tones.py", "wrecker.py"):
        command += ["--plugin", str(SAMPLES / name)]
    command += ["--split", "stratified", "--results", "results", "--cache", "cache", "--jobs", "2"]
    done = subprocess.run(
        [*command, *words], cwd=folder, capture_output=True, check=False, timeout=250,
        env=os.environ | {"OMP_NUM_THREADS": "1", OWNER: str(folder)},
    )  # fmt: skip
    records = [json.loads(p.read_text()) for p in folder.glob("results/*/*/cells/*/record.json")]
    assert b"not ours" not in done.stdout
    assert [path for path in Path("/proc").glob("[0-9]*") if is_left(path, folder)] == []
    return done.returncode, done.stderr.decode(), records


def is_left(process, folder):
    """Say whether a process is the child that a deed of this run left behind."""
    try:
        sleeps = (process / "cmdline").read_bytes().split(b"\0")[:2] == [b"sleep", CHILD_S]
        owner = os.fsencode(f"{OWNER}={folder}")
        return sleeps and owner in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def look(code, said, records, key, sound):
    """Check what came of every deed, and that nobody else was harmed."""
    assert "Traceback" not in said, said
    assert "\x1b[31m" not in said
    assert code == 1
    found = {record[key]: record for record in records}
    assert len(found) == len(records)
    assert found[sound]["status"] == "ok", found[sound]["reason"]
    faults = {}
    for choice, record in found.items():
        deed = choice.partition("deed=")[2].partition(",")[0].rstrip("]").strip("'")
        wanted = "ok" if not deed or deed in RUDE else "failed"
        reason = record["reason"]
        if record["status"] != wanted or REASONS.get(deed, "") not in reason:
            faults[choice] = (record["status"], reason)
    assert faults == {}


@pytest.mark.skipif(os.name != "posix", reason="ends processes by signals")
@pytest.mark.parametrize("place", ["features", "fit", "predict"])
def test_a_classifier_fails_alone(tmp_path, place):
    deeds = [*FATAL, *RUDE, *WRONG]
    if place == "features":
        deeds.remove("nan")  # what a classifier makes of its own features is its own affair
    choices = [f"wrecker[place={place},deed={deed}]" for deed in deeds]
    words = [word for choice in [*choices, "nearest-mean"] for word in ("-c", choice)]
    code, said, records = start(tmp_path, "-r", "levels", *words, "--timeout", "12")
    assert len(records) == len(choices) + 1
    look(code, said, records, "classifier", "nearest-mean")


@pytest.mark.skipif(os.name != "posix", reason="ends processes by signals")
def test_a_representation_fails_alone(tmp_path):
    choices = [f"wrecked[deed={deed}]" for deed in (*FATAL, *RUDE, *WRONG) if deed != "nan"]
    words = [word for choice in [*choices, "levels"] for word in ("-r", choice)]
    code, said, records = start(tmp_path, "-c", "nearest-mean", *words, "--timeout", "12")
    assert len(records) == len(choices) + 1
    look(code, said, records, "representation", "levels")


@pytest.mark.skipif(os.name != "posix", reason="ends processes by signals")
@pytest.mark.parametrize("choice", ["levels+wreck[deed={}]", "plotted[deed={}]"])
def test_an_improvement_and_a_plot_fail_alone(tmp_path, choice):
    deeds = [deed for deed in (*FATAL, *RUDE, *WRONG) if deed != "nan" or "plotted" in choice]
    choices = [choice.format(deed) for deed in deeds]
    words = [word for each in [*choices, "levels"] for word in ("-r", each)]
    code, said, records = start(tmp_path, "-c", "nearest-mean", *words, "--timeout", "12")
    assert len(records) == len(choices) + 1
    look(code, said, records, "representation", "levels")
