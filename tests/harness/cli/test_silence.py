"""No verb is silent for long: where one works, somebody listens for how long it takes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from harness import cli
from harness.cli.verbs import VERBS, module_of

SLOW = {
    "answers", "compare_cells", "compare_runs", "draw_clips", "everything", "find_disagreement",
    "find_mistakes", "find_run", "list_runs", "load_plugins", "merge", "open_workers", "rank_runs",
    "render_report", "summarise", "write_pictures",
}  # fmt: skip
"""Functions that read results, draw, or wait for plugins: calls of them stand where it is told."""
TOLD = {"busy", "progress"}


def untold(source: str) -> list[str]:
    """Name the slow calls of a command that stand under no progress, with their line."""
    tree = ast.parse(source)
    functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    verbs = [f for f in functions.values() if f.name == "command" or f.decorator_list]
    found: list[str] = []

    def walk(node: ast.AST, told: bool, seen: frozenset[str]) -> None:
        if isinstance(node, ast.With):
            names = {ast.unparse(each.context_expr).partition("(")[0] for each in node.items}
            told = told or bool(names & TOLD)
        if isinstance(node, ast.Call) and not told:
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in SLOW:
                found.append(f"{name} in line {node.lineno}")
            if name in functions and name not in seen:
                walk(functions[name], told, seen | {name})
        for child in ast.iter_child_nodes(node):
            walk(child, told, seen)

    for verb in verbs:
        walk(verb, False, frozenset({verb.name}))
    return found


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_slow_is_told(verb: str) -> None:
    path = Path(cli.__file__).parent / f"{module_of(verb).rpartition('.')[2]}.py"
    assert untold(path.read_text(encoding="utf-8")) == []


def test_the_test_finds_what_is_untold() -> None:
    assert untold("def command():\n    _go()\n\ndef _go():\n    store.find_run(1)\n") == [
        "find_run in line 5"
    ]
    assert untold("def command():\n    with busy('x'):\n        find_run(1)\n") == []
