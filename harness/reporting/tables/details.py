"""Figures beyond accuracy in the terminal: balanced accuracy, F1, calibration, each class."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from harness.analysis.pooling import pool_confusion, pool_reliability
from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.reporting.tables.parts import breakable, plain_table, shown
from harness.reporting.wording import summary as wording

CLASSES_OF = 5
"""Figures of each class are shown for so many rows; JSON has those of all."""


def print_details(summary: Summary, console: Console) -> None:
    """Print figures of every row, and of every class for the best rows."""
    for line in wording.spreads(summary):
        console.print(shown(line))
    rows = [row for row in summary.ranked() if row.accuracy is not None]
    if not rows:
        return
    console.print(figures_table(rows))
    console.print(
        shown(
            "balanced: mean recall of the classes; Brier and ECE (expected calibration error): "
            "0 is perfect."
        )
    )
    console.print(class_table(rows[:CLASSES_OF]))
    if len(rows) > CLASSES_OF:
        console.print(shown(f"Classes of the best {CLASSES_OF} rows; --format json has all."))


def figures_table(rows: list[Row]) -> Table:
    """Return balanced accuracy, macro F1, AUC and calibration figures, a row a cell."""
    table = plain_table("\nFigures on the holdout")
    table.add_column("representation × classifier", overflow="fold", ratio=1)
    for name in ("balanced", "macro F1", "AUC", "Brier", "log loss", "ECE"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        curve = pool_reliability(row)
        table.add_row(
            shown(breakable(row.title), style="dim" if row.control else ""),
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
    table = plain_table("\nEach class on the holdout (%)")
    table.add_column("representation × classifier", overflow="fold", ratio=2)
    table.add_column("class", overflow="fold", ratio=1)
    for name in ("clips", "precision", "recall", "F1"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        confusion = pool_confusion(row)
        for place, each in enumerate(confusion.per_class() if confusion else ()):
            table.add_row(
                shown(breakable(row.title) if place == 0 else ""),
                shown(each.label),
                str(each.support),
                wording.percent(each.precision),
                wording.percent(each.recall),
                wording.percent(each.f1),
            )
    return table
