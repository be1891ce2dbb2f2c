"""``sightbench runs``: what has been run, how to be rid of it, and results of other machines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import Results
from harness.cli.completion import complete_runs
from harness.cli.formats import TableOrJson
from harness.cli.pages import Verb, VerbGroup
from harness.cli.progress import busy

app = typer.Typer(
    cls=VerbGroup,
    invoke_without_command=True,
    help="List runs; remove one; merge those of another machine.",
)


@app.callback()
def command(
    context: typer.Context,
    format: Annotated[
        TableOrJson, typer.Option("--format", help="How to list them.")
    ] = TableOrJson.table,
    results: Results = choices.DEFAULT_RESULTS,
) -> None:
    """List runs, the newest last: when, clips, split, cells done of planned, the best.

    The best is chosen by cross-validation inside training where there is one.
    """
    if context.invoked_subcommand is not None:
        context.obj = results
        return
    from harness.cli.listed_runs import as_json, lines

    with busy("reading results"):
        from harness.results.store import list_runs

        runs = list_runs(results)
        text = as_json(runs) if format is TableOrJson.json else "\n".join(lines(runs, results))
    if format is TableOrJson.json:
        terminal.write_json(text)
    else:
        terminal.write(text)


@app.command(cls=Verb)
def remove(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A run, as `sightbench runs` names it.",
            autocompletion=complete_runs,
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    results: Annotated[Path | None, choices.RESULTS_OF_VERB] = None,
) -> None:
    """Remove a run and its cells; cells that another run asked for stay."""
    from harness.errors import StoreError

    place = results or context.obj
    with busy("reading results"):
        from harness.results import keeping
        from harness.results.store import list_runs

        found = [run for run in list_runs(place) if run.name == name]
        if len(found) != 1:
            raise StoreError(f"No run in {place} is called {name!r}. `sightbench runs` lists them.")
        removal = keeping.plan_removal(found[0])
    shared = f" ({removal.shared} that other runs asked for stay)" if removal.shared else ""
    if not yes and not terminal.confirm(f"Remove {name}, {len(removal.folders)} cells{shared}?"):
        raise typer.Exit(1)
    keeping.remove(removal)
    terminal.write(f"removed {name}, {len(removal.folders)} cells{shared}")


@app.command(cls=Verb)
def merge(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A results folder of another machine.")
    ],
    results: Annotated[Path | None, choices.RESULTS_OF_VERB] = None,
) -> None:
    """Take over runs and cells from another machine's results folder, which stays as it is.

    Only what reads back soundly is taken. The exit status is 1 if anything was refused.
    """
    with busy("merging results"):
        from harness.results import keeping

        merged = keeping.merge(results or context.obj, folder)
    for line in merged.refused:
        terminal.complain(f"refused: {line}")
    known = f", {merged.known} known already" if merged.known else ""
    terminal.write(f"{len(merged.runs)} runs and {merged.cells} cells merged{known}")
    for name in merged.runs:
        terminal.write(f"  {name}")
    raise typer.Exit(int(bool(merged.refused)))
