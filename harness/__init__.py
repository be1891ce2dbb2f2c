"""All that people import: the names in `harness.facade`, loaded when one is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.facade import *  # noqa: F403
else:  # A type checker that saw a `__getattr__` would believe that every name exists.

    def __getattr__(name):
        from importlib.util import find_spec

        if name == "__all__":
            return sorted(_names())
        # For a module of this package Python asks here first, then imports it.
        if name.startswith("_") or find_spec(f"harness.{name}") or name not in _names():
            raise AttributeError(f"module 'harness' has no attribute {name!r}")
        globals()[name] = _names()[name]
        return globals()[name]

    def __dir__():
        return sorted({*globals(), *_names()})

    def _names():
        from importlib import import_module

        facade = vars(import_module("harness.facade"))
        return {name: value for name, value in facade.items() if not name.startswith("_")}
