"""``sightbench cache``: what is kept of drawing, features and readings, and how to be rid of it."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import Cache
from harness.cli.pages import Verb, VerbGroup
from harness.cli.progress import busy
from harness.strangers.text import printable

app = typer.Typer(
    cls=VerbGroup,
    no_args_is_help=True,
    help="See and clear the cache of pictures, features and readings.",
)

KEYS = {"pictures": "drawing", "features": "drawing | classifier", "readings": "dataset"}
"""What is kept, and by what it is found again."""


@app.command(cls=Verb)
def show(cache: Cache = None) -> None:
    """Show what is kept: pictures by drawing, features by classifier, readings by dataset."""
    from rich.table import Table
    from rich.text import Text

    gallery = choices.open_gallery(cache)
    console = terminal.console()
    total = 0
    with busy("looking through the cache"):
        kept = gallery.kept()
    for what, rows in kept.items():
        if what != "pictures" and not rows:
            continue
        table = Table(box=None, pad_edge=False)
        table.add_column(KEYS[what], overflow="fold")
        table.add_column(what, justify="right")
        table.add_column("MB", justify="right")
        for each in rows:
            table.add_row(
                Text(printable(each.title)), str(each.rows), f"{each.size_bytes / 1e6:.1f}"
            )
            total += each.size_bytes
        console.print(table)
    limit, place = gallery.limit_bytes, gallery.folder.parent
    console.print(Text(f"{total / 1e6:.1f} MB of at most {limit / 1e6:.0f} MB in {place}"))


@app.command(cls=Verb)
def clear(
    cache: Cache = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Throw out all pictures, features and readings; runs and their results stay."""
    gallery = choices.open_gallery(cache)
    if not yes and not terminal.confirm(
        f"Throw out all pictures, features and readings in {gallery.folder.parent}?"
    ):
        raise typer.Exit(1)
    with busy("clearing the cache"):
        freed = gallery.clear()
    terminal.write(f"{freed / 1e6:.1f} MB freed")
