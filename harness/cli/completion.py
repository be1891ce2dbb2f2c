"""Names to complete on the command line; whatever goes wrong completes nothing."""

from __future__ import annotations

from harness.errors import SightbenchError


def complete_datasets(incomplete: str) -> list[str]:
    """Return the datasets that begin so."""
    return [name for name in _names("dataset") if name.startswith(incomplete)]


def complete_classifiers(incomplete: str) -> list[str]:
    """Return the classifiers that begin so."""
    return [name for name in _names("classifier") if name.startswith(incomplete)]


def complete_representations(incomplete: str) -> list[str]:
    """Return the representations and improvements that begin so; after "+", improvements."""
    chain, plus, last = incomplete.rpartition("+")
    kinds = ("improvement",) if plus else ("representation", "improvement")
    names = [name for kind in kinds for name in _names(kind)]
    return [chain + plus + name for name in names if name.startswith(last)]


def _names(kind: str) -> list[str]:
    from harness.registry.discovery import load

    try:
        return load().catalogue.names(kind)
    except SightbenchError:
        return []
