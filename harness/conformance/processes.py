"""Checks that take another process: the same there, stopped, nothing left behind."""

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

from harness.conformance import replay
from harness.conformance.checks import check, not_applicable, require
from harness.conformance.subject import Subject
from harness.contracts import Dataset, Plugin, RemoteClassifier
from harness.errors import DatasetError

KINDS = ("representation", "improvement", "classifier", "dataset")

_LEARNING_S = 0.3
"""How long it learns before it is interrupted."""
_GRACE_S = 10.0
"""What a process gets to end after an interrupt: a library may be in the midst of a step."""
_SETTLE_S = 3.0
"""What the children of an ended process get to notice it."""


@check(*KINDS, remedy="Depend on parameters alone: no globals, set order, clock, random numbers.")
def new_process(subject: Subject) -> None:
    """A new process, with another hash seed, gives the same."""
    there = subject.elsewhere
    require(not there.fault, f"A new process failed: {there.fault}")
    here = replay.TASKS[there.task](subject.plugin)
    require(replay.agree(there.task, here, there.result), "It gives other values there.")


@check(*KINDS, remedy="Use context managers for pools and temporary files.")
def leaves_nothing_behind(subject: Subject) -> None:
    """When its process ends, no other process and no file is left."""
    there = subject.elsewhere
    require(not there.files, f"It leaves files: {', '.join(there.files)}.")
    require(not there.running, "It leaves a process running.")


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
    task = plugin.kind
    with tempfile.TemporaryDirectory() as folder:
        process = _started(task, plugin, Path(folder))
        try:
            output, errors = process.communicate(timeout=replay.TIME_LIMIT_S)
            running = _still_running(process)
        finally:
            _kill_group(process)
        left = sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))
    lines = errors.decode(errors="replace").strip().splitlines()
    fault = (lines or [f"status {process.returncode}"])[-1] if process.returncode else ""
    result = "" if fault else output.decode().splitlines()[-1]
    return Elsewhere(task, result, fault, tuple(left), running)


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
        process = _started(task, plugin, Path(folder))
        try:
            assert process.stdout is not None
            require(process.stdout.readline() == b"ready\n", "A new process cannot train it.")
            time.sleep(_LEARNING_S)
            process.send_signal(number)
            process.communicate(timeout=_GRACE_S)
        finally:
            _kill_group(process)


def _started(task: str, plugin: Plugin, folder: Path) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own and hand it its task."""
    process = subprocess.Popen(
        [sys.executable, "-m", replay.__name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": "4711", "TMPDIR": str(folder)},
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(pickle.dumps((task, plugin)))
    process.stdin.flush()
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
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None and not stream.closed:
            stream.close()
    process.wait()


CHECKS = (new_process, leaves_nothing_behind)
