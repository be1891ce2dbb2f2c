"""``sightbench cache``: the drawn pictures that are kept, and how to be rid of them."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import Cache
from harness.cli.pages import Verb, VerbGroup
from harness.strangers.text import printable

app = typer.Typer(cls=VerbGroup, no_args_is_help=True, help="See and clear the cache of pictures.")


@app.command(cls=Verb)
def show(cache: Cache = None) -> None:
    """Show what is kept: every drawing with its pictures and bytes."""
    from rich.table import Table
    from rich.text import Text

    gallery = choices.open_gallery(cache)
    table = Table(box=None, pad_edge=False)
    for name in ("drawing", "pictures", "MB"):
        table.add_column(name, justify="left" if name == "drawing" else "right", overflow="fold")
    drawings = gallery.drawings()
    for name, pictures, size in drawings:
        table.add_row(Text(printable(name)), str(pictures), f"{size / 1e6:.1f}")
    console = terminal.console()
    console.print(table)
    total = sum(size for _, _, size in drawings)
    limit = gallery.limit_bytes
    console.print(Text(f"{total / 1e6:.1f} MB of at most {limit / 1e6:.0f} MB in {gallery.folder}"))


@app.command(cls=Verb)
def clear(
    cache: Cache = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Throw out all pictures; runs and their results stay."""
    gallery = choices.open_gallery(cache)
    if not yes and not terminal.confirm(f"Throw out all pictures in {gallery.folder}?"):
        raise typer.Exit(1)
    terminal.write(f"{gallery.clear() / 1e6:.1f} MB freed")
