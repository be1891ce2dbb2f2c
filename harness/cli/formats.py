"""How verbs print what a run says."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import terminal
from harness.cli.progress import busy

if TYPE_CHECKING:
    from harness.results.store import Run


class Formats(StrEnum):
    """What `--format` takes."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"
    latex = "latex"


Format = Annotated[Formats, typer.Option("--format", help="How to print the comparison.")]


def print_run(run: Run, format: Formats) -> None:
    """Print the comparison of a run on stdout."""
    with busy("working out the statistics"):
        from harness.analysis.summary import summarise

        summary = summarise(run)
    if format is Formats.table:
        from harness.reporting.tables.summary import print_summary

        print_summary(summary, terminal.console())
        return
    from harness.reporting.exports.summary import EXPORTS

    text = EXPORTS[format.value](summary)
    if format is Formats.json:
        terminal.write_json(text)
    else:
        terminal.write(text, end="")
