"""Fixtures that many tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from harness.pictures.gallery import DEFAULT_LIMIT_BYTES, Gallery
from harness.planning.plan import make_plan
from harness.registry.discovery import Plugins, load
from harness.registry.resolution import resolve
from harness.results.record import Record
from harness.results.store import Run
from harness.running.cells import run_cells
from harness.running.drawing import draw
from harness.running.options import Options, Session
from harness.running.preparation import prepare
from harness.running.workers import Workers, open_workers

TONES = Path(__file__).parent / "samples" / "tones.py"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real recordings, or skip."""
    folder = os.environ.get("SIGHTBENCH_REAL_DATA")
    if not folder:
        pytest.skip("SIGHTBENCH_REAL_DATA does not name the folder of real recordings")
    return Path(folder)


@pytest.fixture(scope="session")
def tones() -> Path:
    """Return the plugin file of the tests."""
    return TONES


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    """Return all built-ins and the plugins of the tests."""
    return load([TONES])


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Return one set of worker processes for all tests that do not kill them."""
    with open_workers(2) as pool:
        yield pool


class Silent:
    """An observer that remembers what it heard."""

    def __init__(self) -> None:
        self.stages: dict[str, int] = {}
        self.lines: list[str] = []

    @property
    def drawn(self) -> int:
        """How many clips were drawn: as they were read, or later."""
        at_once = self.stages.get("reading and drawing clips", 0)
        return at_once + self.stages.get("drawing pictures", 0)

    def stage(self, name: str, total: int | None, before: int = 0) -> None:
        if total is not None:
            self.stages[name] = total - before

    def advance(self, steps: int = 1) -> None:
        pass

    def busy(self, cells: Sequence[str]) -> None:
        pass

    def tell(self, line: str) -> None:
        self.lines.append(line)

    def remote(self, cell: str, done: int, total: int, what: str) -> None:
        pass


Runner = Callable[..., tuple[Run, list[Record], Silent]]


@pytest.fixture(scope="session")
def run_in(plugins: Plugins, workers: Workers) -> Callable[[Path], Runner]:
    """Return what gives, for a folder, what runs choices from start to end in it."""

    def place(root: Path) -> Runner:
        def run(fail_fast: bool = False, **choices: object) -> tuple[Run, list[Record], Silent]:
            timeout_s = choices.pop("timeout_s", None)
            skip_bad = bool(choices.pop("skip_bad", False))
            pool = cast(Workers, choices.pop("pool", workers))
            folder = root / str(choices.pop("folder", ""))
            limit_bytes = cast(int, choices.pop("limit_bytes", DEFAULT_LIMIT_BYTES))
            fresh = bool(choices.pop("fresh", False))
            drawn_by = cast(Any, choices.pop("drawn_by", draw))
            results = folder / "results" / str(choices.pop("fresh_results", ""))
            chosen = {
                "dataset": "tones",
                "representations": ["levels"],
                "classifiers": ["nearest-mean"],
                "folds": 3,
                "split": "stratified",
                **choices,
            }
            plan = make_plan(chosen, plugins.catalogue.is_improvement)
            options = Options(
                results,
                Gallery(folder / "cache", limit_bytes),
                jobs=2,
                skip_bad=skip_bad,
                fail_fast=fail_fast,
                fresh=fresh,
                timeout_s=timeout_s,  # type: ignore[arg-type]
            )
            silent = Silent()
            session = Session(options, pool, silent, plugins.hook)
            ready = prepare(resolve(plan, plugins), session)
            albums = drawn_by(ready, session)
            found = list(run_cells(ready, albums, session))
            return ready.run, found, silent

        return run

    return place


@pytest.fixture
def run_plan(tmp_path: Path, run_in: Callable[[Path], Runner]) -> Runner:
    """Return what runs choices from start to end, in one results folder and gallery."""
    return run_in(tmp_path)
