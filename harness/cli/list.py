"""``sightbench list``: the plugins that can be chosen."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.panels import WHERE
from harness.cli.progress import busy


class Shown(StrEnum):
    """What can be listed."""

    DATASETS = "datasets"
    REPRESENTATIONS = "representations"
    IMPROVEMENTS = "improvements"
    CLASSIFIERS = "classifiers"
    PLUGINS = "plugins"


class Format(StrEnum):
    """How it is written."""

    TABLE = "table"
    JSON = "json"


def command(
    what: Annotated[
        Shown | None,
        typer.Argument(help="Only these; all plugins if left out.", show_default=False),
    ] = None,
    plugin: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", rich_help_panel=WHERE, help="Load this plugin file too."),
    ] = None,
    format: Annotated[Format, typer.Option(help="For people or for programs.")] = Format.TABLE,
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
    shown = [what.value] if what else list(listing.KINDS)
    if format is Format.JSON:
        terminal.write_json(listing.as_json(plugins, shown))
    else:
        listing.print_tables(plugins, shown)
