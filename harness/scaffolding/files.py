"""The files that a new plugin begins with."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from importlib import metadata, resources
from pathlib import Path

from harness.errors import SightbenchError
from harness.files.whole import write_whole

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PACKAGE = {
    "pyproject.toml": "package/pyproject.toml.txt",
    "README.md": "package/README.md.txt",
    "tox.ini": "package/tox.ini.txt",
    "src/{{module}}/__init__.py": "package/init.py.txt",
    "src/{{module}}/plugin.py": "{{kind}}.py.txt",
    "tests/test_{{module}}.py": "package/test_plugin.py.txt",
}
"""The files of an installable distribution, and the templates that they are made of."""


def write_file(kind: str, name: str, folder: Path) -> Path:
    """Write a plugin as one file and return its path.

    Raises
    ------
    SightbenchError
        The name cannot be a plugin's, or the file exists.
    """
    words = _words(kind, name)
    path = folder / f"{words['module']}.py"
    _write({path: _filled(f"{kind}.py.txt", {**words, "file": path.name})})
    return path


def write_package(kind: str, name: str, folder: Path) -> Path:
    """Write a plugin as an installable distribution and return its folder.

    Raises
    ------
    SightbenchError
        The name cannot be a plugin's, or a file exists.
    """
    words = _words(kind, name)
    root = folder / name
    words["file"] = f"src/{words['module']}/plugin.py"
    _write(
        {
            root / _substituted(target, words): _filled(_substituted(template, words), words)
            for target, template in _PACKAGE.items()
        }
    )
    return root


def _words(kind: str, name: str) -> dict[str, str]:
    module = name.replace("-", "_")
    if not _NAME.fullmatch(name) or keyword.iskeyword(module):
        raise SightbenchError(
            f"{name!r} cannot be a plugin's name: write lower-case words joined by '-', "
            "such as my-filter."
        )
    return {
        "kind": kind,
        "article": "an" if kind[0] in "aeiou" else "a",
        "name": name,
        "module": module,
        "class": "".join(word.capitalize() for word in name.split("-")),
        "title": name.replace("-", " ").capitalize(),
        "version": metadata.version("sightbench"),
    }


def _filled(template: str, words: Mapping[str, str]) -> str:
    place = resources.files("harness.scaffolding").joinpath("templates", *template.split("/"))
    return _substituted(place.read_text(encoding="utf-8"), words)


def _substituted(text: str, words: Mapping[str, str]) -> str:
    for key, word in words.items():
        text = text.replace("{{" + key + "}}", word)
    return text


def _write(files: Mapping[Path, str]) -> None:
    existing = [str(path) for path in files if path.exists()]
    if existing:
        raise SightbenchError(
            f"{', '.join(existing)} exists already; choose another name or --folder."
        )
    written: list[Path] = []
    for path, text in files.items():
        try:
            write_whole(path, text)
            written.append(path)
        except OSError as error:
            for each in written:
                each.unlink(missing_ok=True)
            raise SightbenchError(
                f"{path} cannot be written: {error.strerror}. Name another place: --folder."
            ) from error
