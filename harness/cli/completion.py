"""Names to complete on the command line; whatever goes wrong completes nothing."""

from __future__ import annotations

from harness.errors import SightbenchError
from harness.planning.ways import STACK


def complete_datasets(incomplete: str) -> list[str]:
    """Return the datasets that begin so."""
    return [name for name in _names("dataset") if name.startswith(incomplete)]


def complete_classifiers(incomplete: str) -> list[str]:
    """Return the classifiers that begin so."""
    return [name for name in _names("classifier") if name.startswith(incomplete)]


def complete_representations(incomplete: str) -> list[str]:
    """Return the representations and improvements that begin so; after "+", improvements.

    A stack is completed part by part.
    """
    start = max(incomplete.rfind(letter) for letter in "+(,") + 1
    before, last = incomplete[:start], incomplete[start:].lstrip()
    kinds = ("improvement",) if before.endswith("+") else ("representation", "improvement")
    names = [f"{STACK}("] * (not before) + [name for kind in kinds for name in _names(kind)]
    spaces = incomplete[start : len(incomplete) - len(last)]
    return [before + spaces + name for name in names if name.startswith(last)]


def _names(kind: str) -> list[str]:
    from harness.registry.discovery import load

    try:
        return load().catalogue.names(kind)
    except SightbenchError:
        return []
