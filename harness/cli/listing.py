"""What plugins there are, as tables and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from harness.cli import terminal
from harness.planning.parameters import Parameter
from harness.registry.catalogue import Listed
from harness.registry.discovery import Plugins
from harness.sources.kinds import KINDS
from harness.sources.places import Origin
from harness.strangers.text import printable

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.table import Table
    from rich.text import Text

_KINDS = {f"{kind}s": kind for kind in KINDS}
"""What can be shown, and the kind of plugin that it stands for."""


def as_json(plugins: Plugins, shown: Iterable[str]) -> str:
    """Return the plugins as JSON, ``{"schema": 1, "representations": [...], ...}``."""
    document: dict[str, Any] = {"schema": 1}
    for title in shown:
        if title == "plugins":
            document[title] = [_source(plugins, origin) for origin in plugins.sources]
        else:
            listed = plugins.catalogue.listed(_KINDS[title])
            document[title] = [dataclasses.asdict(each) for each in listed]
    return json.dumps(document, indent=2, default=str)


def print_tables(plugins: Plugins, shown: Sequence[str], console: Console | None = None) -> None:
    """Print one table for each thing to show."""
    console = console or terminal.console()
    for title in shown:
        rows = _source_rows(plugins) if title == "plugins" else _rows(plugins, title)
        console.print(_table(title, rows))
    if "plugins" not in shown:
        for absent in plugins.catalogue.absent:
            console.print(
                f"Not listed, for it {printable(absent.reason)}: {printable(absent.origin.short)}, "
                f"{printable(absent.origin.entry)}"
            )


def _rows(plugins: Plugins, title: str) -> Iterable[tuple[Text, Group]]:
    from rich.console import Group
    from rich.text import Text

    for each in plugins.catalogue.listed(_KINDS[title]):
        lines: list[Text | Table] = [Text(printable(each.summary))]
        if each.parameters:
            lines.append(_parameter_grid(each))
        if each.open_parameters:
            lines.append(Text("any other parameter is passed on", style="cyan"))
        if each.looks_at not in (None, "pictures"):
            lines.append(Text(f"looks at {each.looks_at}, not at pictures", style="cyan"))
        if each.unavailable:
            lines.append(Text(printable(f"unavailable: {each.unavailable}"), style="yellow"))
        yield _named(each.name, each.origin), Group(*lines, "")


def _parameter_grid(each: Listed) -> Table:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold", max_width=_PARAMETER_COLUMNS)
    grid.add_column(overflow="fold")
    for parameter in each.parameters:
        grid.add_row(
            Text(printable(str(parameter)), style="cyan"), Text(printable(_remark(parameter)))
        )
    return grid


_NAME_COLUMNS, _PARAMETER_COLUMNS = 20, 26


def _named(name: str, origin: Origin) -> Text:
    from rich.text import Text

    return Text(printable(name), style="bold").append(
        "\n" + printable(origin.short), style="not bold dim"
    )


def _remark(parameter: Parameter) -> str:
    choices = f"({', '.join(parameter.choices)})" if parameter.choices else ""
    return " ".join(part for part in (parameter.help, choices) if part)


def _source(plugins: Plugins, origin: Origin) -> dict[str, Any]:
    reasons = {absent.origin: absent.reason for absent in plugins.catalogue.absent}
    given = {
        kind: [each.name for each in plugins.catalogue.listed(kind) if each.origin == origin]
        for kind in KINDS
    }
    return {
        **dataclasses.asdict(origin),
        "gives": {kind: names for kind, names in given.items() if names},
        "unavailable": reasons.get(origin),
    }


def _source_rows(plugins: Plugins) -> Iterable[tuple[Text, Group]]:
    from rich.console import Group
    from rich.text import Text

    for origin in plugins.sources:
        source = _source(plugins, origin)
        given = [f"{kind} {', '.join(names)}" for kind, names in source["gives"].items()]
        reason = source["unavailable"]
        what = f"unavailable: {reason}" if reason else "; ".join(given) or "hooks of a run"
        where = Text(printable(origin.file or origin.module), style="dim")
        told = Text(printable(what), style="yellow" if reason else "")
        yield _named(origin.entry, origin), Group(told, where)


def _table(title: str, rows: Iterable[tuple[Text, Group]]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(
        title=title,
        box=box.SIMPLE_HEAD,
        show_header=False,
        title_justify="left",
        title_style="bold underline",
        pad_edge=False,
    )
    table.add_column(overflow="fold", max_width=_NAME_COLUMNS)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
