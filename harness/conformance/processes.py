"""Checks that take another process: the same there, stopped, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from harness.conformance import examples, replay
from harness.conformance.checks import check, not_applicable, require
from harness.conformance.subject import Subject
from harness.contracts import Classifier, Dataset, Plugin, RemoteClassifier

_GRACE_S = 10.0
"""What a process gets to end after an interrupt: a library may be in the midst of a step."""
_SETTLE_S = 3.0
"""What the children of an ended process get to notice it."""


@check(
    "representation",
    "improvement",
    "classifier",
    "dataset",
    remedy="Depend on parameters alone: no globals, no set order, no clock, no random numbers.",
)
def new_process(subject: Subject) -> None:
    """A new process, with another hash seed, gives the same."""
    plugin = subject.plugin
    if isinstance(plugin, RemoteClassifier):
        not_applicable("it is a service over the network")
    if isinstance(plugin, Classifier):
        here = replay.predicted(replay.learnt(plugin, 3))
        there = replay.replay("learn", plugin, 3)
    elif isinstance(plugin, Dataset):
        ids = [each.id for each in plugin.entries() if not each.fault][:3]
        here, there = replay.listed(plugin, ids), replay.replay("list", plugin, ids)
    else:
        signals = examples.assorted(rate=subject.rate)
        here, there = replay.drawn(plugin, signals), replay.replay("draw", plugin, signals)
    require(here == there, "A new process gives other values.")


def interrupted(task: str, plugin: Plugin, number: signal.Signals) -> None:
    """Start a task, interrupt it, and wait for its end.

    Raises
    ------
    subprocess.TimeoutExpired
        It does not end.
    """
    if os.name != "posix":
        not_applicable("interrupts are tried on POSIX systems only")
    process = _started(task, plugin, None, Path.cwd())
    try:
        assert process.stdout is not None
        require(process.stdout.readline() == b"ready\n", "A new process cannot make it.")
        time.sleep(0.5)
        process.send_signal(number)
        process.wait(_GRACE_S)
    finally:
        _kill_group(process)


def left_behind(task: str, plugin: Plugin, argument: Any) -> tuple[list[str], bool]:
    """Do a task in an empty folder; return the files left, and whether a process is."""
    if os.name != "posix":
        not_applicable("processes left behind are looked for on POSIX systems only")
    with tempfile.TemporaryDirectory() as folder:
        process = _started(task, plugin, argument, Path(folder))
        try:
            process.wait(replay.TIME_LIMIT_S)
            require(process.returncode == 0, "A new process cannot train it.")
            running = _still_running(process)
        finally:
            _kill_group(process)
        left = sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))
    return left, running


def _started(task: str, plugin: Plugin, argument: Any, folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        replay.command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=replay.surroundings(TMPDIR=str(folder)) if argument is not None else None,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(pickle.dumps((task, plugin, argument)))
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


CHECKS = (new_process,)
