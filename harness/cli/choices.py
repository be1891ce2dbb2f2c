"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.completion import (
    complete_classifiers,
    complete_datasets,
    complete_representations,
)

if TYPE_CHECKING:
    from harness.pictures.gallery import Gallery
    from harness.planning.plan import Plan
    from harness.registry.discovery import Plugins

Representations = Annotated[
    list[str] | None,
    typer.Option(
        "-r", "--representation", metavar="WAY", show_default=False,
        autocompletion=complete_representations,
        help="A way to draw: 'mel[n_mels=32,64]', 'spectrogram+noise-removed'. Repeat for more.",
    ),
]  # fmt: skip
Classifiers = Annotated[
    list[str] | None,
    typer.Option(
        "-c", "--classifier", metavar="NAME", show_default=False,
        autocompletion=complete_classifiers,
        help="A classifier: 'pca-svm[components=30]'. Repeat for more.",
    ),
]  # fmt: skip
DatasetOption = Annotated[
    str | None,
    typer.Option(
        "-d", "--dataset", metavar="DATASET", show_default=False,
        autocompletion=complete_datasets,
        help="Labelled clips: \"labelled-folder[path=clips.zip,label='{label}_{index}']\".",
    ),
]  # fmt: skip
PathOption = Annotated[
    str | None,
    typer.Option("--path", help="The dataset's path, instead of path= in its brackets."),
]
SplitOption = Annotated[
    str | None,
    typer.Option(
        "--split", metavar="KIND|FILE", show_default=False,
        help="stratified, grouped, blocked, given or blog, with parameters: "
        "'blocked[block=1000,train=1400,holdout=800]'; or a saved split (.json).",
    ),
]  # fmt: skip
Folds = Annotated[
    int | None,
    typer.Option("--folds", help="Folds inside training; 0 for none.", show_default="5"),
]
PluginFiles = Annotated[
    list[Path] | None,
    typer.Option("--plugin", metavar="FILE", show_default=False, help="Load a plugin file, too."),
]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Go on without clips that cannot be used.")
]
Results = Annotated[
    Path, typer.Option("--results", envvar="SIGHTBENCH_RESULTS", help="Where runs are kept.")
]
Cache = Annotated[
    Path | None,
    typer.Option(
        "--cache", envvar="SIGHTBENCH_CACHE", show_default="the user's cache folder",
        help="Where drawn pictures are kept.",
    ),
]  # fmt: skip
Jobs = Annotated[
    int | None,
    typer.Option("-j", "--jobs", min=1, show_default="all processors", help="Worker processes."),
]
PlanFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="[RECORDINGS|PLAN]", show_default=False,
        help="Recordings (a folder, zip, table or .ts file), or choices, a .toml file.",
    ),
]  # fmt: skip
Size = Annotated[
    int | None,
    typer.Option(
        "--picture-size", min=8, show_default="224", help="Height and width of pictures (pixels)."
    ),
]

DEFAULT_RESULTS = Path("results")


def load_plugins(files: list[Path] | None) -> Plugins:
    """Load all plugins, single files included."""
    from harness.registry.discovery import load

    return load(files or ())


def plan_from(plugins: Plugins, file: Path | None, flags: Mapping[str, Any]) -> Plan:
    """Make a plan: what flags say, else what the file says, else the default choices.

    Recordings may stand in the file's place; what they were taken for is said.
    """
    from harness.running.start import plan_from

    return plan_from(plugins, file, flags, lambda line: typer.echo(line, err=True))


def open_gallery(cache: Path | None) -> Gallery:
    """Return the gallery of drawn pictures."""
    from harness.running.start import open_gallery

    return open_gallery(cache)


def sizes(written: str | None) -> list[int] | None:
    """Read "250,500,1000"."""
    from harness.errors import PlanError

    if written is None:
        return None
    try:
        return [int(part) for part in written.split(",")]
    except ValueError:
        raise PlanError(f"--train-sizes {written!r}: give whole numbers, '250,500,1000'.") from None
