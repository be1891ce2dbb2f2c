"""What a plugin author imports: each name stated once, known at run time and to type checkers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import harness

FACADE = Path(harness.__file__).with_name("facade.py")


def stated() -> list[str]:
    statements = ast.parse(FACADE.read_text(encoding="utf-8")).body[1:]
    assert all(isinstance(each, ast.ImportFrom) for each in statements)
    imports = [each for each in statements if isinstance(each, ast.ImportFrom)]
    return [alias.asname or alias.name for each in imports for alias in each.names]


def test_each_name_is_stated_once_and_is_there() -> None:
    assert harness.__all__ == sorted(set(stated()))
    assert len(stated()) == len(set(stated()))
    for name in stated():
        assert getattr(harness, name) is not None
    assert set(stated()) <= set(dir(harness))


def test_nothing_else_is_there() -> None:
    with pytest.raises(ImportError, match="cannot import name 'Nonsense'"):
        from harness import Nonsense  # noqa: F401
    assert not hasattr(harness, "importlib")


def test_names_are_loaded_when_used() -> None:
    code = (
        "import sys, harness\n"
        "from harness import errors\n"
        "assert 'numpy' not in sys.modules and 'harness.facade' not in sys.modules\n"
        "from harness import *\n"
        "assert Improvement.__name__ == 'Improvement'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


SNIPPET = """
from harness import Improvement, Nonsense, Raster, parameter

class Mine(Improvement):
    name = "mine"
    needs = ("frequency",)
    gain: float = parameter(2.0, "how much")

    def improve(self, raster: Raster) -> Raster:
        return raster

Mine(gain=3.0)
Mine(gain="much")
Mine(gian=3.0)
Mine().gain = 4.0
"""


@pytest.mark.timeout(600)
def test_a_type_checker_knows_names_and_parameters(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="asking a type checker needs mypy")
    (tmp_path / "snippet.py").write_text(SNIPPET)
    root = FACADE.parents[1]  # mypy finds installed packages itself
    place = {} if root.name == "site-packages" else {"MYPYPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports",
         "--follow-imports=silent", "--cache-dir", str(tmp_path / "cache"), "snippet.py"],
        cwd=tmp_path, env={"PATH": "", **place},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = {line.split(":")[1] for line in done.stdout.splitlines() if ": error:" in line}
    assert lines == {"2", "13", "14", "15"}, done.stdout + done.stderr
