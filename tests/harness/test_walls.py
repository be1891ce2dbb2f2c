"""The walls of the house: who may import whom."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import harness
import plugins

PROJECT = Path(__file__).parents[2]
OWN = ("self", "cls")
CORE, PLUGINS = Path(harness.__file__).parent, Path(plugins.__file__).parent


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
    assert "4 kept, 0 broken" in done.stdout


def test_no_imports_run_in_a_circle():
    graph = grimp.build_graph("harness", "plugins", cache_dir=None)
    imported = {each: graph.find_modules_directly_imported_by(each) for each in graph.modules}
    TopologicalSorter(imported).prepare()  # raises CycleError, which names the circle


def test_a_line_of_code_knows_its_room():
    """Beside the rooms lies only what plugin authors import."""
    beside = {path.stem for path in CORE.glob("*.py")}
    assert beside == {
        "__init__", "__main__", "contracts", "errors", "facade", "hookspecs", "levels", "testing",
        "values",
    }  # fmt: skip


def test_tests_mirror_the_rooms():
    rooms = {path.name for path in CORE.iterdir() if path.is_dir() and path.name[0] != "_"}
    tested = {path.name for path in Path(__file__).parent.iterdir() if path.is_dir()}
    assert {name for name in tested if name[0] != "_"} <= rooms
    assert rooms - tested <= {"scaffolding", "sources", "strangers"}, (
        "tested through the verbs that use them"
    )


def test_the_map_names_every_room():
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = {path.name for path in CORE.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert {room for room in rooms if f"`{room}/`" not in text} == set()


def test_no_function_takes_more_than_six_arguments():
    """Verbs are left out (Typer reads their options off the signature), and `parameter`."""
    long = {
        f"{path.relative_to(CORE)}: {node.name}"
        for path in CORE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and len([a for a in (*node.args.args, *node.args.kwonlyargs) if a.arg not in OWN]) > 6
        and path.parent.name != "cli"
    }
    assert long <= {"declarations/parameters.py: parameter"}


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
        if not name.startswith(("cli/", "reporting/tables/"))
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
    own_pipe = {"conformance/elsewhere.py", "conformance/replay.py"}
    assert importers(CORE, "pickle") == own_pipe
    # The strict reader of one pinned file: an unpickler that can make nothing but inert values.
    assert importers(PLUGINS, "pickle") == {"classifiers/transfer/legacy.py"}
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


def test_every_tracked_file_has_a_plain_name():
    """A stray redirection makes files whose name is a space; nothing with such a name is kept."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    names = listed.stdout.split("\0")[:-1] if listed.returncode == 0 else []
    if not names:  # beside a wheel there is no repository: then look at what lies there
        names = [path.relative_to(PROJECT).as_posix() for path in PROJECT.glob("[!.]*")]
    odd = [name for name in names if not re.fullmatch(r"[A-Za-z0-9._][A-Za-z0-9._/-]*", name)]
    assert odd == []
