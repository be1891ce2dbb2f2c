"""``sightbench run``: the comparison, from clips to tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import choices
from harness.cli.choices import (
    Cache,
    Classifiers,
    DatasetOption,
    Folds,
    Jobs,
    PathOption,
    PlanFile,
    PluginFiles,
    Representations,
    Results,
    Size,
    SkipBad,
    SplitOption,
)
from harness.cli.formats import Format, Formats, print_run

if TYPE_CHECKING:
    from harness.planning.plan import Plan
    from harness.registry.discovery import Plugins
    from harness.results.record import Record
    from harness.results.store import Run
    from harness.running.options import Options


def command(
    plan: PlanFile = None,
    representations: Representations = None,
    classifiers: Classifiers = None,
    dataset: DatasetOption = None,
    path: PathOption = None,
    split: SplitOption = None,
    folds: Folds = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, show_default="0", help="Seeds the classifiers.")
    ] = None,
    splits: Annotated[
        int | None,
        typer.Option("--splits", min=1, show_default="1", help="Repeat on so many splits."),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", min=1, show_default="1", help="Repeat with so many seeds."),
    ] = None,
    train_sizes: Annotated[
        str | None,
        typer.Option("--train-sizes", metavar="250,500,…", help="Draw a learning curve."),
    ] = None,
    size: Size = None,
    note: Annotated[
        str | None, typer.Option("--note", help="A remark that every table repeats.")
    ] = None,
    experiment: Annotated[
        str | None, typer.Option("--experiment", help="Names the folder of the results.")
    ] = None,
    skip_bad: SkipBad = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first cell that fails.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Run again what has been run already.")
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", min=0.001, help="Stop a cell that takes longer (seconds)."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would be run, and what a service would cost."),
    ] = False,
    price: Annotated[
        float | None,
        typer.Option(
            "--price-per-1000-invokes", min=0.0, help="What a service charges, for --dry-run."
        ),
    ] = None,
    max_calls: Annotated[
        int | None,
        typer.Option("--max-calls", min=0, help="Never more calls of a service than this, a cell."),
    ] = None,
    jobs: Jobs = None,
    results: Results = choices.DEFAULT_RESULTS,
    cache: Cache = None,
    plugin: PluginFiles = None,
    format: Format = Formats.table,
) -> None:
    """Compare representations and classifiers on one dataset.

    Without choices: the embedded clips, five representations, every local classifier. The same
    command goes on where it was stopped, and shows at once what is finished.
    """
    from harness.measuring.environment import processors
    from harness.running.options import Options

    plugins = choices.load_plugins(plugin)
    chosen = choices.plan_from(
        plugins,
        plan,
        {
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
        },
    )
    options = Options(
        results=results,
        gallery=choices.open_gallery(cache),
        jobs=jobs or processors(),
        skip_bad=skip_bad,
        fail_fast=fail_fast,
        fresh=fresh,
        timeout_s=timeout,
        max_calls=max_calls,
    )
    if dry_run:
        _rehearse(chosen, plugins, options, price)
        return
    run, records = _run(chosen, plugins, options)
    print_run(run, format)
    raise typer.Exit(_exit_status(records))


def _run(plan: Plan, plugins: Plugins, options: Options) -> tuple[Run, list[Record]]:
    from harness.cli.progress import progress
    from harness.running.start import run

    with progress() as observer:
        return run(plan, plugins, options, observer)


def _rehearse(plan: Plan, plugins: Plugins, options: Options, price: float | None) -> None:
    from rich.console import Console

    from harness.cli.progress import progress
    from harness.registry.resolution import resolve
    from harness.reporting.tables.estimates import print_estimates
    from harness.running.cells import estimate
    from harness.running.drawing import draw
    from harness.running.options import Session
    from harness.running.preparation import prepare
    from harness.running.workers import open_workers

    resolved = resolve(plan, plugins)
    with progress() as observer, open_workers(options.jobs, options.scratch) as workers:
        session = Session(options, workers, observer, plugins.hook)
        ready = prepare(resolved, session)
        albums = draw(ready, session)
    print_estimates(ready.resolved.plan, estimate(ready, albums), price, Console(highlight=False))


def _exit_status(records: list[Record]) -> int:
    """0 where every cell of this start ran or was skipped, 1 where one failed or is partial."""
    return int(any(record.status in ("failed", "partial") for record in records))
