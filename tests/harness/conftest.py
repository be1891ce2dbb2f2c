"""Distributions and plugin files made up for a test."""

from __future__ import annotations

import itertools
import sys
import textwrap
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import pytest

Install = Callable[..., Path]

IMPROVEMENT = '''
from __future__ import annotations
from dataclasses import dataclass
from typing import ClassVar
from harness import Improvement, Raster, hookimpl, parameter

@dataclass(frozen=True, kw_only=True)
class Louder(Improvement):
    """Multiplies by a gain."""

    name: ClassVar[str] = "louder"
    gain: float = parameter(2.0, "how much", unit="dB", low=0.0)
    mode: str = parameter("all", "where", choices=("all", "some"))

    def improve(self, raster: Raster) -> Raster:
        return Raster(raster.values * self.gain, raster.rows, raster.columns, raster.scale)

@hookimpl
def harness_improvements():
    return [Louder]
'''
"""Tests break it by replacing words."""


@pytest.fixture
def louder() -> str:
    """Give the source of a plugin module without faults."""
    return IMPROVEMENT


@pytest.fixture
def install(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Install]:
    """Give a function that installs a distribution; only such distributions are seen."""
    site = tmp_path_factory.mktemp("site")
    numbers = itertools.count()
    modules: list[str] = []

    def found(**chosen: str) -> metadata.EntryPoints:
        dists = metadata.Distribution.discover(path=[str(site)])
        entries = metadata.EntryPoints(entry for dist in dists for entry in dist.entry_points)
        return entries.select(**chosen)

    def add(source: str, name: str = "", group: str = "harness", entry: str = "") -> Path:
        number = next(numbers)
        module = f"stranger_{site.name.replace('-', '_')}_{number}"
        modules.append(module)
        name = name or f"stranger{number}"
        (site / f"{module}.py").write_text(textwrap.dedent(source))
        info = site / f"{name}-1.{number}.dist-info"
        info.mkdir()
        info.joinpath("METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.{number}\nSummary: Does a thing\n"
        )
        target = module if group == "harness" else f"{module}:command"
        info.joinpath("entry_points.txt").write_text(f"[{group}]\n{entry or name} = {target}\n")
        return site / f"{module}.py"

    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(metadata, "entry_points", found)
    yield add
    for module in modules:
        sys.modules.pop(module, None)


OFFERED = '''
from harness import Classifier, Improvement, Representation, parameter

class Softer(Improvement):
    """Divides by a number."""

    name = "softer"
    by: float = parameter(2.0, "divisor", low=1)

    def improve(self, raster):
        return raster

class Nothing(Classifier):
    """Learns nothing."""

    name = "nothing"

    def fit(self, features, labels, rng):
        return self

plugins = [Softer, Nothing]
'''
"""The same in fewer words, and of two kinds at once."""


@pytest.fixture
def softer() -> str:
    """Give the source of a plugin module that offers its classes in one line."""
    return OFFERED
