"""What is imported before it is needed: when nobody waits for it, or before anything is timed."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

from harness.contracts import Plugin
from harness.running.server import SLOW
from harness.sources.digests import libraries_of

LATER = ("harness.running.cells", "numpy.random", "scipy.special")
"""What comes after reading takes long to import: workers have much to do meanwhile."""


def slow_imports(plugins: Iterable[Plugin]) -> tuple[str, ...]:
    """Name what some plugins import that takes long."""
    libraries = set[str]().union(*(libraries_of(type(plugin)) for plugin in plugins))
    return tuple(module for library, module in SLOW.items() if library in libraries)


def import_ahead(names: Iterable[str], *then: Callable[[], object]) -> None:
    """Begin to import modules, then to call what makes something once.

    It is ready when it is asked for; what goes wrong is heard by who asks.
    """

    def get_all() -> None:
        import_now(names)
        for each in then:
            with suppress(Exception):
                each()

    threading.Thread(target=get_all, name="imports", daemon=True).start()


def import_now(names: Iterable[str]) -> None:
    """Import modules, those of them that are there."""
    for name in names:
        with suppress(ImportError):  # whoever needs it says so
            importlib.import_module(name)
