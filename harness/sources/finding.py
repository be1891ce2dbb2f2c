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
    spec, parts = None, module.split(".")
    known = next((n for n in range(len(parts) - 1, 0, -1) if ".".join(parts[:n]) in sys.modules), 0)
    places = getattr(sys.modules[".".join(parts[:known])], "__path__", None) if known else None
    if known and places is None:
        return None
    for count in range(known + 1, len(parts) + 1):
        try:
            spec = PathFinder.find_spec(".".join(parts[:count]), places)
        except (ImportError, ValueError, OSError):
            return None
        if spec is None:
            return None
        places = spec.submodule_search_locations
        if places is None and count < len(parts):
            return None  # no package, so what follows is a name in it: nowhere to look
    return spec.origin if spec and spec.origin and spec.origin.endswith(".py") else None


def stands_in_file(cls: type) -> bool:
    """Say whether a class is what the file of its module says under its name.

    One that was typed into a notebook is not, nor one that a function made: what these look at
    stands in no source that could be read.
    """
    module = sys.modules.get(cls.__module__)
    if not getattr(module, "__file__", None) or "<locals>" in cls.__qualname__:
        return False
    found: object = module
    for part in cls.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is cls
