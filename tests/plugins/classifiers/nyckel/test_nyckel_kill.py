"""kill -9 at any stage: the next start finishes with the same table and pays nothing twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plugins.classifiers.nyckel.lock import locked

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX signal")
SCRIPT = Path(__file__).with_name("run_cell.py")
STAGES = {"upload": "upload", "training": "look", "prediction": "answer"}


def start(cell_path, folder, url, table, *worker):
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(cell_path), str(folder), url, str(table), *worker],
        stderr=subprocess.DEVNULL if worker else None,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def wait_for(folder, what, times, process):
    """Wait until the ledger has so many lines of a kind."""
    path = folder / "nyckel.jsonl"
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        text = path.read_text() if path.exists() else ""
        if text.count(f'"what": "{what}"') >= times:
            return
        time.sleep(0.005)
    raise AssertionError(f"{what} was not reached, exit status {process.poll()}")


def children(process):
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(each) for each in found.read_text().split()]


@pytest.fixture(scope="module")
def undisturbed():
    """The table of a run that nobody kills, once made."""
    return {}


@pytest.mark.parametrize(
    ("stage", "worker"), [*((stage, ()) for stage in STAGES), ("upload", ("worker",)),
                          ("training", ("worker",))],
)  # fmt: skip
def test_a_killed_run_goes_on(stage, worker, cell, serving, tmp_path, undisturbed):
    cell.save(tmp_path / "cell.npz")
    if not undisturbed:
        calm = tmp_path / "calm.json"
        assert start(tmp_path / "cell.npz", tmp_path / "calm", serving().url, calm).wait(120) == 0
        undisturbed.update(json.loads(calm.read_text()))

    server = serving("latency=0.1", "slow-training=0.3")
    folder, table = tmp_path / "killed", tmp_path / "killed.json"
    process = start(tmp_path / "cell.npz", folder, server.url, table, *worker)
    wait_for(folder, STAGES[stage], 1 if stage == "training" else 3, process)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    with locked(folder, 30, lambda _: None):
        # Whoever was left behind has ended, and has not gone on.
        assert not table.exists()
        text = (folder / "nyckel.jsonl").read_text()
        assert text.count('"what": "upload"') < len(cell.train) or stage != "upload"
        assert '"what": "trained"' not in text or stage == "prediction"
    again = start(tmp_path / "cell.npz", folder, server.url, table)
    assert again.wait(120) == 0

    assert json.loads(table.read_text()) == undisturbed
    assert undisturbed["costs"] == {"paid_calls": len(cell.holdout), "perhaps_paid": 0}
    assert sorted(server.counters.accepted.values()) == [1] * len(cell.train)
    assert sorted(server.counters.invoked.values()) == [1] * len(cell.holdout)


@pytest.mark.parametrize("stage", ["upload", "prediction"])
def test_killed_with_its_courier_it_repeats_at_most_what_was_under_way(
    stage, cell, serving, tmp_path
):
    if not Path("/proc/self/task").is_dir():
        pytest.skip("finding the courier needs /proc")
    server = serving("latency=0.1", unique="nothing")
    cell.save(tmp_path / "cell.npz")
    folder, table = tmp_path / "killed", tmp_path / "killed.json"
    process = start(tmp_path / "cell.npz", folder, server.url, table)
    wait_for(folder, STAGES[stage], 3, process)
    for pid in [*children(process), process.pid]:
        os.kill(pid, signal.SIGKILL)
    process.wait()
    # What was under way arrives at the server, and nobody hears of it.
    with locked(folder, 30, lambda _: None):
        time.sleep(0.3)
    again = start(tmp_path / "cell.npz", folder, server.url, table)
    assert again.wait(120) == 0

    assert set(server.counters.accepted.values()) == {1}
    repeated = sum(server.counters.invoked.values()) - len(cell.holdout)
    costs = json.loads(table.read_text())["costs"]
    assert costs["paid_calls"] == len(cell.holdout)
    assert repeated <= costs["perhaps_paid"] <= 25
    assert (costs["perhaps_paid"] > 0) == (stage == "prediction")
