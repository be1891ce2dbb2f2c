"""How verbs print what a run says."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import terminal
from harness.cli.progress import busy

if TYPE_CHECKING:
    from rich.console import Console

    from harness.analysis.summary import Summary
    from harness.results.store import Run


TABLES = ("rich.console", "rich.table")
SHOWN_WITH = (
    *TABLES,
    "harness.analysis.summary",
    "harness.reporting.tables.glance",
    "harness.reporting.tables.summary",
)
"""What `print_run` imports for tables: a run may do so before, while it waits for cells."""


class Formats(StrEnum):
    """What `--format` takes."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"
    latex = "latex"


class TableOrJson(StrEnum):
    """What `--format` takes of verbs that print neither CSV nor documents."""

    table = "table"
    json = "json"


class ChooseBy(StrEnum):
    """What `--choose-by` takes; `harness.analysis.choice.Criterion` is the same, slow to import."""

    accuracy = "accuracy"
    balanced = "balanced-accuracy"
    area = "auc"
    log_loss = "log-loss"


Format = Annotated[Formats, typer.Option("--format", help="How to print the comparison.")]
ChosenBy = Annotated[
    ChooseBy,
    typer.Option("--choose-by", help="The figure, cross-validated, that the best is chosen by."),
]


def mixed(run: Run, ensemble: bool, averages: Sequence[str] = ()) -> Run:
    """Add the rows that average cells, where any are asked for."""
    if not ensemble and not averages:
        return run
    from harness.analysis.ensembles import with_ensembles

    return with_ensembles(run, chosen=ensemble, named=averages)


def print_run(
    run: Run,
    format: Formats,
    choose_by: ChooseBy = ChooseBy.accuracy,
    parts: Sequence[str] = (),
    all_rows: bool = False,
) -> None:
    """Print what a run says on stdout: at a glance, or in parts.

    Parameters
    ----------
    parts
        Of a table: "ranked", "gains", "curves", "costs", "details"; none for the glance.
    all_rows
        Show the whole grid, however many screens it takes.
    """
    with busy("working out the statistics"):
        from harness.analysis.choice import Criterion
        from harness.analysis.summary import summarise

        summary = summarise(run, Criterion(choose_by.value))
    if format is Formats.table:
        _print_table(summary, parts, all_rows, terminal.console())
        return
    from harness.reporting.exports.summary import EXPORTS

    text = EXPORTS[format.value](summary)
    if format is Formats.json:
        terminal.write_json(text)
    else:
        terminal.write(text, end="")


def _print_table(summary: Summary, parts: Sequence[str], all_rows: bool, console: Console) -> None:
    from harness.reporting.tables.details import print_details
    from harness.reporting.tables.glance import print_glance
    from harness.reporting.tables.summary import PARTS

    if not parts or all_rows:
        print_glance(summary, console, all_rows=all_rows)
    for name in parts:
        (PARTS.get(name) or print_details)(summary, console)
