"""What is imported before it is needed: when nobody waits for it, or before anything is timed."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterable
from contextlib import suppress

from harness.contracts import Plugin
from harness.files.documents import get_ready
from harness.results.asked import Asked
from harness.results.clips import ClipsAbout
from harness.results.record import WrittenRecord
from harness.running.server import SLOW
from harness.sources.digests import libraries_of

LATER = ("numpy.random", "scipy.special", "rich.console", "rich.table")
"""Splits, intervals and tables take a quarter of a second to import."""


def slow_imports(plugins: Iterable[Plugin]) -> tuple[str, ...]:
    """Name what some plugins import that takes long."""
    libraries = set[str]().union(*(libraries_of(type(plugin)) for plugin in plugins))
    return tuple(module for library, module in SLOW.items() if library in libraries)


def import_ahead() -> None:
    """Begin to import it; it is ready when it is asked for."""
    threading.Thread(target=_import_later, name="imports", daemon=True).start()


def _import_later() -> None:
    import_now(LATER)
    get_ready(Asked, ClipsAbout, WrittenRecord)


def import_now(names: Iterable[str]) -> None:
    """Import modules, those of them that are there."""
    for name in names:
        with suppress(ImportError):  # whoever needs it says so
            importlib.import_module(name)
