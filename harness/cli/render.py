"""``sightbench render``: pictures of chosen clips, to look at."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import choices
from harness.cli.choices import (
    DatasetOption,
    PathOption,
    PlanFile,
    PluginFiles,
    Representations,
    Size,
)


class Kind(StrEnum):
    """What `--kind` takes."""

    png = "png"
    jpeg = "jpeg"


def command(
    plan: PlanFile = None,
    representations: Representations = None,
    dataset: DatasetOption = None,
    path: PathOption = None,
    clips: Annotated[
        list[str] | None,
        typer.Option("--clip", metavar="ID", show_default=False, help="A clip, by id. Repeatable."),
    ] = None,
    count: Annotated[
        int, typer.Option("--count", min=1, help="How many clips, if none is named.")
    ] = 6,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write to.")] = Path(
        "pictures"
    ),
    kind: Annotated[Kind, typer.Option("--kind", help="Format of the pictures.")] = Kind.png,
    size: Size = None,
    plugin: PluginFiles = None,
) -> None:
    """Write pictures of a few clips, and a contact sheet with one row a representation."""
    from harness.errors import DatasetError
    from harness.registry.resolution import resolve
    from harness.reporting.sheets import clips as contact_sheet
    from harness.values import Missing

    plugins = choices.load_plugins(plugin)
    flags = {
        "representations": representations,
        "dataset": dataset,
        "path": path,
        "picture_height": size,
        "picture_width": size,
    }
    resolved = resolve(choices.plan_from(plugins, plan, flags), plugins)
    entries = [entry for entry in resolved.dataset.entries() if entry.fault is None]
    missing = sorted(set(clips or ()) - {entry.id for entry in entries})
    if missing:
        raise DatasetError(
            f"{resolved.plan.dataset.name} has no clip {', '.join(missing)}; "
            f"the first one that it has is {entries[0].id}."
        )
    chosen = contact_sheet.choose(entries, count, clips or ())
    drawings = {c: d for c, d in resolved.drawings.items() if not isinstance(d, Missing)}
    drawn = contact_sheet.draw_clips(resolved.dataset, chosen, drawings)
    written = contact_sheet.write_pictures(output, chosen, drawn, kind.value)
    contact_sheet.write_sheet(output / "contact-sheet.png", chosen, drawn)
    typer.echo(f"{len(written)} pictures and contact-sheet.png in {output}")
