"""A small run on computed recordings, and a detector kept of it; each made once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.analysis.summary import summarise
from harness.applying.bundle import Bundle
from harness.applying.keeping import keep
from harness.applying.wishes import Wish
from harness.pictures.gallery import Gallery
from harness.planning.plan import make_plan
from harness.registry.discovery import Plugins, load
from harness.results.store import Run
from harness.running.options import Options, Session
from harness.running.start import run
from harness.running.workers import work_here

DATASET = (
    "soundscape[recordings=3,sites=3,minutes=2,calls_per_hour=300,snr_db=6,background_per_call=2]"
)


class Silent:
    """Hears how far a session is, and says nothing."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def stage(self, name: str, total: int | None, before: int = 0) -> None:
        pass

    def advance(self, steps: int = 1) -> None:
        pass

    def busy(self, cells: Any) -> None:
        pass

    def tell(self, line: str) -> None:
        self.lines.append(line)

    def remote(self, *what: Any) -> None:
        pass


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("applying")


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    return load()


@contextlib.contextmanager
def session_at(root: Path) -> Iterator[Session]:
    gallery = Gallery(root / "cache" / "pictures", 2**30)
    options = Options(root / "results", gallery, 1, here=True, skip_bad=True)
    with work_here() as workers:
        yield Session(options, workers, Silent())


@pytest.fixture(scope="session")
def made_run(root: Path, plugins: Plugins) -> Run:
    choices = {
        "dataset": DATASET,
        "representations": ["mel", "spectrogram+frequency-cropped"],
        "classifiers": ["pca-svm", "majority"],
        "folds": 2,
        "picture_height": 64,
        "picture_width": 64,
    }
    plan = make_plan(choices, plugins.catalogue.is_improvement)
    gallery = Gallery(root / "cache" / "pictures", 2**30)
    options = Options(root / "results", gallery, 1, here=True)
    found, records = run(plan, plugins, options, Silent())
    assert {record.status for record in records} == {"ok"}
    return found


@pytest.fixture(scope="session")
def keep_cell(root: Path, plugins: Plugins, made_run: Run) -> Callable[..., Bundle]:
    """Give a function that keeps a cell of the run."""

    def kept(title: str = "mel × pca-svm", **wishes: Any) -> Bundle:
        row = next(row for row in summarise(made_run).rows if row.title == title)
        with session_at(root) as session:
            return keep(Wish(made_run, row, "named", **wishes), plugins, session)

    return kept


@pytest.fixture(scope="session")
def bundle(keep_cell: Callable[..., Bundle]) -> Bundle:
    return keep_cell()
