"""The benchmarks are imported by name, also where the current folder is not on Python's path."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

_SPEC = PathFinder.find_spec("benchmarks", [str(Path(__file__).parents[2])])
assert _SPEC is not None, "the benchmarks lie beside the tests"
sys.modules["benchmarks"] = module_from_spec(_SPEC)
