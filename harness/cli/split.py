"""``sightbench split``: make, show and verify splits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli import choices, terminal
from harness.cli.choices import (
    DatasetOption,
    Folds,
    Jobs,
    PathOption,
    PlanFile,
    PluginFiles,
    SkipBad,
    SplitOption,
)
from harness.cli.pages import Verb, VerbGroup

if TYPE_CHECKING:
    from harness.clips.collection import Collection
    from harness.clips.splits import Split

app = typer.Typer(cls=VerbGroup, no_args_is_help=True, help="Make, show and verify splits.")


@app.command(cls=Verb)
def make(
    output: Annotated[Path, typer.Argument(metavar="FILE.json", help="Where to write it.")],
    plan: Annotated[Path | None, typer.Option("--plan", help="A TOML file with choices.")] = None,
    dataset: DatasetOption = None,
    path: PathOption = None,
    split: SplitOption = None,
    folds: Folds = None,
    skip_bad: SkipBad = False,
    jobs: Jobs = None,
    plugin: PluginFiles = None,
) -> None:
    """Make a split and write it to a file, for this machine and others."""
    from harness.cli.places import expect_place, writing
    from harness.cli.splitting import print_split
    from harness.errors import SplitError
    from harness.files.whole import write_whole

    expect_place(output, "another FILE.json")
    if output.exists():
        raise SplitError(f"{output} exists; a saved split is never changed. Give another name.")
    if output.suffix != ".json":
        raise SplitError(f"{output}: the name of a saved split ends in .json.")
    flags = {"dataset": dataset, "path": path, "split": split, "folds": folds}
    made, collection = _collected(plan, flags, skip_bad, jobs, plugin)
    with writing(output, "another FILE.json"):
        write_whole(output, made.written())
    print_split(made, collection)
    terminal.write(f"written to {output}")


@app.command(cls=Verb)
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help="A saved split.")],
) -> None:
    """Show a saved split."""
    from harness.cli.splitting import print_split
    from harness.clips.splits import read_split

    print_split(read_split(file), None)


@app.command(cls=Verb)
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help="A saved split.")],
    plan: PlanFile = None,
    dataset: DatasetOption = None,
    path: PathOption = None,
    skip_bad: SkipBad = False,
    jobs: Jobs = None,
    plugin: PluginFiles = None,
) -> None:
    """Check that a saved split fits the data: same clips, same samples, nothing on both sides."""
    from harness.cli.splitting import print_split

    flags = {"dataset": dataset, "path": path, "split": str(file)}
    made, collection = _collected(plan, flags, skip_bad, jobs, plugin)
    print_split(made, collection)
    terminal.write(f"{file} fits {collection.dataset.name}")


def _collected(
    plan: Path | None,
    flags: dict[str, Any],
    skip_bad: bool,
    jobs: int | None,
    plugin: list[Path] | None,
) -> tuple[Split, Collection]:
    """Read the clips and make, or read and verify, the split."""
    from harness.cli.progress import progress
    from harness.errors import SplitError
    from harness.measuring.environment import processors
    from harness.registry.resolution import resolve
    from harness.running.options import Options, Session
    from harness.running.preparation import make_splits
    from harness.running.reading import collect_clips
    from harness.running.workers import open_workers

    with progress() as observer:
        observer.stage("loading plugins", None)
        plugins = choices.load_plugins(plugin)
        resolved = resolve(choices.plan_from(plugins, plan, flags), plugins)
        gallery = choices.open_gallery(None)
        options = Options(choices.DEFAULT_RESULTS, gallery, jobs or processors(), skip_bad=skip_bad)
        with open_workers(options.jobs) as workers:
            observer.stage("listing clips", None)
            collection = collect_clips(resolved.dataset, Session(options, workers, observer))
        observer.stage("making the split", None)
        splits = make_splits(resolved.plan, collection)
    if splits[0].each_once and len(splits) > 1:
        raise SplitError(f"{splits[0].kind} makes {len(splits)} splits; a saved one is one split.")
    return splits[0], collection
