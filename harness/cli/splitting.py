"""A split in words: its sides, its classes one a line, its groups."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from harness.cli import terminal
from harness.strangers.text import printable

if TYPE_CHECKING:
    from rich.table import Table

    from harness.clips.collection import Collection
    from harness.clips.splits import Split

UNITS_SHOWN = 12
FOLDS_SHOWN = 5
"""More folds than these are told by their smallest and largest, so that 40 columns are enough."""


def print_split(split: Split, collection: Collection | None) -> None:
    """Print a split; with the clips, how many of each class are on each side."""
    from rich.text import Text

    console = terminal.console()
    console.print(Text(printable(split.kind), style="bold"))
    console.print(Text(", ".join(_sides(split)), overflow="fold"))
    if collection is not None:
        console.print(_class_table(split, collection))
    if split.units:
        units = sorted(set(split.units.values()))
        shown = ", ".join(units[:UNITS_SHOWN]) + (" …" if len(units) > UNITS_SHOWN else "")
        console.print(Text(printable(f"held out: {len(units)} groups or blocks ({shown})")))
    if split.dropped:
        why = "copies of holdout clips, or overlapping them"
        console.print(Text(f"{split.dropped} training clips left out: {why}"))
    for remark in split.remarks:
        console.print(Text(printable(remark)))
    console.print(Text(f"digest {split.digest()}", overflow="fold"))


def _sides(split: Split) -> list[str]:
    words = [f"training {len(split.train)} clips", f"holdout {len(split.holdout)} clips"]
    sizes = [split.folds.count(fold) for fold in range(split.fold_count)]
    if len(sizes) > FOLDS_SHOWN:
        words.append(f"{len(sizes)} folds of {min(sizes)} to {max(sizes)} clips")
    elif sizes:
        words.append(f"folds of {', '.join(map(str, sizes))} clips")
    return words


def _class_table(split: Split, collection: Collection) -> Table:
    """Make a table with a class a line, so that any number of them can be read at any width."""
    from rich.table import Table
    from rich.text import Text

    labels = collection.labels
    sides = [Counter(labels[each] for each in side) for side in (split.train, split.holdout)]
    table = Table(box=None, pad_edge=False)
    table.add_column("class", overflow="fold")
    for name in ("training", "holdout"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in collection.classes:
        table.add_row(Text(printable(name)), *(str(side[name]) for side in sides))
    return table
