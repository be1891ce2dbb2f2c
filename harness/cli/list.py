"""``sightbench list``: the plugins that can be chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.choices import one_of
from harness.cli.formats import TableOrJson
from harness.cli.panels import WHERE
from harness.cli.progress import busy
from harness.sources.kinds import KINDS

SHOWN = (*(f"{kind}s" for kind in KINDS), "plugins")
"""What can be listed."""


def command(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[WHAT]",
            callback=one_of(SHOWN),
            help=f"Only {', '.join(SHOWN[:-1])} or {SHOWN[-1]}; all if left out.",
            show_default=False,
        ),
    ] = None,
    plugin: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", rich_help_panel=WHERE, help="Load this plugin file too."),
    ] = None,
    format: Annotated[
        TableOrJson, typer.Option(help="For people or for programs.")
    ] = TableOrJson.table,
) -> None:
    """Show the plugins that can be chosen, with their parameters.

    Each with its parameters and their defaults, where it comes from, and why it cannot be used
    here if it cannot. A plugin is chosen by name, its parameters in brackets:
    sightbench run -r "mel[n_mels=32,64]+noise-removed"
    """
    from harness.cli import listing, terminal
    from harness.registry.discovery import load

    with busy("loading plugins"):
        plugins = load(plugin or [])
    shown = [what] if what else list(SHOWN)
    if format is TableOrJson.json:
        terminal.write_json(listing.as_json(plugins, shown))
    else:
        listing.print_tables(plugins, shown)
