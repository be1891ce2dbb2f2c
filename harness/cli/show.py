"""``sightbench show``: the comparison of a finished run."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import Results, RunName
from harness.cli.formats import Format, Formats, print_run
from harness.cli.progress import busy


def command(
    run: RunName = None,
    details: Annotated[
        bool,
        typer.Option("--details", help="Add F1, calibration and the figures of each class."),
    ] = False,
    format: Format = Formats.table,
    results: Results = choices.DEFAULT_RESULTS,
) -> None:
    """Print the comparison of a run: the newest, or the one named."""
    from harness.results.store import find_run

    found = find_run(results, run)
    print_run(found, format)
    if details and format is Formats.table:
        from harness.analysis.summary import summarise
        from harness.reporting.tables.details import print_details

        with busy("working out the details"):
            summary = summarise(found)
        print_details(summary, terminal.console())
