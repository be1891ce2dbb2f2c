"""The file of a module, found without importing it or the packages around it."""

from __future__ import annotations

import sys


def source_file(module: str) -> str | None:
    """Return the path of a module's Python source; None for other kinds, and where there is none.

    A module that is imported already says itself where it came from.
    """
    from importlib.machinery import PathFinder

    if module in sys.modules:
        file = getattr(sys.modules[module], "__file__", None)
        return file if isinstance(file, str) and file.endswith(".py") else None
    places, spec, parts = None, None, module.split(".")
    for count in range(1, len(parts) + 1):
        try:
            spec = PathFinder.find_spec(".".join(parts[:count]), places)
        except (ImportError, ValueError, OSError):
            return None
        if spec is None:
            return None
        places = spec.submodule_search_locations
    return spec.origin if spec and spec.origin and spec.origin.endswith(".py") else None


def has_file(module: str) -> bool:
    """Say whether a module came from a file, not from what was typed into a notebook."""
    return module not in sys.modules or bool(getattr(sys.modules[module], "__file__", None))
