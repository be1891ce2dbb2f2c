"""What the end of a run needs is imported while workers are at work, when nobody waits for it."""

from __future__ import annotations

import importlib
import threading
from contextlib import suppress

LATER = ("numpy.random", "scipy.special", "rich.table")
"""Splits, intervals and tables take a quarter of a second to import."""


def import_ahead() -> None:
    """Begin to import it; it is ready when it is asked for."""
    threading.Thread(target=_import, name="imports", daemon=True).start()


def _import() -> None:
    for name in LATER:
        with suppress(ImportError):  # whoever needs it says so
            importlib.import_module(name)
