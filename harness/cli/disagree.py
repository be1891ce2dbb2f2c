"""``sightbench disagree``: the clips that two cells judge differently."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import Cache, ClipsOfRun, PathOption, PluginFiles, Results, SplitNumber
from harness.cli.completion import complete_cells
from harness.cli.formats import TableOrJson
from harness.cli.progress import busy

if TYPE_CHECKING:
    from harness.analysis.disagreement import Disagreement


def command(
    first: Annotated[
        str,
        typer.Argument(
            autocompletion=complete_cells,
            help="A cell: 'mel/pca-svm', 'average(mel/pca-svm, mel/hog-svm)', 'ensemble'.",
            show_default=False,
        ),
    ],
    second: Annotated[
        str,
        typer.Argument(
            autocompletion=complete_cells,
            help="Another: 'noise-removed/pca-svm'.",
            show_default=False,
        ),
    ],
    run: ClipsOfRun = None,
    count: Annotated[
        int, typer.Option("--list", min=0, help="How many clips of each kind to list.")
    ] = 5,
    split: SplitNumber = 0,
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            metavar="FOLDER",
            show_default=False,
            help="Write the pictures of the listed clips side by side, the first cell's left.",
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
    """List the holdout clips that only one of two cells, or neither, got right.

    Both may be of any command on the same clips and split. The surest mistakes come first.
    """  # fmt: skip
    from harness.cli.places import expect_folder

    if pictures is not None:
        expect_folder(pictures, "--pictures")
    with busy("working out the statistics"):
        from harness.analysis.cell_names import find_row
        from harness.analysis.disagreement import find_disagreement
        from harness.analysis.ensembles import with_named
        from harness.analysis.summary import summarise
        from harness.results.store import everything, find_run

        summary = summarise(with_named(everything(find_run(results, run)), (first, second)))
        one, other = (find_row(summary.rows, each, summary.run.name) for each in (first, second))
        found = find_disagreement(summary.run, one, other, split)
    _print(found, count, format)
    if pictures is not None:
        from harness.analysis.redrawing import Redrawing
        from harness.reporting.sheets.disagreement import write_pictures

        with busy("drawing pictures"):
            plugins = choices.load_plugins(plugin)
            source = Redrawing(summary.run, plugins, choices.open_gallery(cache), path)
            written = write_pictures(pictures, found, count, source)
        terminal.remark(f"{len(written)} pictures and contact-sheet.png in {pictures}")


def _print(found: Disagreement, count: int, format: TableOrJson) -> None:
    if format is TableOrJson.json:
        from harness.files.documents import written
        from harness.reporting.exports.disagreement import to_json

        terminal.write_json(written(to_json(found)))
        return
    from harness.reporting.tables.disagreement import print_disagreement

    print_disagreement(found, count, terminal.console())
