from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.sources.digests import source_digest

Digest = Callable[[], str]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Digest]:
    """Give what writes a module that imports `aside.deep` in some way, and digests its class."""
    package = tmp_path / "aside"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "deep.py").write_text("amount = 1\n")
    monkeypatch.syspath_prepend(tmp_path)

    def write(statement: str, module: str = "own_filter") -> Digest:
        (tmp_path / f"{module}.py").write_text(
            f"import importlib\n{statement}\nclass Filter: ...\n"
        )
        importlib.invalidate_caches()
        for name in (module, "aside", "aside.deep"):
            sys.modules.pop(name, None)
        cls: Any = importlib.import_module(module).Filter
        return lambda: source_digest(cls)

    return write


WAYS = [
    "import aside.deep",
    "from aside import deep",
    "from aside.deep import amount",
    "def late():\n    from aside.deep import amount",
    "try:\n    import aside.deep\nexcept ImportError:\n    pass",
    "if True:\n    import aside.deep as other",
    'other = importlib.import_module("aside.deep")',
    'def late():\n    return [importlib.import_module("aside.deep").amount]',
    'other = __import__("aside.deep")',
    'other = importlib.import_module(".deep", "aside") if 0 else __import__("aside.deep")',
]


@pytest.mark.parametrize("statement", WAYS)
def test_a_module_of_ones_own_counts_however_it_is_imported(
    tmp_path: Path, written: Callable[[str], Digest], statement: str
) -> None:
    digest = written(statement)
    before = digest()
    assert digest() == before
    (tmp_path / "aside" / "deep.py").write_text("amount = 2\n")
    assert digest() != before


def test_what_is_not_imported_does_not_count(
    tmp_path: Path, written: Callable[[str], Digest]
) -> None:
    digest = written('name = "aside.deep"')
    before = digest()
    (tmp_path / "aside" / "deep.py").write_text("amount = 2\n")
    assert digest() == before
