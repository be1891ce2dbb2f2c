"""The service as one more classifier of `sightbench run`: estimated, limited, resumed, kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugins.classifiers.nyckel.server.running import running_server
from plugins.classifiers.nyckel.server.settings import Settings

SECRET = "Hush-77-never-written"


@pytest.mark.timeout(240)
def test_a_run_is_estimated_stopped_resumed_and_keeps_its_ledger(tmp_path: Path) -> None:
    with running_server(Settings(requests_per_second=500, concurrent=50), port=0) as server:
        choice = f"nyckel[server={server.url},requests_per_second=400,poll_s=0.1]"

        def sightbench(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [
                    *(sys.executable, "-m", "harness", "run", "-d", "upcalls[clips=80]"),
                    *("-r", "waveform", "-c", choice, "-c", "majority", "--folds", "0"),
                    *("--picture-size", "32", "--split", "stratified[holdout=0.5]"),
                    *("--results", str(tmp_path / "results"), "--cache", str(tmp_path / "cache")),
                    *words,
                ],
                env={**os.environ, "NYCKEL_CLIENT_ID": "me", "NYCKEL_CLIENT_SECRET": SECRET},
                capture_output=True, text=True, check=False,
            )  # fmt: skip

        planned = sightbench("--dry-run", "--price-per-1000-invokes", "5")
        assert planned.returncode == 0, planned.stderr
        assert "0.20" in planned.stdout
        assert sum(server.counters.invoked.values()) == 0
        stopped = sightbench("--max-calls", "7", "--format", "json")
        assert stopped.returncode == 1, stopped.stderr
        cell = _nyckel(stopped.stdout)
        assert cell["status"] == "partial"
        assert cell["costs"]["paid_calls"] == 7
        assert cell["coverage"] == pytest.approx(7 / 40)
        finished = sightbench("--format", "json")
        assert finished.returncode == 0, finished.stderr
        cell = _nyckel(finished.stdout)
        assert (cell["status"], cell["coverage"]) == ("ok", 1.0)
        assert cell["costs"]["paid_calls"] == 40
        assert sum(server.counters.invoked.values()) == 40, "what was paid for is never asked again"
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    printed = (planned, stopped, finished)
    assert not [text for text in kept if SECRET.encode() in text]
    assert not [each for each in printed if SECRET in each.stdout + each.stderr]
    ledgers = list(tmp_path.glob("results/*/*/cells/*/nyckel.jsonl"))
    assert len(ledgers) == 2


def _nyckel(text: str) -> dict[str, object]:
    cells = json.loads(text)["cells"]
    return next(cell for cell in cells if cell["classifier"].startswith("nyckel"))
