"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli import terminal
from harness.cli.completion import (
    complete_classifiers,
    complete_datasets,
    complete_engines,
    complete_representations,
    complete_runs,
)
from harness.cli.panels import HOW, WHAT, WHERE

if TYPE_CHECKING:
    from harness.pictures.gallery import Gallery
    from harness.planning.plan import Plan
    from harness.registry.discovery import Plugins

Representations = Annotated[
    list[str] | None,
    typer.Option(
        "-r", "--representation", metavar="WAY", show_default=False, rich_help_panel=WHAT,
        autocompletion=complete_representations,
        help="A way to draw: 'mel[n_mels=32,64]', 'spectrogram+noise-removed', "
        "'stack(mel,pcen,waveform)'. Repeat for more.",
    ),
]  # fmt: skip
Classifiers = Annotated[
    list[str] | None,
    typer.Option(
        "-c", "--classifier", metavar="NAME", show_default=False, rich_help_panel=WHAT,
        autocompletion=complete_classifiers,
        help="A classifier: 'pca-svm[components=30]'. Repeat for more.",
    ),
]  # fmt: skip
DatasetOption = Annotated[
    str | None,
    typer.Option(
        "-d", "--dataset", metavar="DATASET", show_default=False, rich_help_panel=WHAT,
        autocompletion=complete_datasets,
        help="Labelled clips: \"labelled-folder[path=clips.zip,label='{label}_{index}']\".",
    ),
]  # fmt: skip
PathOption = Annotated[
    str | None,
    typer.Option(
        "--path", metavar="PATH", rich_help_panel=WHAT,
        help="The dataset's path, instead of path= in its brackets.",
    ),
]  # fmt: skip
SplitOption = Annotated[
    str | None,
    typer.Option(
        "--split", metavar="KIND|FILE", show_default=False, rich_help_panel=WHAT,
        help="stratified, grouped, blocked, folds, given, blog or inside, with parameters: "
        "'blocked[block=1000,train=1400,holdout=800]'; or a saved split (.json).",
    ),
]  # fmt: skip
Folds = Annotated[
    int | None,
    typer.Option(
        "--folds", metavar="N", show_default="5", rich_help_panel=WHAT,
        help="Folds inside training; 0 for none.",
    ),
]  # fmt: skip
PluginFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin", metavar="FILE", show_default=False, rich_help_panel=WHERE,
        help="Load a plugin file, too.",
    ),
]  # fmt: skip
Note = Annotated[
    str | None,
    typer.Option(
        "--note", metavar="TEXT", rich_help_panel=HOW, help="A remark that every table repeats."
    ),
]
Experiment = Annotated[
    str | None,
    typer.Option(
        "--experiment", metavar="NAME", rich_help_panel=WHERE,
        help="Names the folder of the results.",
    ),
]  # fmt: skip
SkipBad = Annotated[
    bool,
    typer.Option(
        "--skip-bad", rich_help_panel=HOW, help="Go on without clips that cannot be used."
    ),
]
Results = Annotated[
    Path,
    typer.Option(
        "--results", metavar="FOLDER", envvar="SIGHTBENCH_RESULTS", rich_help_panel=WHERE,
        help="Where runs are kept.",
    ),
]  # fmt: skip
RESULTS_OF_VERB = typer.Option(
    "--results", metavar="FOLDER", rich_help_panel=WHERE, show_default="as `sightbench runs`",
    help="Where runs are kept.",
)  # fmt: skip
"""The same for verbs of a verb, where it may stand before or behind."""
RunName = Annotated[
    str | None,
    typer.Argument(
        metavar="[RUN]", show_default=False, autocompletion=complete_runs,
        help="A run's folder, name, or part of it; the newest if left out.",
    ),
]  # fmt: skip
ClipsOfRun = Annotated[
    str | None,
    typer.Option(
        "--run", metavar="RUN", show_default="the newest", autocompletion=complete_runs,
        help="Whose clips and splits: every cell on them.",
    ),
]  # fmt: skip
WithEnsemble = Annotated[
    bool,
    typer.Option(
        "--ensemble", rich_help_panel=WHAT,
        help="Add a row that averages cells, chosen inside training from saved predictions.",
    ),
]  # fmt: skip
Averages = Annotated[
    list[str] | None,
    typer.Option(
        "--add", metavar="AVERAGE", show_default=False, rich_help_panel=WHAT,
        help="Add a row that averages the cells named: 'average(mel/pca-svm, mel/hog-svm)'. "
        "Repeat for more.",
    ),
]  # fmt: skip
SplitNumber = Annotated[
    int, typer.Option("--split", min=0, help="Which split of the run, from 0.")
]  # fmt: skip
Cache = Annotated[
    Path | None,
    typer.Option(
        "--cache", metavar="FOLDER", envvar="SIGHTBENCH_CACHE",
        show_default="the user's cache folder", rich_help_panel=WHERE,
        help="Where drawn pictures are kept.",
    ),
]  # fmt: skip
Jobs = Annotated[
    int | None,
    typer.Option(
        "-j", "--jobs", metavar="N", min=1, show_default="all processors", rich_help_panel=HOW,
        help="Worker processes, of this machine.",
    ),
]  # fmt: skip
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine", metavar="ENGINE", envvar="SIGHTBENCH_ENGINE", rich_help_panel=HOW,
        autocompletion=complete_engines,
        help="Where tasks run: 'dask[scheduler=tcp://host:8786]'; what is not run or search "
        "works on this machine.",
    ),
]  # fmt: skip
ResourcesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--resources", metavar="NEEDS", show_default=False, rich_help_panel=HOW,
        help="What cells of a classifier need: 'cnn[cores=2,memory=8GB,gpus=1]'. Repeat for more.",
    ),
]  # fmt: skip
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
        "--picture-size", metavar="PIXELS", min=8, show_default="224", rich_help_panel=WHAT,
        help="Height and width of pictures.",
    ),
]  # fmt: skip

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

    return plan_from(plugins, file, flags, terminal.remark)


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


def one_of(words: Sequence[str]) -> Callable[[str | None], str | None]:
    """Return what takes one of some words from the command line and refuses others."""

    def chosen(value: str | None) -> str | None:
        if value is not None and value not in words:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(words)}.")
        return value

    return chosen
