"""``sightbench new``: a working plugin to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import terminal
from harness.cli.choices import one_of
from harness.cli.panels import WHERE
from harness.cli.progress import busy
from harness.sources.kinds import KINDS


def command(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            callback=one_of(KINDS),
            help=f"What it is: {', '.join(KINDS)}.",
            show_default=False,
        ),
    ],
    name: Annotated[str, typer.Argument(help="Lower-case words: my-filter.", show_default=False)],
    package: Annotated[
        bool, typer.Option("--package", help="A whole distribution: entry point, tests, tox.")
    ] = False,
    folder: Annotated[
        Path, typer.Option(metavar="FOLDER", rich_help_panel=WHERE, help="Where to write it.")
    ] = Path(),
) -> None:
    """Begin a plugin: write a working, documented file that runs at once.

    With --package, a distribution to install and publish.
    """
    from harness.cli.places import expect_folder
    from harness.errors import SightbenchError
    from harness.registry.discovery import load
    from harness.scaffolding.files import write_file, write_package

    expect_folder(folder, "--folder")
    with busy("loading plugins"):
        catalogue = load().catalogue
    taken = [each for each in KINDS if name in catalogue.names(each)]
    if taken:
        article = "an" if taken[0][0] in "aeiou" else "a"
        raise SightbenchError(
            f"There is {article} {taken[0]} {name!r} already; choose another name."
        )
    if package:
        root = write_package(kind, name, folder)
        terminal.write(f"Wrote {root}. Next:\n")
        terminal.write(f"  pip install -e '{root}[test]'\n  sightbench check {name}")
        terminal.write(f"  pytest {root}")
        return
    path = write_file(kind, name, folder)
    terminal.write(f"Wrote {path}. Next:\n\n  sightbench check {path}")
    terminal.write(f"  sightbench run --plugin {path} {_trial(kind, name)}")


def _trial(kind: str, name: str) -> str:
    return {
        "dataset": f"-d {name}",
        "representation": f"-r spectrogram -r {name}",
        "improvement": f"-r spectrogram -r spectrogram+{name}",
        "classifier": f"-c {name}",
        "engine": f"--engine {name}",
    }[kind]
