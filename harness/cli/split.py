"""``sightbench split``: make, show and verify splits."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli import choices
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

if TYPE_CHECKING:
    from harness.clips.collection import Collection
    from harness.clips.splits import Split

app = typer.Typer(no_args_is_help=True, help="Make, show and verify splits.")


@app.command()
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
    from harness.errors import SplitError
    from harness.files.documents import written
    from harness.files.whole import write_whole

    if output.exists():
        raise SplitError(f"{output} exists; a saved split is never changed. Give another name.")
    if output.suffix != ".json":
        raise SplitError(f"{output}: the name of a saved split ends in .json.")
    flags = {"dataset": dataset, "path": path, "split": split, "folds": folds}
    made, collection = _collected(plan, flags, skip_bad, jobs, plugin)
    write_whole(output, written(made.to_json()))
    _print(made, collection)
    typer.echo(f"written to {output}")


@app.command()
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help="A saved split.")],
) -> None:
    """Show a saved split."""
    from harness.clips.splits import read_split

    _print(read_split(file), None)


@app.command()
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
    flags = {"dataset": dataset, "path": path, "split": str(file)}
    made, collection = _collected(plan, flags, skip_bad, jobs, plugin)
    _print(made, collection)
    typer.echo(f"{file} fits {collection.dataset.name}")


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
    from harness.running.preparation import collect_clips, make_splits
    from harness.running.workers import open_workers

    plugins = choices.load_plugins(plugin)
    resolved = resolve(choices.plan_from(plugins, plan, flags), plugins)
    gallery = choices.open_gallery(None)
    options = Options(choices.DEFAULT_RESULTS, gallery, jobs or processors(), skip_bad=skip_bad)
    with progress() as observer, open_workers(options.jobs) as workers:
        collection = collect_clips(resolved.dataset, Session(options, workers, observer))
    splits = make_splits(resolved.plan, collection)
    if splits[0].each_once and len(splits) > 1:
        raise SplitError(f"{splits[0].kind} makes {len(splits)} splits; a saved one is one split.")
    return splits[0], collection


def _print(split: Split, collection: Collection | None) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(split.kind, style="bold"))
    table = Table(box=None, pad_edge=False)
    labels = collection.labels if collection else {}
    classes = collection.classes if collection else ()
    for name in ("", "clips", *classes):
        table.add_column(Text(name), justify="right" if name else "left")
    sides = [("training", split.train), ("holdout", split.holdout)]
    for fold in range(split.fold_count):
        ids = tuple(i for i, held in zip(split.train, split.folds, strict=True) if held == fold)
        sides.append((f"  fold {fold}", ids))
    for name, ids in sides:
        counts = Counter(labels[each] for each in ids) if labels else Counter()
        table.add_row(name, str(len(ids)), *(str(counts[each]) for each in classes))
    console.print(table)
    if split.units:
        units = sorted(set(split.units.values()))
        shown = ", ".join(units[:12]) + (" …" if len(units) > 12 else "")
        console.print(Text(f"held out: {len(units)} groups or blocks ({shown})"))
    if split.dropped:
        why = "copies of holdout clips, or overlapping them"
        console.print(Text(f"{split.dropped} training clips left out: {why}"))
    for remark in split.remarks:
        console.print(Text(remark))
    console.print(Text(f"digest {split.digest()}"))
