"""``sightbench inspect``: a kept detector as a card; nothing of it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import terminal
from harness.cli.formats import TableOrJson
from harness.cli.progress import busy


def command(
    detector: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, help="What keep wrote.")
    ],
    format: Annotated[
        TableOrJson, typer.Option("--format", help="How to print it.")
    ] = TableOrJson.table,
) -> None:
    """Show what a kept detector is: its data, its figures, the limits of its use.

    Every part is held against its hash; nothing of the file is run.
    """  # fmt: skip
    with busy("reading the detector"):
        from harness.applying.bundle import read_bundle

        bundle = read_bundle(detector)
    if format is TableOrJson.json:
        from harness.files.documents import written
        from harness.reporting.exports.detector import to_json

        terminal.write_json(written(to_json(bundle)))
        return
    from harness.reporting.tables.detector import print_card

    print_card(bundle, terminal.console())
