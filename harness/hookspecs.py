"""The hooks that a plugin module may implement, in the order in which a run calls them.

Most modules need none: the line ``plugins = [MyFilter]`` offers their classes. A module that
listens to a run, or whose classes are known only when somebody asks, marks functions with
`hookimpl`::

    from harness import hookimpl

    @hookimpl
    def harness_cell_finished(record):
        print(record)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from harness.contracts import (
        Dataset,
        Engine,
        Improvement,
        LocalClassifier,
        RemoteClassifier,
        Representation,
    )
    from harness.planning.plan import Cell
    from harness.results.record import Record

PROJECT = "harness"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec(firstresult=True)
def harness_default_choices() -> Mapping[str, Any] | None:
    """Return the choices of a plan that hold where a person made none."""


@hookspec
def harness_datasets() -> Iterable[type[Dataset]]:  # type: ignore[empty-body]
    """Return the dataset classes of this module; ``plugins = [...]`` says the same."""


@hookspec
def harness_representations() -> Iterable[type[Representation]]:  # type: ignore[empty-body]
    """Return the representation classes of this module; ``plugins = [...]`` says the same."""


@hookspec
def harness_improvements() -> Iterable[type[Improvement]]:  # type: ignore[empty-body]
    """Return the improvement classes of this module; ``plugins = [...]`` says the same."""


@hookspec
def harness_classifiers() -> Iterable[type[LocalClassifier | RemoteClassifier]]:  # type: ignore[empty-body]
    """Return the classifier classes of this module; ``plugins = [...]`` says the same."""


@hookspec
def harness_engines() -> Iterable[type[Engine]]:  # type: ignore[empty-body]
    """Return the engine classes of this module; ``plugins = [...]`` says the same."""


@hookspec
def harness_cell_started(cell: Cell) -> None:
    """Hear that a cell is about to run."""


@hookspec
def harness_cell_finished(record: Record) -> None:
    """Hear what came of a cell: ok, failed or skipped."""
