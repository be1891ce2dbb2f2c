"""Sources are found without importing anything, and nothing is taken for what it is not."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import pytest

from harness.sources.finding import source_file


def test_a_folder_of_the_name_of_a_function_is_no_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``from functools import cache``, with a folder "cache" on Python's path."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "partial.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert source_file("functools.cache") is None
    assert source_file("functools.partial") is None
    assert source_file("partial") == str(tmp_path / "partial.py")


def test_modules_are_found_whether_they_are_imported_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "parent_of_one").mkdir()
    (tmp_path / "parent_of_one" / "child.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert source_file("parent_of_one.child") == str(tmp_path / "parent_of_one" / "child.py")
    assert "parent_of_one" not in sys.modules
    assert source_file("functools") == functools.__file__
    assert source_file("no_such_module.at_all") is None
    assert source_file("sys") is None
