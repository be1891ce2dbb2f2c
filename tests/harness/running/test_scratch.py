from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from harness.running.scratch import scratch_folder, sweep

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells what a process has")


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that would go on for ever, as a plugin in a worker does."""
    return subprocess.Popen(["sleep", "600"], env={**os.environ, "TMPDIR": str(folder)})


def test_it_is_gone_with_all_that_lies_in_it(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        (folder / "left").write_text("behind")
    assert list(tmp_path.iterdir()) == []


@linux
def test_processes_that_were_left_behind_are_ended_and_no_others(tmp_path: Path) -> None:
    with start(tmp_path) as other:
        with scratch_folder(tmp_path) as folder:
            left = start(folder)
            time.sleep(0.1)
            assert left.poll() is None
        assert left.wait(10) == -9
        assert other.poll() is None
        other.kill()


@linux
def test_what_a_killed_start_left_is_swept_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "sightbench-killed"
    folder.mkdir()
    folder.with_suffix(".lock").touch()
    left = start(folder)
    with scratch_folder(tmp_path):
        assert not folder.exists()
        assert left.wait(10) == -9


def test_a_sweep_between_the_making_and_the_taking_of_a_lock_takes_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = []
    acquire = FileLock.acquire

    def late(lock: FileLock, *words: Any, **named: Any) -> Any:
        if not swept and lock.timeout < 0:
            swept.append(lock.lock_file)
            Path(lock.lock_file).touch()
            sweep(tmp_path)
        return acquire(lock, *words, **named)

    monkeypatch.setattr(FileLock, "acquire", late)
    with scratch_folder(tmp_path) as folder:
        sweep(tmp_path)
        assert folder.is_dir()
        assert swept
    assert list(tmp_path.iterdir()) == []
