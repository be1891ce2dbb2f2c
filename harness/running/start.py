"""From choices to records: what the command line and the Python API both do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import PlanError
from harness.files.places import cache_folder
from harness.pictures.gallery import DEFAULT_LIMIT_BYTES, Gallery
from harness.planning.plan import Plan, make_plan, read_toml, with_path
from harness.registry.discovery import Plugins
from harness.registry.guessing import as_flag, guess_dataset
from harness.registry.resolution import resolve
from harness.running.options import Observer, Options
from harness.running.reading import collect_drawn
from harness.running.session import working

if TYPE_CHECKING:
    from harness.results.record import Record
    from harness.results.store import Run
    from harness.running.preparation import Ready

PLAN_SUFFIX = ".toml"


def plan_from(
    plugins: Plugins,
    given: Path | None,
    chosen: Mapping[str, Any],
    tell: Callable[[str], None] = lambda line: None,
) -> Plan:
    """Make a plan: what is chosen, else what a file says, else the default choices.

    Parameters
    ----------
    given
        A plan, a .toml file; or recordings, whose dataset is guessed.
    tell
        Hears what was guessed, and how to write it out.
    chosen
        By the keys of a plan, and ``path``, the dataset's; what is None or empty is not chosen.

    Raises
    ------
    SpecError, PlanError
        As `make_plan`.
    DatasetError
        What is given is neither a plan nor recordings that a dataset knows.
    """
    choices = {name: value for name, value in chosen.items() if value not in (None, [], ())}
    written: dict[str, Any] = {}
    if given is not None and given.suffix.casefold() == PLAN_SUFFIX:
        written = read_toml(given)
    elif given is not None:
        _refuse_two(given, choices)
        written = {"dataset": _guessed(plugins, given, tell)}
    path = choices.pop("path", None)
    defaults = dict(plugins.hook.harness_default_choices() or {})
    plan = make_plan({**defaults, **written, **choices}, plugins.catalogue.is_improvement)
    return plan if path is None else with_path(plan, path)


def _guessed(plugins: Plugins, given: Path, tell: Callable[[str], None]) -> str:
    spec = guess_dataset(plugins.catalogue, given)
    tell(f"{given} is read as {spec.name}. Written out: {as_flag(spec)}")
    return str(spec)


def _refuse_two(given: Path, choices: Mapping[str, Any]) -> None:
    for name in ("dataset", "path"):
        if name in choices:
            raise PlanError(
                f"{str(given)!r} and --{name} {choices[name]} both say what the clips are: give "
                "one of them."
            )


def open_gallery(cache: Path | None) -> Gallery:
    """Return the gallery of drawn pictures; that of the user's cache folder if left out.

    Raises
    ------
    PlanError
        SIGHTBENCH_CACHE_LIMIT_GB is no number.
    """
    limit = os.environ.get("SIGHTBENCH_CACHE_LIMIT_GB", "")
    try:
        size = int(float(limit) * 2**30) if limit else DEFAULT_LIMIT_BYTES
    except ValueError:
        raise PlanError(
            f"SIGHTBENCH_CACHE_LIMIT_GB={limit!r} is not a number of gigabytes."
        ) from None
    return Gallery(cache_folder(cache) / "pictures", size)


def run(
    plan: Plan,
    plugins: Plugins,
    options: Options,
    observer: Observer,
    interrupted: Callable[[str], None] | None = None,
) -> tuple[Run, list[Record]]:
    """Run a plan; return what it asked for, and the records of this start.

    Parameters
    ----------
    interrupted
        Hears how far it was when Ctrl-C came; the observer if left out.

    Raises
    ------
    SightbenchError
        The choices or the data do not fit; nothing was started.
    """
    resolved = resolve(plan, plugins)
    ready: Ready | None = None
    try:
        with working(plugins, options, observer, resolved) as session:
            collection = collect_drawn(resolved, session)
            # Imported while clips were read: nothing of it is needed before.
            from harness.running.cells import run_cells, unfinished
            from harness.running.drawing import draw
            from harness.running.preparation import prepare

            ready = prepare(resolved, session, collection)
            observer.tell(f"results in {ready.run.folder}")
            for line in _one_sided(ready):
                observer.tell(line)
            todo = unfinished(ready, options.fresh)
            albums = draw(ready, session, todo)
            session.workers.renew()  # the memory that drawing took stays else
            return ready.run, list(run_cells(ready, albums, session, todo))
    except KeyboardInterrupt:
        (interrupted or observer.tell)(_how_far(ready))
        raise


def _how_far(ready: Ready | None) -> str:
    if ready is None:
        return "stopped before any cell; the same command goes on"
    done = sum(record.status == "ok" for record in ready.run.records())
    return f"{done} of {len(ready.run.cells)} cells; the same command goes on"


def _one_sided(ready: Ready) -> Iterator[str]:
    """Say before the work which classes are on one side of the split alone."""
    from harness.results.clips import SplitAbout

    about = SplitAbout.of(ready.splits, ready.collection.labels)
    for side, names in (("holdout", about.never_learnt), ("training side", about.never_asked)):
        if names:
            yield f"on the {side} only: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}"
