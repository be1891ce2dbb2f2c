"""``sightbench check``: whether a plugin keeps its contract."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.formats import TableOrJson
from harness.cli.panels import HOW, WHERE
from harness.cli.progress import progress

if TYPE_CHECKING:
    from harness.conformance import Outcome
    from harness.contracts import Plugin
    from harness.registry.discovery import Plugins


Targets = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE|NAME...", help="A plugin file, or the name of a plugin.", show_default=False
    ),
]
PluginFiles = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", rich_help_panel=WHERE, help="Load this plugin file too."),
]
Outputs = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=WHERE,
        help="Stored outputs to compare with.",
        show_default="FILE.outputs.json beside a plugin file",
    ),
]
Store = Annotated[
    bool,
    typer.Option(
        "--store", rich_help_panel=HOW, help="Store the outputs of now, for later checks."
    ),
]


def command(
    targets: Targets,
    plugin: PluginFiles = None,
    outputs: Outputs = None,
    store: Store = False,
    all: Annotated[bool, typer.Option("--all", help="Show what passed, too.")] = False,
    format: Annotated[
        TableOrJson, typer.Option(help="For people or for programs.")
    ] = TableOrJson.table,
) -> None:
    """Check whether a plugin keeps its contract.

    Each check is small and named; the exit status is 1 if any fails. A parameter that is
    required stands in brackets: sightbench check "labelled-folder[path=clips.zip]"
    """
    from harness.cli import checking, terminal
    from harness.cli.places import writing
    from harness.conformance import Subject, examine, store_output
    from harness.registry.discovery import load

    files = [Path(each) for each in targets if each.endswith(".py")]
    with progress() as observer:
        observer.stage("loading plugins", None)
        plugins = load([*(plugin or []), *files])
        chosen = [each for target in targets for each in _chosen(plugins, target)]
        places = [outputs or _outputs_beside(plugins, each) for each in chosen]
        observer.stage("checking", len(chosen))
        outcomes: list[Outcome] = []
        for each, place in zip(chosen, places, strict=True):
            observer.busy([f"{each.kind} {each.name}"])
            if store and each.kind in ("representation", "improvement"):
                with writing(place or Path(), "--outputs"):
                    store_output(Subject(each, place))
            outcomes += examine(each, place)
            observer.advance()
    if format is TableOrJson.json:
        terminal.write_json(checking.as_json(outcomes))
    else:
        checking.print_table(outcomes, everything=all)
    raise typer.Exit(int(any(each.status == "fail" for each in outcomes)))


def _chosen(plugins: Plugins, target: str) -> Iterable[Plugin]:
    """Make the plugins of a file, or the one of a written name."""
    from harness.contracts import PLUGIN_KINDS
    from harness.errors import UnknownName
    from harness.planning.specs import Spec, parse_specs

    catalogue = plugins.catalogue
    if target.endswith(".py"):
        file = str(Path(target).expanduser().resolve())
        for kind in PLUGIN_KINDS:
            for listed in catalogue.listed(kind):
                if listed.origin.file == file:
                    yield catalogue.build(kind, Spec(listed.name), available=False)
        return
    for spec in parse_specs(target):
        kinds = [kind for kind in PLUGIN_KINDS if spec.name in catalogue.names(kind)]
        if not kinds:
            names = [name for kind in PLUGIN_KINDS for name in catalogue.names(kind)]
            raise UnknownName(
                f"No plugin is called {spec.name!r}. There are: {', '.join(sorted(names))}."
            )
        for kind in kinds:
            yield catalogue.build(kind, spec, available=False)


def _outputs_beside(plugins: Plugins, plugin: Plugin) -> Path | None:
    file = plugins.catalogue.origin(type(plugin)).file
    return Path(file).with_suffix(".outputs.json") if file else None
