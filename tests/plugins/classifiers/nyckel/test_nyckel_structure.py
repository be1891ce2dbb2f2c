"""No module of the room imports one that imports it again, not even for its types."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import plugins.classifiers.nyckel as room

ROOT = Path(room.__file__).parent


def modules():
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join((room.__name__, *parts)).removesuffix(".__init__"), path


def imported(path, known):
    """Find what a module imports anywhere in it, inside functions and for types alone too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            found |= {str(node.module), *(f"{node.module}.{each.name}" for each in node.names)}
    return found & known


def test_no_import_circle():
    known = dict(modules())
    graph = {name: imported(path, known.keys()) for name, path in known.items()}
    assert len(graph) > 25
    assert any(graph.values())
    # Raises CycleError, with the circle's names, where there is one.
    order = list(TopologicalSorter(graph).static_order())
    assert order.index(f"{room.__name__}.fitted") < order.index(f"{room.__name__}.plugin")


def test_nothing_private_crosses_modules():
    for name, path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("plugins."):
                private = [each.name for each in node.names if each.name.startswith("_")]
                assert not private, f"{name} imports {private} from {node.module}"
