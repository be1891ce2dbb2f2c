"""The walls of the house: who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import harness
import plugins

PROJECT = Path(__file__).parents[2]
CORE, PLUGINS = Path(harness.__file__).parent, Path(plugins.__file__).parent
TABLES = {"tables", "details", "comparison_tables", "disagreement_tables"}


def imports(path: Path) -> Iterator[str]:
    """Name every module that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def importers(root: Path, library: str) -> set[str]:
    """Name the files below a folder that import a library."""
    return {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if any(name.partition(".")[0] == library for name in imports(path))
    }


def test_the_contracts_of_the_import_linter_are_kept():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 kept, 0 broken" in done.stdout


def test_the_core_never_imports_a_plugin():
    assert importers(CORE, "plugins") == set()


def test_a_plugin_imports_of_the_core_only_its_facade():
    rooms = {
        f"{path.relative_to(PLUGINS)}: {name}"
        for path in PLUGINS.rglob("*.py")
        for name in imports(path)
        if name.startswith("harness.")
    }
    assert rooms == set()


def test_rich_is_of_the_tables_and_the_command_line():
    others = {
        name
        for name in importers(CORE, "rich")
        if not name.startswith("cli/") and Path(name).stem not in TABLES
    }
    assert others == set()
    assert {n for n in importers(PLUGINS, "rich") if n != "classifiers/nyckel/commands.py"} == set()


@pytest.mark.parametrize("library", ["requests", "starlette", "uvicorn"])
def test_network_code_is_of_the_nyckel_plugin(library):
    assert importers(CORE, library) == set()
    found = importers(PLUGINS, library)
    assert found
    assert {name for name in found if not name.startswith("classifiers/nyckel/")} == set()


def test_nothing_is_unpickled_but_what_a_check_hands_its_own_child():
    own_pipe = {"conformance/processes.py", "conformance/replay.py"}
    assert importers(CORE, "pickle") == own_pipe
    assert importers(PLUGINS, "pickle") == set()
    for library in ("joblib", "dill", "cloudpickle", "shelve"):
        assert importers(CORE, library) | importers(PLUGINS, library) == set()


def test_no_module_edits_the_path():
    for root in (CORE, PLUGINS):
        edits = [
            path
            for path in root.rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("sys.path.")
        ]
        assert edits == []
