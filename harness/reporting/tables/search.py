"""What a search found, in the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from harness.reporting.tables.folding import fill
from harness.reporting.tables.parts import breakable, plain_table, shown
from harness.reporting.wording import search as words
from harness.searching.findings import Findings, SplitFinding
from harness.strangers.text import printable

_STYLES = {"chosen": "bold green", "failed": "red"}


def print_findings(findings: Findings, console: Console) -> None:
    """Print what a search found, the short answer first."""
    _print_lines(words.headline(findings), console, "bold")
    if findings.nested:
        _print_splits(findings, console)
    else:
        (only,) = findings.splits
        _print_tried(only, console)
        _print_lines([*words.inside(only), words.holdout(only)], console)
    _print_lines(words.ending(findings), console)
    console.print(shown(words.command(findings), "cyan"), soft_wrap=True)  # to be copied whole


def _print_lines(lines: Iterable[str], console: Console, style: str = "") -> None:
    for line in lines:
        for part in fill(printable(line), console.width):
            console.print(shown(part, style), no_wrap=True, overflow="ignore", crop=False)


def _print_tried(finding: SplitFinding, console: Console) -> None:
    table = plain_table("\nWhat was tried, inside training")
    table.add_column(words.HEADS[0], overflow="fold", ratio=3)
    table.add_column(words.HEADS[1], justify="right")
    table.add_column(words.HEADS[2].replace(" over ", "\nover "), justify="right")
    table.add_column(words.HEADS[3], overflow="fold", ratio=2)
    ordered = words.shown(finding)
    for tried in ordered[: words.SHOWN]:
        way, *figures = words.figures(tried, finding)
        cells = [_parted(way), *figures]
        table.add_row(*(shown(each, _STYLES.get(tried.fate, "")) for each in cells))
    console.print(table)
    left = len(ordered) - words.SHOWN
    if left > 0:
        console.print(shown(f"and {left} more: --format json, --format markdown"))


def _parted(way: str) -> str:
    """Let a way to draw break before "+" and after commas; it reads back the same."""
    return breakable(way).replace(", ", ",").replace(",", ", ")


def _print_splits(findings: Findings, console: Console) -> None:
    table = plain_table("\nThe holdout of each split")
    for head in words.SPLIT_HEADS[:-1]:
        table.add_column(head.replace("95% ", "95%\n"), justify="right")
    table.add_column(words.SPLIT_HEADS[-1], overflow="fold", ratio=1)
    for finding in findings.splits:
        *figures, way = words.split_figures(finding)
        table.add_row(*(shown(each) for each in (*figures, _parted(way))))
    console.print(table)
    for finding in findings.splits:
        lines = [*words.inside(finding), words.holdout(finding)]
        _print_lines([f"split {finding.split}: {' '.join(lines)}"], console)
