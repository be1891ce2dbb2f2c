"""How to run, and who hears how far it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from harness.pictures.gallery import Gallery
from harness.running.workers import Workers


class Observer(Protocol):
    """Hears how far a session is."""

    def stage(self, name: str, total: int | None, before: int = 0) -> None:
        """Hear that a stage begins: its steps, if anybody knows, and what was done before."""

    def advance(self, steps: int = 1) -> None:
        """Hear that steps are done."""

    def busy(self, cells: Sequence[str]) -> None:
        """Hear what is being worked on right now."""

    def tell(self, line: str) -> None:
        """Hear something that a person should know."""

    def remote(self, cell: str, done: int, total: int, what: str) -> None:
        """Hear how far a service is."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run, which changes no figure.

    Parameters
    ----------
    jobs
        Worker processes.
    timeout_s
        Stop a cell that takes longer; None for no limit.
    here
        Work in this process, one task after another: what hangs or dies takes it along.
    remember
        Keep what reading clips shows for the next start.
    engine
        Where tasks run, as a person writes it.
    resources
        What cells of some classifiers need, where it is not what these say: "cnn[memory=8GB]".
    imports
        Modules that show what comes of it: imported while cells are run, for nobody waits then.
    """

    results: Path
    gallery: Gallery
    jobs: int
    skip_bad: bool = False
    fail_fast: bool = False
    fresh: bool = False
    timeout_s: float | None = None
    max_calls: int | None = None
    here: bool = False
    remember: bool = True
    engine: str = "local"
    resources: Sequence[str] = ()
    imports: Sequence[str] = ()

    def __post_init__(self) -> None:
        # A plugin may change the current folder.
        gallery = dataclasses.replace(self.gallery, folder=self.gallery.folder.absolute())
        object.__setattr__(self, "gallery", gallery)

    @property
    def scratch(self) -> Path:
        """Where temporary files of a start lie: beside the pictures, where there is room."""
        return self.gallery.folder.parent / "scratch"


@dataclass(frozen=True, slots=True)
class Session:
    """One start of a run: how it runs, who does the work, and who hears of it.

    Parameters
    ----------
    hook
        Calls the event hooks of plugins: ``hook.harness_cell_finished(record=record)``.
    services
        Workers of this machine, which holds the ledgers of services; `workers` if left out.
    """

    options: Options
    workers: Workers
    observer: Observer
    hook: Any = None
    services: Workers | None = None

    def begin(self, tasks: Sequence[object], workers: Workers | None = None) -> None:
        """Start workers where there is anything for them to do, and say so."""
        chosen = workers or self.workers
        if tasks and not chosen.started:
            self.observer.stage("starting worker processes", None)
            chosen.start()

    @property
    def elsewhere(self) -> bool:
        """Say whether the work is done on other machines, which may be lost."""
        return self.services is not None and self.services is not self.workers
