"""Single plugin files, loaded by path, also a second time in a worker process."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from harness.errors import PluginError

PREFIX = "sightbench_local_"
SENT = "SIGHTBENCH_SENT_PLUGINS"
"""Names, in the environment of a worker, the folder of plugin files that came along."""
_FIRST_PLACE = "__sightbench_path__"
"""The path that a module's name tells, where it was imported from another."""


class _FreshLoader(SourceFileLoader):
    """Compiles what the file says now; leaves no ``__pycache__`` beside it."""

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code


def load_file(path: Path) -> ModuleType:
    """Import a plugin file as a module whose name tells its place and content.

    Raises
    ------
    PluginError
        There is no such Python file.
    Exception
        Whatever the file itself raises.
    """
    path = path.expanduser().resolve()
    check_file(path)
    return _imported(_module_name(path), path)


def check_file(path: Path) -> None:
    """Refuse what is no Python file.

    Raises
    ------
    PluginError
        There is none at that path.
    """
    if path.suffix != ".py" or not path.is_file():
        raise PluginError(f"No plugin file at {path}: --plugin takes the path of a .py file.")


def find_module(name: str, path: str | None) -> ModuleType:
    """Return the module of that name; a local file is imported by its path.

    Raises
    ------
    PluginError
        The file has changed since the module was named after it.
    """
    if name in sys.modules:
        return sys.modules[name]
    if path is None:
        return importlib.import_module(name)
    for place in (Path(path), *_sent(name)):
        if place.is_file() and _module_name(Path(path), place) == name:
            module = _imported(name, place)
            setattr(module, _FIRST_PLACE, path)
            return module
    raise PluginError(f"The plugin file {path} changed while it was in use; start again.")


def _sent(name: str) -> tuple[Path, ...]:
    folder = os.environ.get(SENT)
    return (Path(folder) / f"{name}.py",) if folder else ()


def local_sources(modules: Iterable[str]) -> dict[str, bytes]:
    """Return what stands in the local files among some modules, by module.

    Raises
    ------
    PluginError
        A file has changed since it was imported, or is gone.
    """
    found = {}
    for name in modules:
        path = local_path(name)
        if path is not None:
            check_unchanged(name)
            found[name] = Path(path).read_bytes()
    return found


def check_unchanged(name: str) -> None:
    """Refuse a local file that no longer holds what was imported from it.

    Raises
    ------
    PluginError
        The file has changed since, or is gone.
    """
    path = local_path(name)
    if path is None:
        return
    place, first = Path(path), Path(getattr(sys.modules[name], _FIRST_PLACE, path))
    if not place.is_file() or _module_name(first, place) != name:
        raise PluginError(f"The plugin file {path} changed while it was in use; start again.")


def local_path(module_name: str) -> str | None:
    """Return the path of the plugin file that a module came from, if it came from one."""
    if not module_name.startswith(PREFIX):
        return None
    return getattr(sys.modules.get(module_name), "__file__", None)


def _module_name(path: Path, place: Path | None = None) -> str:
    """Name a module after the path of its file and what it holds, now perhaps in another place."""
    source = (place or path).read_bytes()
    content = hashlib.blake2b(str(path).encode() + b"\0" + source, digest_size=8)
    return f"{PREFIX}{re.sub(r'[^0-9A-Za-z_]', '_', path.stem)}_{content.hexdigest()}"


def _imported(name: str, path: Path) -> ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    loader = _FreshLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise PluginError(f"Python cannot import {path}.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
