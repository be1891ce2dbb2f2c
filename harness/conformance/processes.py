"""Checks that take another process: the same there, stopped, nothing left behind."""

from __future__ import annotations

from harness.conformance import replay
from harness.conformance.checks import check
from harness.conformance.subject import Subject
from harness.conformance.verdicts import require

KINDS = ("dataset", "representation", "improvement", "classifier")
"""What gives something to compare; engines have checks of their own."""

SESSION = ".ses"
"""What the telemetry inside onnxruntime (from 1.29) names its session file: ``:memory:.ses`` in
the working folder wherever it finds no place of its own. No plugin can keep it from doing so."""


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
    left = [name for name in there.files if not name.endswith(SESSION)]
    require(not left, f"It leaves files: {', '.join(left)}.")
    require(not there.running, "It leaves a process running.")


CHECKS = (new_process, leaves_nothing_behind)
