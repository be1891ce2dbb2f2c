"""All that people import: the names in `harness.facade`, loaded when one is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.facade import *  # noqa: F403
else:  # A type checker that saw a `__getattr__` would believe that every name exists.

    def __getattr__(name):
        from importlib import import_module
        from importlib.util import find_spec

        if name == "__all__":
            return sorted(_homes())
        # For a module of this package Python asks here first, then imports it.
        if name.startswith("_") or find_spec(f"harness.{name}") or name not in _homes():
            raise AttributeError(f"module 'harness' has no attribute {name!r}")
        globals()[name] = getattr(import_module(_homes()[name]), name)
        return globals()[name]

    def __dir__():
        return sorted({*globals(), *_homes()})

    def _homes():
        """Read off the facade where each name lives, so that one name imports one module."""
        import ast
        from importlib.util import find_spec

        with open(find_spec("harness.facade").origin, encoding="utf-8") as file:  # noqa: PTH123
            lines = ast.parse(file.read()).body
        found = [line for line in lines if isinstance(line, ast.ImportFrom)]
        return {alias.name: line.module for line in found for alias in line.names}
