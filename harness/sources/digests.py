"""What a plugin's output depends on, hashed, so that no cache gives a stale figure.

That is its name, version and parameters, the files that parameters name, its source with all that
it imports of its own package and of the person's own modules, and the versions of the libraries
that any of these import.
"""

from __future__ import annotations

import ast
import hashlib
import uuid
from collections.abc import Collection, Iterator
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness.sources.files import check_unchanged, local_path
from harness.sources.finding import source_file, stands_in_file
from harness.sources.libraries import is_own, is_standard, library_version

IMPORTERS = ("import_module", "__import__")
"""Functions that import."""
FACADE = "harness"
"""Its drawing has a digest of its own; what a plugin imports from it does not count again."""


def plugin_key(plugin: Any, without: Collection[str] = (), *, files: bool = True) -> str:
    """Write down all that a plugin's output depends on but what it is given.

    Parameters
    ----------
    without
        Names of parameters that do not matter here.
    files
        Whether what lies in the files that its parameters name counts.

    Raises
    ------
    PluginError
        The single file that it came from changed since it was imported.
    """
    counted = [each for each in fields(plugin) if each.name not in without]
    values = {each.name: getattr(plugin, each.name) for each in counted}
    free = [each for each in counted if not each.metadata.get("choices")]
    texts = [text for each in free for text in _texts(values[each.name])]
    paths = (*texts, *map(str, plugin.files())) if files else ()
    named = [file_digest(path) for path in paths]
    written = ",".join(f"{name}={value!r}" for name, value in values.items())
    parts = [f"{plugin.name} {plugin.version} [{written}]", *filter(None, named)]
    return "\n".join([*parts, source_digest(type(plugin))])


def _texts(value: object) -> Iterator[str]:
    """Give the texts of a parameter's value, those in tuples too."""
    if isinstance(value, (str, Path)):
        yield str(value)
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)


def file_digest(text: str) -> str:
    """Hash the file, or the files of the folder, that a text names; empty where it names none."""
    try:
        path = Path(text).expanduser()
        if not text or not path.exists():
            return ""
        if path.is_file():
            return _content(path)
        lines = (
            f"{each.relative_to(path)} {_content(each)}"
            for each in sorted(path.rglob("*"))
            if each.is_file()
        )
        return hashlib.blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()
    except (OSError, ValueError, RuntimeError):
        return ""


def _content(path: Path) -> str:
    stat = path.stat()
    return _hashed(str(path), stat.st_size, stat.st_mtime_ns, stat.st_ino)


@lru_cache(maxsize=4096)
def _hashed(path: str, size: int, changed_ns: int, inode: int) -> str:
    with open(path, "rb") as file:  # noqa: PTH123
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def source_digest(cls: type) -> str:
    """Hash the source that a plugin class is made of, to tell when its output may change.

    It covers the module of the class, those of its bases, and all that these import of the same
    top-level package or of the person's own modules (those that no library installed), and the
    name and version of every library that is imported on the way.

    Raises
    ------
    PluginError
        The single file changed since it was imported.
    """
    check_unchanged(cls.__module__)
    if not stands_in_file(cls):
        return _moment(cls)
    sources, libraries = _made_of(cls)
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(sources):
        stem = "local file" if local_path(name) else name
        digest.update(f"{stem}\0{len(sources[name])}\0".encode() + sources[name])
    for line in sorted(libraries):
        digest.update(f"{line}\0".encode())
    return digest.hexdigest()


def libraries_of(cls: type) -> set[str]:
    """Name the installed distributions that a plugin class imports, itself or on the way."""
    return {line.rpartition(" ")[0] for line in _made_of(cls)[1]} if stands_in_file(cls) else set()


def _made_of(cls: type) -> tuple[dict[str, bytes], set[str]]:
    """Give the sources that a class is made of, by module, and the libraries."""
    top = _top(cls.__module__)
    modules = {base.__module__ for base in cls.__mro__}
    return _followed([name for name in modules if _top(name) == top], top)


_MOMENTS: dict[type, str] = {}
"""Stands for the source of each class that stands in no file."""


def forget_moments() -> None:
    """Let nothing be found again that classes in no file have made so far."""
    _MOMENTS.clear()


def _moment(cls: type) -> str:
    """Stand in for a source that cannot be read, that of a notebook: nothing else is the same.

    What such a class calls may have been typed anew since, so no cache may answer for it.
    """
    return _MOMENTS.setdefault(cls, f"typed in {uuid.uuid4().hex}")


def _followed(pending: list[str], top: str) -> tuple[dict[str, bytes], set[str]]:
    """Follow imports; give sources by module, and the libraries met."""
    sources: dict[str, bytes] = {}
    libraries: set[str] = set()
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        if name in seen or _top(name) == FACADE != top:
            continue
        seen.add(name)
        file = source_file(name)
        if _top(name) == top or (file is not None and is_own(file)):
            if file is not None:
                sources[name] = Path(file).read_bytes()
                pending.extend(_imports(name, Path(file), sources[name]))
        elif not is_standard(_top(name)):
            libraries.add(library_version(_top(name)))
    return sources, libraries - {""}


@lru_cache(maxsize=1024)
def _imports(module: str, path: Path, source: bytes) -> tuple[str, ...]:
    """Name what a module imports, anywhere in it."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return tuple(_imported(package, source))


def _imported(package: str, source: bytes) -> Iterator[str]:
    tree = ast.parse(source)
    if any(name.encode() in source for name in IMPORTERS):
        yield from _imported_by_call(package, tree)
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            parts = [*(base if node.level else []), *([node.module] if node.module else [])]
            parent = ".".join(parts)
            yield parent
            yield from (f"{parent}.{alias.name}" for alias in node.names)


def _imported_by_call(package: str, tree: ast.AST) -> Iterator[str]:
    """Name what is imported by functions, where the name stands written out."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called, first = node.func, node.args[0]
        name = getattr(called, "attr", getattr(called, "id", ""))
        if name in IMPORTERS and isinstance(first, ast.Constant) and isinstance(first.value, str):
            level = len(first.value) - len(first.value.lstrip("."))
            base = package.split(".")[: len(package.split(".")) - level + 1] if level else []
            yield ".".join(filter(None, [*base, first.value[level:]]))


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Give all statements inside a node; imports are nothing else, and expressions are many."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        for each in getattr(node, name, ()):
            yield each
            yield from _statements(each)


def _top(module: str) -> str:
    return module.partition(".")[0]
