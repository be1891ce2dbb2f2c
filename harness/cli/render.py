"""``sightbench render``: pictures of chosen clips, to look at."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import (
    DatasetOption,
    PathOption,
    PlanFile,
    PluginFiles,
    Representations,
    Size,
)
from harness.cli.panels import WHAT, WHERE
from harness.cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.contracts import Dataset
    from harness.errors import BadClips
    from harness.values import Entry


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
        typer.Option(
            "--clip",
            metavar="ID",
            show_default=False,
            rich_help_panel=WHAT,
            help="A clip, by id. Repeat for more.",
        ),
    ] = None,
    count: Annotated[
        int,
        typer.Option(
            "--count",
            metavar="N",
            min=1,
            rich_help_panel=WHAT,
            help="How many clips, if none is named.",
        ),
    ] = 6,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FOLDER", rich_help_panel=WHERE, help="Folder to write to."
        ),
    ] = Path("pictures"),
    kind: Annotated[Kind, typer.Option("--kind", help="Format of the pictures.")] = Kind.png,
    size: Size = None,
    plugin: PluginFiles = None,
) -> None:
    """Write pictures of a few clips, and a contact sheet with one row a representation."""
    from harness.cli.places import expect_folder, writing
    from harness.clips.collection import list_entries
    from harness.errors import PlanError
    from harness.registry.resolution import resolve
    from harness.reporting.sheets import clips as contact_sheet
    from harness.values import Missing

    expect_folder(output, "--output")
    flags = {
        "representations": representations,
        "dataset": dataset,
        "path": path,
        "picture_height": size,
        "picture_width": size,
    }
    with progress() as observer:
        observer.stage("loading plugins", None)
        plugins = choices.load_plugins(plugin)
        resolved = resolve(choices.plan_from(plugins, plan, flags), plugins)
        observer.stage("listing clips", None)
        entries = list_entries(resolved.dataset)
        chosen = _choose(resolved.dataset, entries, count, clips or ())
        drawings = {c: d for c, d in resolved.drawings.items() if not isinstance(d, Missing)}
        if not drawings:
            raise PlanError("None of the representations can be drawn here: see `sightbench list`.")
        observer.stage("drawing pictures", None)
        drawn = contact_sheet.draw_clips(resolved.dataset, chosen, drawings)
        with writing(output, "--output"):
            written = contact_sheet.write_pictures(output, chosen, drawn, kind.value)
    terminal.write(f"{len(written)} pictures and contact-sheet.png in {output}")


def _choose(
    dataset: Dataset, entries: Sequence[Entry], count: int, clips: Sequence[str]
) -> list[Entry]:
    """Choose clips by id, else of those that can be listed; each must be readable."""
    from harness.clips.blocks import ReadingTask, read_block
    from harness.errors import DatasetError
    from harness.reporting.sheets.clips import choose

    ids = {entry.id for entry in entries}
    missing = sorted(set(clips) - ids)
    if missing:
        raise DatasetError(
            f"{dataset.name} has no clip {', '.join(missing)}; the first one that it has is "
            f"{entries[0].id}."
        )
    listed = [entry for entry in entries if entry.fault is None or entry.id in clips]
    if not listed:
        raise _unusable(dataset, [(each, each.fault) for each in entries])
    chosen = choose(listed, count, clips)
    faults = [(each, each.fault) for each in chosen if each.fault]
    sound = [each for each in chosen if not each.fault]
    readings = zip(sound, read_block(ReadingTask(dataset, sound)), strict=True)
    faults += [(each, reading.fault) for each, reading in readings if reading.fault]
    if faults:
        raise _unusable(dataset, faults)
    return chosen


FAULTS_SHOWN = 3


def _unusable(dataset: Dataset, faults: Sequence[tuple[Entry, str | None]]) -> BadClips:
    from harness.errors import BadClips
    from harness.values import Fault

    found = [Fault(entry.where or entry.id, str(why)) for entry, why in faults]
    lines = [f"\n  {each.where}: {each.why}" for each in found[:FAULTS_SHOWN]]
    more = len(found) - FAULTS_SHOWN
    return BadClips(
        f"{len(found)} clips of {dataset.name} that were to be drawn cannot be used:"
        f"{''.join(lines)}{f' and {more} more' if more > 0 else ''}\n"
        "Check the dataset's path, or choose others: --clip.",
        found,
    )
