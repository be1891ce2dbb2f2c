"""Checks that any plugin must pass before anyone asks whether it is good.

``sightbench check`` runs them, and so does pytest through `harness.testing`. Every check is small
and named, looks at one thing, and says what to do where it fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.conformance import (
    drawing,
    engines,
    every,
    learning,
    listing,
    marking,
    outputs,
    processes,
)
from harness.conformance.checks import Check, Outcome, run_check
from harness.conformance.outputs import store_output
from harness.conformance.subject import Subject
from harness.contracts import Plugin

__all__ = ["Check", "Outcome", "Subject", "checks_of", "examine", "run_check", "store_output"]

ALL = (
    *every.CHECKS,
    *drawing.CHECKS,
    *learning.CHECKS,
    *listing.CHECKS,
    *marking.CHECKS,
    *engines.CHECKS,
    *processes.CHECKS,
    *outputs.CHECKS,
)
"""Every check, in the order in which they run."""


def checks_of(kind: str) -> list[Check]:
    """Return the checks for a kind of plugin."""
    return [each for each in ALL if kind in each.kinds]


def examine(plugin: Plugin, store: Path | None = None) -> Iterator[Outcome]:
    """Run every check of a plugin's kind, one after the other.

    Parameters
    ----------
    plugin
        With the parameters that it is to be examined with.
    store
        The file of stored outputs that the check "version" compares with.
    """
    subject = Subject(plugin, store)
    missing = plugin.unavailable()
    for check in checks_of(plugin.kind):
        if missing:
            yield Outcome(str(subject), check, "skipped", missing)
        else:
            yield run_check(check, subject)
