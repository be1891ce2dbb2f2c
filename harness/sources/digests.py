"""What a plugin is made of: its source, hashed, so that no cache gives a stale picture."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

from harness.sources.files import check_unchanged, local_path


def source_digest(cls: type) -> str:
    """Hash the source that a plugin class is made of, to tell when its output may change.

    It covers the module of the class, those of its bases, and all that these import, as far as
    they are of the same top-level package; of a single file, the file.

    Raises
    ------
    PluginError
        The single file changed since it was imported.
    """
    check_unchanged(cls.__module__)
    modules = {base.__module__ for base in cls.__mro__}
    top = cls.__module__.partition(".")[0]
    pending = [name for name in modules if name.partition(".")[0] == top]
    sources: dict[str, bytes] = {}
    while pending:
        name = pending.pop()
        path = _source_path(name)
        if name in sources or path is None:
            continue
        sources[name] = path.read_bytes()
        pending.extend(_siblings(name, path, sources[name]))
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(sources):
        stem = "local file" if local_path(name) else name
        digest.update(f"{stem}\0{len(sources[name])}\0".encode() + sources[name])
    return digest.hexdigest()


def _source_path(module: str) -> Path | None:
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None and module not in sys.modules:
        try:
            found = importlib.util.find_spec(module)
        except (ImportError, ValueError):
            return None
        file = found.origin if found else None
    return Path(file) if file and file.endswith(".py") else None


def _siblings(module: str, path: Path, source: bytes) -> Iterator[str]:
    """Name what a module imports from its own top-level package."""
    top = module.partition(".")[0]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            parts = [*(base if node.level else []), *([node.module] if node.module else [])]
            parent = ".".join(parts)
            names = [parent, *(f"{parent}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] == top)
