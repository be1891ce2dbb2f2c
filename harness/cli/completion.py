"""Names to complete on the command line; whatever goes wrong completes nothing."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import typer

from harness.errors import SightbenchError


def complete_datasets(incomplete: str) -> list[str]:
    """Return the datasets that begin so."""
    return [name for name in _names("dataset") if name.startswith(incomplete)]


def complete_classifiers(incomplete: str) -> list[str]:
    """Return the classifiers that begin so."""
    return [name for name in _names("classifier") if name.startswith(incomplete)]


def complete_engines(incomplete: str) -> list[str]:
    """Return the engines that begin so."""
    return [name for name in _names("engine") if name.startswith(incomplete)]


def complete_representations(incomplete: str) -> list[str]:
    """Return the representations and improvements that begin so; after "+", improvements.

    A stack is completed part by part.
    """
    from harness.planning.ways import STACK

    start = max(incomplete.rfind(letter) for letter in "+(,") + 1
    before, last = incomplete[:start], incomplete[start:].lstrip()
    kinds = ("improvement",) if before.endswith("+") else ("representation", "improvement")
    names = [f"{STACK}("] * (not before) + [name for kind in kinds for name in _names(kind)]
    spaces = incomplete[start : len(incomplete) - len(last)]
    return [before + spaces + name for name in names if name.startswith(last)]


def complete_drawing_plugins(incomplete: str) -> list[str]:
    """Return the single representations and improvements that begin so."""
    names = (name for kind in ("representation", "improvement") for name in _names(kind))
    return [name for name in names if name.startswith(incomplete)]


def complete_runs(context: typer.Context, incomplete: str) -> list[str]:
    """Return the runs whose name begins so, the newest first."""
    from harness.results.store import list_runs

    try:
        runs = list_runs(_results(context))
    except (SightbenchError, OSError):
        return []
    names = (run.name for run in reversed(runs))
    return [name for name in names if name.startswith(incomplete) and name.isprintable()]


def complete_cells(context: typer.Context, incomplete: str) -> list[str]:
    """Return the cells that begin so, of the run named by ``--run``, else of the newest."""
    from harness.results.store import find_run

    try:
        run = find_run(_results(context), context.params.get("run"))
        found = [f"{each.representation}/{each.classifier}" for each in run.cells]
    except (SightbenchError, OSError):
        return []
    return [name for name in dict.fromkeys(found) if name.startswith(incomplete)]


def complete_compared(context: typer.Context, incomplete: str) -> list[str]:
    """Return the cells and the runs that begin so."""
    return [*complete_cells(context, incomplete), *complete_runs(context, incomplete)]


def _results(context: typer.Context) -> Path:
    written = context.params.get("results") or os.environ.get("SIGHTBENCH_RESULTS") or "results"
    return Path(written)


def _names(kind: str) -> list[str]:
    from harness.registry.discovery import load

    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            return load().catalogue.names(kind)
    except SightbenchError:
        return []
