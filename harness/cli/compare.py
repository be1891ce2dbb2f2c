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
from harness.cli.judging import Asked, At, Gap, Judge, JudgeBy, Longest, Shortest
from harness.cli.progress import busy

if TYPE_CHECKING:
    from harness.analysis.comparison import Comparison
    from harness.analysis.contrasts import Contrast
    from harness.analysis.ranking import Ranking
    from harness.analysis.rows import Row
    from harness.analysis.summary import Summary


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
    judge: Judge = JudgeBy.clips,
    at: At = None,
    gap: Gap = 0.0,
    shortest: Shortest = 1,
    longest: Longest = None,
    format: Annotated[Output, typer.Option("--format", help="How to print it.")] = Output.table,
    results: Results = choices.DEFAULT_RESULTS,
) -> None:
    """Say what changed from a first run or cell to a second, in accuracy and in time.

    Clips are compared one by one, so both must have the same data and splits. Windows of
    recordings are compared as the field judges by --judge events.
    """  # fmt: skip
    asked = Asked(judge, at, gap, shortest, longest)
    if asked.events:
        found = _contrast(results, things, run, ensemble, asked, ranks)
        _print_contrast(found, everything, format)
        if fail and found.regressions:
            raise typer.Exit(1)
        return
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


Sides = tuple["Summary", "Summary", tuple["Row", "Row"] | None]
"""Two runs; or the same one twice, with two of its cells."""


def _sides(results: Path, things: list[str], written: str | None, ensemble: bool) -> Sides:
    from harness.analysis.cell_names import find_row, names_cells
    from harness.analysis.ensembles import with_named
    from harness.analysis.summary import summarise
    from harness.errors import PlanError
    from harness.results.store import everything, find_run

    if len(things) != 2:
        raise PlanError(f"compare takes two runs or two cells, got {len(things)} (--ranks: more).")
    if written is not None or names_cells(things, results):
        summary = summarise(with_named(everything(find_run(results, written)), things))
        first, second = (find_row(summary.rows, thing, summary.run.name) for thing in things)
        return summary, summary, (first, second)
    runs = [mixed(find_run(results, thing), ensemble) for thing in things]
    if runs[0].name == runs[1].name:
        raise PlanError(f"{runs[0].name} is compared with itself: name two runs.")
    return summarise(runs[0]), summarise(runs[1]), None


def _compare(results: Path, things: list[str], written: str | None, ensemble: bool) -> Comparison:
    from harness.analysis.comparison import compare_cells, compare_runs

    first, second, cells = _sides(results, things, written, ensemble)
    return compare_cells(first, *cells) if cells else compare_runs(first, second)


def _contrast(
    results: Path, things: list[str], written: str | None, ensemble: bool, asked: Asked, ranks: bool
) -> Contrast:
    from harness.analysis.contrasts import contrast_cells, contrast_runs
    from harness.errors import PlanError

    if ranks:
        raise PlanError("--ranks ranks by accuracy on clips: leave out --judge events and --at.")
    asking = asked.asking()
    with busy("judging by events"):
        first, second, cells = _sides(results, things, written, ensemble)
        if cells:
            return contrast_cells(first, *cells, asking)
        return contrast_runs(first, second, asking)


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


def _print_contrast(found: Contrast, everything: bool, format: Output) -> None:
    if format is Output.table:
        from harness.reporting.tables.comparison import print_contrast

        print_contrast(found, everything, terminal.console())
        return
    from harness.reporting.exports import contrasts as exports

    if format is Output.json:
        terminal.write_json(exports.contrast_json(found))
    else:
        terminal.write(exports.contrast_markdown(found, everything), end="")


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
