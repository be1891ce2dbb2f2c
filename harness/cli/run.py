"""``sightbench run``: the comparison, from clips to tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import (
    Cache,
    Classifiers,
    DatasetOption,
    EngineOption,
    Experiment,
    Folds,
    Jobs,
    Note,
    PathOption,
    PlanFile,
    PluginFiles,
    Representations,
    ResourcesOption,
    Results,
    Size,
    SkipBad,
    SplitOption,
    WithEnsemble,
)
from harness.cli.forecasting import print_forecast
from harness.cli.formats import (
    SHOWN_WITH,
    ChooseBy,
    ChosenBy,
    Format,
    Formats,
    mixed,
    print_run,
)
from harness.cli.judging import Asked, At, Judge, JudgeBy, print_events
from harness.cli.panels import HOW, SERVICES, WHAT
from harness.cli.progress import busy, progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.pictures.gallery import Gallery
    from harness.planning.plan import Plan
    from harness.registry.discovery import Plugins
    from harness.results.record import Record
    from harness.results.store import Run
    from harness.running.forecast import Forecast
    from harness.running.options import Observer, Options


def command(
    plan: PlanFile = None,
    representations: Representations = None,
    classifiers: Classifiers = None,
    dataset: DatasetOption = None,
    path: PathOption = None,
    split: SplitOption = None,
    folds: Folds = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            min=0,
            show_default="0",
            rich_help_panel=WHAT,
            help="Seeds the classifiers.",
        ),
    ] = None,
    splits: Annotated[
        int | None,
        typer.Option(
            "--splits",
            metavar="N",
            min=1,
            show_default="1",
            rich_help_panel=WHAT,
            help="Repeat on so many splits.",
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            "--seeds",
            metavar="N",
            min=1,
            show_default="1",
            rich_help_panel=WHAT,
            help="Repeat with so many seeds.",
        ),
    ] = None,
    train_sizes: Annotated[
        str | None,
        typer.Option(
            "--train-sizes",
            metavar="250,500,...",
            rich_help_panel=WHAT,
            help="Draw a learning curve.",
        ),
    ] = None,
    size: Size = None,
    note: Note = None,
    experiment: Experiment = None,
    skip_bad: SkipBad = False,
    fail_fast: Annotated[
        bool,
        typer.Option("--fail-fast", rich_help_panel=HOW, help="Stop at the first cell that fails."),
    ] = False,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", rich_help_panel=HOW, help="Run all again, and draw all pictures anew."
        ),
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            metavar="SECONDS",
            min=0.001,
            rich_help_panel=HOW,
            help="Stop a cell that takes longer.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            rich_help_panel=HOW,
            help="Start nothing; say what would be run, and what a service would cost.",
        ),
    ] = False,
    price: Annotated[
        float | None,
        typer.Option(
            "--price-per-1000-invokes",
            metavar="PRICE",
            min=0.0,
            rich_help_panel=SERVICES,
            help="What a service charges, for --dry-run.",
        ),
    ] = None,
    max_calls: Annotated[
        int | None,
        typer.Option(
            "--max-calls",
            metavar="N",
            min=0,
            rich_help_panel=SERVICES,
            help="Never more calls of a service than this, a cell.",
        ),
    ] = None,
    jobs: Jobs = None,
    engine: EngineOption = "local",
    resources: ResourcesOption = None,
    results: Results = choices.DEFAULT_RESULTS,
    cache: Cache = None,
    plugin: PluginFiles = None,
    ensemble: WithEnsemble = False,
    choose_by: ChosenBy = ChooseBy.accuracy,
    judge: Judge = JudgeBy.clips,
    at: At = None,
    format: Format = Formats.table,
) -> None:
    """Compare representations and classifiers on one dataset.

    Without choices: the embedded clips, five representations, every local classifier. The same
    command goes on where it was stopped, and shows at once what is finished.
    """  # fmt: skip
    flags = {
        "representations": representations,
        "classifiers": classifiers,
        "dataset": dataset,
        "path": path,
        "split": split,
        "folds": folds,
        "seed": seed,
        "splits": splits,
        "seeds": seeds,
        "train_sizes": choices.sizes(train_sizes),
        "picture_height": size,
        "picture_width": size,
        "note": note,
        "experiment": experiment,
    }
    asked = Asked(judge, at)
    asked.check()
    default_choices = not (plan or representations or classifiers)
    from harness.files.places import cache_folder
    from harness.running.server import getting_ready, import_numbers

    with getting_ready(cache_folder(cache), engine, default_choices), progress() as observer:
        observer.stage("loading plugins", None)
        import_numbers()
        gallery = choices.open_gallery(cache)
        options = _options(
            results, gallery, jobs, skip_bad=skip_bad, fail_fast=fail_fast, fresh=fresh,
            timeout_s=timeout, max_calls=max_calls, engine=engine, resources=tuple(resources or ()),
            imports=SHOWN_WITH,
            remember=not dry_run or gallery.folder.parent.exists(),  # a dry run leaves no folder
        )  # fmt: skip
        plugins = choices.load_plugins(plugin)
        chosen = choices.plan_from(plugins, plan, flags)
        if ensemble:
            _expect_folds(chosen)
        if dry_run:
            foreseen = _foresee(chosen, plugins, options, observer)
        else:
            run, records = _run(chosen, plugins, options, observer)
    if dry_run:
        print_forecast(foreseen, price)
        return
    with busy("averaging predictions"):
        run = mixed(run, ensemble)
    if asked.events:
        print_events(run, asked, format)
    else:
        print_run(run, format, choose_by)
    raise typer.Exit(_exit_status(records))


def _expect_folds(plan: Plan) -> None:
    """Refuse an ensemble that nothing could choose, before anything runs."""
    from harness.errors import PlanError

    if plan.folds == 0:
        raise PlanError(
            "--ensemble chooses by cross-validated predictions, and with folds 0 there are none: "
            "give --folds 5, or leave --ensemble out."
        )


def _options(
    results: Path,
    gallery: Gallery,
    jobs: int | None,
    **others: bool | float | str | Sequence[str] | None,
) -> Options:
    from harness.cli.places import expect_folder
    from harness.measuring.environment import processors
    from harness.running.options import Options

    expect_folder(results, "--results")
    expect_folder(gallery.folder, "--cache")
    return Options(results, gallery, jobs or processors(), **others)  # type: ignore[arg-type]


def _run(
    plan: Plan, plugins: Plugins, options: Options, observer: Observer
) -> tuple[Run, list[Record]]:
    from harness.running.start import run

    return run(plan, plugins, options, observer, terminal.complain)


def _foresee(plan: Plan, plugins: Plugins, options: Options, observer: Observer) -> Forecast:
    from harness.registry.resolution import resolve
    from harness.running.forecast import forecast
    from harness.running.options import Session
    from harness.running.preparation import survey
    from harness.running.workers import open_workers

    resolved = resolve(plan, plugins)
    with open_workers(options.jobs) as workers:
        session = Session(options, workers, observer, plugins.hook)
        return forecast(survey(resolved, session), session)


def _exit_status(records: list[Record]) -> int:
    """0 where every cell of this start ran or was skipped, 1 where one failed or is partial."""
    return int(any(record.status in ("failed", "partial") for record in records))
