"""``sightbench compare``: which differences between two runs, or two cells, are real."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import ClipsOfRun, Results
from harness.cli.completion import complete_compared
from harness.cli.formats import mixed
from harness.cli.progress import busy

if TYPE_CHECKING:
    from harness.analysis.comparison import Comparison
    from harness.analysis.ranking import Ranking


class Output(StrEnum):
    """What `--format` takes."""

    table = "table"
    json = "json"
    markdown = "markdown"


def command(
    things: Annotated[
        list[str],
        typer.Argument(
            metavar="FIRST SECOND",
            show_default=False,
            autocompletion=complete_compared,
            help="Two runs (folder, name, or part of it), or two cells: "
            "'mel/pca-svm' 'noise-removed/pca-svm'; several cells averaged, "
            "'average(mel/pca-svm, mel/hog-svm)'; 'ensemble'.",
        ),
    ],
    run: ClipsOfRun = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show what did not change, too.")
    ] = False,
    ranks: Annotated[
        bool,
        typer.Option("--ranks", help="Rank cells over two or more runs on different datasets."),
    ] = False,
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="Of runs: with the ensemble of each, as in show.")
    ] = False,
    fail: Annotated[
        bool,
        typer.Option(
            "--fail-on-regression",
            help="End with status 1 if something is worse: accuracy, a cell that no longer runs, "
            "a repeated time that grew beyond doubt.",
        ),
    ] = False,
    format: Annotated[Output, typer.Option("--format", help="How to print it.")] = Output.table,
    results: Results = choices.DEFAULT_RESULTS,
) -> None:
    """Say what changed from a first run or cell to a second, in accuracy and in time.

    Clips are compared one by one, so both must have the same data and splits.
    """  # fmt: skip
    if ranks:
        with busy("working out the statistics"):
            ranking = _rank(results, things, ensemble)
        _print_ranking(ranking, format)
        return
    with busy("working out the statistics"):
        comparison = _compare(results, things, run, ensemble)
    _print(comparison, everything, format)
    if fail and comparison.regressions:
        raise typer.Exit(1)


def _compare(results: Path, things: list[str], written: str | None, ensemble: bool) -> Comparison:
    from harness.analysis.cell_names import find_row, names_cells
    from harness.analysis.comparison import compare_cells, compare_runs
    from harness.analysis.ensembles import with_named
    from harness.analysis.summary import summarise
    from harness.errors import PlanError
    from harness.results.store import everything, find_run

    if len(things) != 2:
        raise PlanError(f"compare takes two runs or two cells, got {len(things)} (--ranks: more).")
    if written is not None or names_cells(things, results):
        summary = summarise(with_named(everything(find_run(results, written)), things))
        first, second = (find_row(summary.rows, thing, summary.run.name) for thing in things)
        return compare_cells(summary, first, second)
    runs = [mixed(find_run(results, thing), ensemble) for thing in things]
    if runs[0].name == runs[1].name:
        raise PlanError(f"{runs[0].name} is compared with itself: name two runs.")
    return compare_runs(summarise(runs[0]), summarise(runs[1]))


def _rank(results: Path, things: list[str], ensemble: bool) -> Ranking:
    from harness.analysis.ranking import rank_runs
    from harness.analysis.summary import summarise
    from harness.results.store import find_run

    return rank_runs([summarise(mixed(find_run(results, thing), ensemble)) for thing in things])


def _print(comparison: Comparison, everything: bool, format: Output) -> None:
    if format is Output.table:
        from harness.reporting.tables.comparison import print_comparison

        print_comparison(comparison, everything, terminal.console())
        return
    from harness.reporting.exports import comparison as exports

    if format is Output.json:
        terminal.write_json(exports.comparison_json(comparison, everything))
    else:
        terminal.write(exports.comparison_markdown(comparison, everything), end="")


def _print_ranking(ranking: Ranking, format: Output) -> None:
    if format is Output.table:
        from harness.reporting.tables.comparison import print_ranking

        print_ranking(ranking, terminal.console())
        return
    from harness.reporting.exports import comparison as exports

    if format is Output.json:
        terminal.write_json(exports.ranking_json(ranking))
    else:
        terminal.write(exports.ranking_markdown(ranking), end="")
