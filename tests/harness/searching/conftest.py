"""Searches on clips that one frequency tells apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.analysis.choice import Criterion
from harness.pictures.gallery import Gallery
from harness.planning.plan import make_plan
from harness.registry.discovery import Plugins, load
from harness.running.options import Options
from harness.searching.findings import Findings
from harness.searching.rounds import Budget
from harness.searching.search import Wish, search
from harness.searching.space import space_of
from tests.conftest import Silent

SAMPLES = Path(__file__).parents[2] / "samples"

Searcher = Callable[..., Findings]


@pytest.fixture(scope="session")
def planted() -> Plugins:
    """Return all built-ins and the plugins that a search is tried on."""
    return load([SAMPLES / "tones.py", SAMPLES / "planted.py"])


def wish_of(plugins: Plugins, **choices: Any) -> Wish:
    """Say what to search for: among strips, on the planted clips, unless it is said otherwise."""
    among = choices.pop("among", ["strip"])
    budget = Budget(choices.pop("cells", 40), choices.pop("minutes", None))
    search_seed = choices.pop("search_seed", 0)
    by = Criterion(choices.pop("by", "accuracy"))
    stacks = choices.pop("stacks", True)
    chosen = {
        "dataset": "planted",
        "representations": ["strip"],
        "classifiers": ["nearest-mean"],
        "folds": 3,
        "split": "given",
        "picture_height": 32,
        "picture_width": 32,
        **choices,
    }
    plan = make_plan(chosen, plugins.catalogue.is_improvement)
    return Wish(plan, space_of(plugins.catalogue, among, stacks), budget, by, search_seed)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Return how to search: in this process, in a folder of its own."""
    return Options(tmp_path / "results", Gallery(tmp_path / "cache"), jobs=1, here=True)


@pytest.fixture
def searching(planted: Plugins, options: Options) -> Searcher:
    """Return what searches from start to end."""

    def run(observer: Any = None, **choices: Any) -> Findings:
        return search(wish_of(planted, **choices), planted, options, observer or Silent())

    return run
