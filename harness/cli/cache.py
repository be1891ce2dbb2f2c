"""``sightbench cache``: the drawn pictures that are kept, and how to be rid of them."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli import choices
from harness.cli.choices import Cache

app = typer.Typer(no_args_is_help=True, help="See and clear the cache of pictures.")


@app.command()
def show(cache: Cache = None) -> None:
    """Show what is kept: every drawing with its pictures and bytes."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    gallery = choices.open_gallery(cache)
    table = Table(box=None, pad_edge=False)
    for name in ("drawing", "pictures", "MB"):
        table.add_column(name, justify="left" if name == "drawing" else "right", overflow="fold")
    drawings = gallery.drawings()
    for name, pictures, size in drawings:
        table.add_row(Text(name), str(pictures), f"{size / 1e6:.1f}")
    console = Console(highlight=False)
    console.print(table)
    total = sum(size for _, _, size in drawings)
    limit = gallery.limit_bytes
    console.print(Text(f"{total / 1e6:.1f} MB of at most {limit / 1e6:.0f} MB in {gallery.folder}"))


@app.command()
def clear(
    cache: Cache = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Throw out all pictures; runs and their results stay."""
    gallery = choices.open_gallery(cache)
    if not yes and not typer.confirm(f"Throw out all pictures in {gallery.folder}?"):
        raise typer.Exit(1)
    typer.echo(f"{gallery.clear() / 1e6:.1f} MB freed")
