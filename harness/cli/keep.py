"""``sightbench keep``: a cell of a run, or an ensemble, trained and written to one file."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import Cache, ClipsOfRun, Jobs, PathOption, PluginFiles, Results
from harness.cli.completion import complete_cells
from harness.cli.formats import ChooseBy, ChosenBy
from harness.cli.judging import Gap, Shortest
from harness.cli.panels import EVENTS
from harness.cli.progress import progress

if TYPE_CHECKING:
    from harness.applying.wishes import Wish


def command(
    cell: Annotated[
        str | None,
        typer.Argument(
            metavar="[CELL]",
            autocompletion=complete_cells,
            show_default=False,
            help="A cell, 'mel/pca-svm', or 'average(mel/pca-svm, mel/hog-svm)'; the one chosen "
            "inside training if left out.",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write.")
    ] = Path("detector.sight"),
    run: ClipsOfRun = None,
    training_side: Annotated[
        bool,
        typer.Option(
            "--training-side",
            help="Learn from the training side of the split alone, as the benchmark did, so that "
            "held-out recordings can be listened to.",
        ),
    ] = False,
    ensemble: Annotated[
        bool,
        typer.Option(
            "--ensemble",
            help="Keep the ensemble that is chosen inside training: its members, "
            "and their weights.",
        ),
    ] = False,
    background: Annotated[
        str | None,
        typer.Option(
            "--background",
            metavar="CLASS",
            show_default="the dataset's",
            help="The class that stands for nothing; '' for none.",
        ),
    ] = None,
    choose_by: ChosenBy = ChooseBy.accuracy,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="PROMISE",
            show_default="the most probable class",
            rich_help_panel=EVENTS,
            help="Choose thresholds inside training for precision=0.9, recall=0.8 or "
            "false-alarms-per-hour=2.",
        ),
    ] = None,
    gap: Gap = 0.0,
    shortest: Shortest = 1,
    path: PathOption = None,
    jobs: Jobs = None,
    results: Results = choices.DEFAULT_RESULTS,
    cache: Cache = None,
    plugin: PluginFiles = None,
) -> None:
    """Train a cell of a run, or an ensemble, on all of its clips and write it to one file.

    The file holds how to draw, what was learnt as arrays and plain values, the figures and the
    split behind it, and a self-test of a few clips. `sightbench inspect` shows it, `sightbench
    apply` puts it to work.
    """  # fmt: skip
    from harness.cli.places import expect_place, writing

    expect_place(output, "--output")
    with progress() as observer:
        observer.stage("loading plugins", None)
        from harness.analysis.thresholds import Promise
        from harness.applying.bundle import write_bundle
        from harness.applying.keeping import keep
        from harness.measuring.environment import processors
        from harness.running.options import Options, Session
        from harness.running.workers import open_workers
        from harness.statistics.events import Joining

        plugins = choices.load_plugins(plugin)
        wish = _wish(_named(cell, ensemble), run, results, choose_by)
        wish = dataclasses.replace(
            wish,
            training_side=training_side,
            background=background,
            promise=None if at is None else Promise.parse(at),
            joining=Joining(gap, shortest),
            path=path,
        )
        gallery = choices.open_gallery(cache)
        options = Options(results, gallery, jobs or processors(), skip_bad=True)
        with open_workers(options.jobs, options.scratch) as workers:
            bundle = keep(wish, plugins, Session(options, workers, observer, plugins.hook))
        with writing(output, "--output"):
            write_bundle(output, bundle)
    size = output.stat().st_size / 1e6
    terminal.remark(
        f"{bundle.detector.title}: {size:.1f} MB, {bundle.detector.trained.clips:,} clips learnt"
    )
    terminal.write(str(output))


def _named(cell: str | None, ensemble: bool) -> str | None:
    if ensemble and cell is not None:
        raise typer.BadParameter("--ensemble: a cell is named, too. Leave one of them away.")
    return "ensemble" if ensemble else cell


def _wish(cell: str | None, run: str | None, results: Path, choose_by: ChooseBy) -> Wish:
    """Find the cell that was named, or the one that is chosen."""
    from harness.analysis.cell_names import find_row
    from harness.analysis.choice import Criterion
    from harness.analysis.ensembles import MixedRun, with_named
    from harness.analysis.summary import summarise
    from harness.applying.wishes import Wish
    from harness.errors import PlanError
    from harness.planning.ways import ENSEMBLE
    from harness.results.store import everything, find_run

    found = find_run(results, run)
    if cell is None:
        summary = summarise(found, Criterion(choose_by.value))
        if summary.choice is None:
            raise PlanError(f"{found.name} has no cell to choose: name one, 'mel/pca-svm'.")
        side = "inside training" if summary.choice.side == "cv" else "by looking at the holdout"
        chosen = f"by {choose_by.value}, {side}, of {len(summary.compared)} cells"
        return Wish(found, summary.choice.row, chosen)
    greedy = cell.strip() == ENSEMBLE
    mixed = with_named(found if greedy else everything(found), [cell])
    row = find_row(summarise(mixed).rows, cell, found.name)
    if row.status != "ok":
        raise PlanError(f"{row.title} is {row.status} in {found.name}: {row.reason}")
    how = "greedily, inside training, as is what each member counts"
    return Wish(
        mixed if isinstance(mixed, MixedRun) else found,
        row,
        how if greedy else "named by a person",
    )
