"""``sightbench export-pictures``: the pictures of a split, for other tools."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import (
    Cache,
    DatasetOption,
    Folds,
    Jobs,
    PathOption,
    PlanFile,
    PluginFiles,
    Representations,
    Size,
    SkipBad,
    SplitOption,
)
from harness.cli.panels import HOW


class Kind(StrEnum):
    """What `--kind` takes."""

    png = "png"
    jpeg = "jpeg"


def command(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", show_default=False, help="A new folder to write.")
    ],
    plan: PlanFile = None,
    representations: Representations = None,
    dataset: DatasetOption = None,
    path: PathOption = None,
    split: SplitOption = None,
    folds: Folds = None,
    size: Size = None,
    kind: Annotated[
        Kind,
        typer.Option(
            "--kind", rich_help_panel=HOW, help="Format of the pictures; PNG loses nothing."
        ),
    ] = Kind.png,
    skip_bad: SkipBad = False,
    jobs: Jobs = None,
    cache: Cache = None,
    plugin: PluginFiles = None,
) -> None:
    """Write the pictures of a split into train/LABEL and holdout/LABEL, and a manifest.csv.

    What another tool says of the holdout comes back into the table by the classifier `answers`.
    """
    from harness.cli.places import expect_place
    from harness.cli.progress import progress
    from harness.measuring.environment import processors
    from harness.registry.resolution import resolve
    from harness.running.exporting import MANIFEST, export
    from harness.running.options import Options, Session
    from harness.running.workers import open_workers

    expect_place(folder, "another folder")
    flags = {
        "representations": representations,
        "dataset": dataset,
        "path": path,
        "split": split,
        "folds": folds,
        "picture_height": size,
        "picture_width": size,
    }
    gallery = choices.open_gallery(cache)
    options = Options(choices.DEFAULT_RESULTS, gallery, jobs or processors(), skip_bad=skip_bad)
    with progress() as observer:
        observer.stage("loading plugins", None)
        plugins = choices.load_plugins(plugin)
        resolved = resolve(choices.plan_from(plugins, plan, flags), plugins)
        with open_workers(options.jobs, options.scratch) as workers:
            session = Session(options, workers, observer, plugins.hook)
            written = export(resolved, folder, kind.value, session)
    for label, name in written.folders.items():
        if label != name:
            terminal.remark(f"the folder of {label!r} is called {name}")
    terminal.write(
        f"{written.train} pictures in {folder / 'train'}, {written.holdout} in "
        f"{folder / 'holdout'}; {folder / MANIFEST} lists them"
    )
