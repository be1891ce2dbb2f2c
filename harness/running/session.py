"""A session is opened: the engine that was asked for, and workers of this machine for services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

from harness.contracts import Crew, Engine, LocalClassifier, Plugin, Workplace
from harness.errors import PlanError
from harness.pictures.stacks import plugins_of
from harness.planning.specs import parse_specs
from harness.registry.catalogue import Catalogue
from harness.registry.discovery import Plugins
from harness.registry.resolution import Resolved
from harness.running.ahead import slow_imports
from harness.running.greeting import greeter
from harness.running.needs import most_needed
from harness.running.opening import Opening
from harness.running.options import Observer, Options, Session
from harness.running.processes import open_processes
from harness.running.server import PRELOADED, USUAL, end_server, server_process, start_server
from harness.running.workers import Workers, work_here
from harness.sources.files import local_sources
from harness.values import Missing, Resources


@contextmanager
def working(
    plugins: Plugins, options: Options, observer: Observer, resolved: Resolved | None = None
) -> Iterator[Session]:
    """Open the workers that a start asks for.

    Parameters
    ----------
    resolved
        What workers of other machines are asked to have; an engine of this machine needs none.

    Raises
    ------
    SightbenchError
        The engine cannot be opened, or the resources that are asked for fit no classifier.
    """
    needs = Resources() if resolved is None else most_needed(resolved, options.resources)
    if options.here:
        with work_here() as workers:
            yield Session(options, workers, observer, plugins.hook)
        return
    engine = make_engine(plugins.catalogue, options.engine)
    with ExitStack() as stack:
        workplace = stack.enter_context(_workplace(resolved, options, observer, needs))
        modules = _imported(resolved)
        opening = stack.enter_context(Opening(engine, workplace))

        def preparing() -> None:
            if engine.elsewhere:
                opening.begin()
                return
            before = server_process()

            def unprepare() -> None:
                if not workers.started and server_process() != before:  # others may use theirs
                    end_server()

            stack.callback(unprepare)
            start_server(modules)

        def opened() -> Crew:
            if not engine.elsewhere:
                preparing()
            return opening.crew()

        workers = Workers(opened, preparing)
        home = Workers(lambda: stack.enter_context(open_processes(1, options.scratch)))
        services = home if engine.elsewhere else workers
        yield Session(options, workers, observer, plugins.hook, services)


def _imported(resolved: Resolved | None) -> tuple[str, ...]:
    """Name what processes of this machine should have imported when they start."""
    if resolved is None:
        return USUAL
    return (*PRELOADED, *slow_imports(_plugins_of(resolved)))


def make_engine(catalogue: Catalogue, written: str) -> Engine:
    """Make the engine that a person wrote.

    Raises
    ------
    SightbenchError
        There is none of that name, or it cannot be used here.
    """
    specs = parse_specs(written)
    if len(specs) > 1:
        raise PlanError(f"--engine {written}: a run has one engine; give each parameter one value.")
    return cast(Engine, catalogue.build("engine", specs[0]))


@contextmanager
def _workplace(
    resolved: Resolved | None, options: Options, observer: Observer, needs: Resources
) -> Iterator[Workplace]:
    if resolved is None:
        yield Workplace(options.jobs, options.scratch, Path.cwd(), tell=observer.tell)
        return
    homes = (
        ("results", options.results, "--results"),
        ("drawn pictures", options.gallery.folder, "--cache"),
    )
    with greeter(resolved.dataset, _plugins_of(resolved), homes, observer.tell) as greets:
        yield Workplace(
            jobs=options.jobs,
            scratch=options.scratch,
            folder=Path.cwd(),
            sources=_sources(resolved),
            greeting=greets.parcel,
            judge=greets.judge,
            tell=observer.tell,
            needs=needs,
        )


def _plugins_of(resolved: Resolved) -> list[Plugin]:
    """Return what workers are sent, but for the dataset; services stay here."""
    found: list[Plugin] = []
    for drawing in resolved.drawings.values():
        found += [] if isinstance(drawing, Missing) else plugins_of(drawing)
    found += [each for each in resolved.classifiers.values() if isinstance(each, LocalClassifier)]
    return list(dict.fromkeys(found))


def _sources(resolved: Resolved) -> Mapping[str, bytes]:
    """Return the plugin files that tasks name."""
    used = {type(each).__module__ for each in (resolved.dataset, *_plugins_of(resolved))}
    return local_sources(sorted(used))
