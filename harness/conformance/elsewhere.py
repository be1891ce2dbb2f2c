"""A plugin's task in a process of its own: what comes of it, what it leaves, how it is stopped."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from harness.conformance import replay
from harness.conformance.verdicts import not_applicable, require
from harness.contracts import Dataset, Plugin, RemoteClassifier
from harness.errors import DatasetError

_LEARNING_S = 0.3
"""How long it learns before it is interrupted."""


_GRACE_S = 10.0
"""What a process gets to end after an interrupt: a library may be in the midst of a step."""


_SETTLE_S = 3.0
"""What the children of an ended process get to notice it."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What came of a plugin's task in a new process, in an empty folder.

    Parameters
    ----------
    result
        What `replay` prints; empty where there is a `fault`.
    files
        Left in its working and temporary folder.
    running
        A process of its group outlived it.
    """

    task: str
    result: str
    fault: str
    files: tuple[str, ...]
    running: bool


def run_elsewhere(plugin: Plugin) -> Elsewhere:
    """Do a plugin's task in a new process and see what it leaves."""
    if isinstance(plugin, RemoteClassifier):
        not_applicable("it is a service over the network")
    if isinstance(plugin, Dataset):
        try:
            plugin.entries()
        except DatasetError as error:
            not_applicable(f"it cannot be listed as it stands: {error}")
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
    ):
        # Files, for a pipe stays open as long as any child that was left behind.
        process = _started(plugin.kind, plugin, Path(folder), output, errors)
        running, late = False, False
        try:
            process.wait(replay.TIME_LIMIT_S)
            running = _still_running(process)
        except subprocess.TimeoutExpired:
            late = True
        finally:
            _kill_group(process)
        left = sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))
        said = [_lines(each) for each in (output, errors)]
    fault = said[1][-1] if process.returncode else ""
    fault = f"it takes longer than {replay.TIME_LIMIT_S:g} s" if late else fault
    return Elsewhere(plugin.kind, "" if fault else said[0][-1], fault, tuple(left), running)


def _lines(file: IO[bytes]) -> list[str]:
    file.seek(0)
    return file.read().decode(errors="replace").strip().splitlines() or ["it says nothing"]


def interrupted(task: str, plugin: Plugin, number: signal.Signals) -> None:
    """Start a task, interrupt it, and wait for its end.

    Raises
    ------
    subprocess.TimeoutExpired
        It does not end.
    """
    if os.name != "posix":
        not_applicable("interrupts are tried on POSIX systems only")
    with tempfile.TemporaryDirectory() as folder:
        process = _started(task, plugin, Path(folder), subprocess.PIPE, subprocess.DEVNULL)
        try:
            assert process.stdout is not None
            require(process.stdout.readline() == b"ready\n", "A new process cannot train it.")
            time.sleep(_LEARNING_S)
            process.send_signal(number)
            process.wait(_GRACE_S)
        finally:
            _kill_group(process)


def _started(
    task: str, plugin: Plugin, folder: Path, output: IO[bytes] | int, errors: IO[bytes] | int
) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own and hand it its task."""
    process = subprocess.Popen(
        [sys.executable, "-m", replay.__name__],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=errors,
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": "4711", "TMPDIR": str(folder)},
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(pickle.dumps((task, plugin)))
    process.stdin.close()
    return process


def _still_running(process: subprocess.Popen[bytes]) -> bool:
    """Say whether any process of its group outlives it."""
    end = time.monotonic() + _SETTLE_S
    while time.monotonic() < end:
        try:
            os.killpg(process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        time.sleep(0.1)
    return True


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
