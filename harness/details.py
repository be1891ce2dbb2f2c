"""Figures beyond accuracy in the terminal: balanced accuracy, F1, calibration, each class."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import wording
from harness.plain_text import printable
from harness.pooling import pool_confusion, pool_reliability
from harness.summary import Row, Summary

CLASSES_OF = 5
"""Figures of each class are shown for so many rows; JSON has those of all."""


def print_details(summary: Summary, console: Console) -> None:
    """Print figures of every row, and of every class for the best rows."""
    rows = [row for row in summary.ranked() if row.accuracy is not None]
    if not rows:
        return
    console.print(figures_table(rows))
    console.print(
        Text(
            "balanced: mean recall of the classes; Brier and ECE (expected calibration error): "
            "0 is perfect."
        )
    )
    console.print(class_table(rows[:CLASSES_OF]))
    if len(rows) > CLASSES_OF:
        console.print(Text(f"Classes of the best {CLASSES_OF} rows; --format json has all."))


def figures_table(rows: list[Row]) -> Table:
    """Return balanced accuracy, macro F1, AUC and calibration figures, a row a cell."""
    table = _table("\nFigures on the holdout")
    table.add_column("representation × classifier", overflow="fold", ratio=1)
    for name in ("balanced", "macro F1", "AUC", "Brier", "log loss", "ECE"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        curve = pool_reliability(row)
        table.add_row(
            Text(_breakable(row.title), style="dim" if row.control else ""),
            wording.percent(row.mean("holdout", "balanced_accuracy")),
            wording.percent(row.mean("holdout", "macro_f1")),
            wording.share(row.mean("holdout", "roc_auc")),
            wording.share(row.mean("holdout", "brier")),
            wording.share(row.mean("holdout", "log_loss")),
            wording.share(curve.expected_calibration_error if curve else None),
        )
    return table


def class_table(rows: list[Row]) -> Table:
    """Return precision, recall and F1 of each class, a block a cell."""
    table = _table("\nEach class on the holdout (%)")
    table.add_column("representation × classifier", overflow="fold", ratio=2)
    table.add_column("class", overflow="fold", ratio=1)
    for name in ("clips", "precision", "recall", "F1"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        confusion = pool_confusion(row)
        for place, each in enumerate(confusion.per_class() if confusion else ()):
            table.add_row(
                Text(_breakable(row.title) if place == 0 else ""),
                Text(printable(each.label)),
                str(each.support),
                wording.percent(each.precision),
                wording.percent(each.recall),
                wording.percent(each.f1),
            )
    return table


def _table(title: str) -> Table:
    return Table(title=Text(title, style="bold"), title_justify="left", pad_edge=False, box=None)


def _breakable(written: str) -> str:
    return printable(written).replace("+", " +")
