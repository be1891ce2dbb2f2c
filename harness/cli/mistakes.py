"""``sightbench mistakes``: the clips that a cell gets wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import Cache, ClipsOfRun, PathOption, PluginFiles, Results, SplitNumber
from harness.cli.completion import complete_cells
from harness.cli.formats import ChooseBy, ChosenBy, TableOrJson
from harness.cli.progress import busy

if TYPE_CHECKING:
    from harness.analysis.mistakes import Mistakes
    from harness.results.store import Run


def command(
    cell: Annotated[
        str | None,
        typer.Argument(
            autocompletion=complete_cells,
            help="A cell, 'mel/pca-svm', 'average(mel/pca-svm, mel/hog-svm)', 'ensemble'; the "
            "chosen one if left out.",
        ),
    ] = None,
    run: ClipsOfRun = None,
    count: Annotated[int, typer.Option("--list", min=0, help="How many clips to list.")] = 10,
    split: SplitNumber = 0,
    choose_by: ChosenBy = ChooseBy.accuracy,
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            metavar="FOLDER",
            show_default=False,
            help="Write the pictures of the listed clips, with axes, and a contact sheet.",
        ),
    ] = None,
    format: Annotated[
        TableOrJson, typer.Option("--format", help="How to print it; JSON has every clip.")
    ] = TableOrJson.table,
    path: PathOption = None,
    results: Results = choices.DEFAULT_RESULTS,
    cache: Cache = None,
    plugin: PluginFiles = None,
) -> None:
    """List the holdout clips that a cell gets wrong, the surest mistakes first."""
    from harness.cli.places import expect_folder

    if pictures is not None:
        expect_folder(pictures, "--pictures")
    with busy("working out the statistics"):
        from harness.results.store import everything, find_run

        found = find_run(results, run)
        wrong = _find(everything(found) if cell else found, cell, split, choose_by)
    _print(wrong, count, format)
    if pictures is not None:
        with busy("drawing pictures"):
            from harness.analysis.redrawing import Redrawing
            from harness.reporting.sheets.mistakes import write_pictures

            plugins = choices.load_plugins(plugin)
            source = Redrawing(wrong.run, plugins, choices.open_gallery(cache), path)
            written = write_pictures(pictures, wrong, count, source)
        sheet = " and contact-sheet.png" if written else ""
        terminal.remark(f"{len(written)} pictures{sheet} in {pictures}")


def _find(run: Run, cell: str | None, split: int, choose_by: ChooseBy) -> Mistakes:
    from harness.analysis.cell_names import find_row
    from harness.analysis.choice import Criterion
    from harness.analysis.ensembles import with_named
    from harness.analysis.mistakes import find_mistakes
    from harness.analysis.summary import summarise
    from harness.errors import StoreError

    run = run if cell is None else with_named(run, [cell])
    summary = summarise(run, Criterion(choose_by.value))
    if cell is not None:
        return find_mistakes(run, find_row(summary.rows, cell, run.name), split)
    if summary.choice is None:
        raise StoreError(f"{run.name} has no choice, as no cell has a whole result: name a cell.")
    return find_mistakes(run, summary.choice.row, split)


def _print(found: Mistakes, count: int, format: TableOrJson) -> None:
    if format is TableOrJson.json:
        from harness.files.documents import written
        from harness.reporting.exports.mistakes import to_json

        terminal.write_json(written(to_json(found)))
        return
    from harness.reporting.tables.mistakes import print_mistakes

    print_mistakes(found, count, terminal.console())
