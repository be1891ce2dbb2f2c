"""The clips that two cells judge differently, in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.analysis.disagreement import Answer, Disagreement, Judged, name_record
from harness.reporting.tables.parts import plain_table, shown
from harness.reporting.wording import summary as wording
from harness.reporting.wording.disagreement import counts, headline


def print_disagreement(found: Disagreement, count: int, console: Console) -> None:
    """Print counts and the first clips of each kind, the surest mistakes first."""
    console.print(shown(f"first: {name_record(found.first)}"))
    console.print(shown(f"second: {name_record(found.second)}"))
    console.print(shown(headline(found), "bold"))
    if found.first.cell.split or len({found.first.cell.seed, found.second.cell.seed}) > 1:
        console.print(
            shown(
                f"on split {found.first.cell.split}, seeds {found.first.cell.seed} and "
                f"{found.second.cell.seed}"
            )
        )
    for words, number in counts(found):
        share = wording.percent(number / found.clips)
        console.print(shown(f"  {words:<22}{number:>6} clips  {share:>5}%"))
    for title, clips in found.sections():
        if clips and count:
            console.print(_table(title, clips, count))


def _table(title: str, clips: tuple[Judged, ...], count: int) -> Table:
    more = f" ({count} of {len(clips)}, the surest mistakes first)" if len(clips) > count else ""
    table = plain_table(f"\n{title}{more}")
    table.add_column("clip", overflow="fold", ratio=1)
    for name in ("class", "first said", "second said"):
        table.add_column(name, overflow="fold")
    for clip in clips[:count]:
        table.add_row(
            shown(clip.id),
            shown(clip.label),
            _said(clip.first),
            _said(clip.second),
        )
    return table


def _said(answer: Answer) -> Text:
    if answer.label is None:
        return shown("nothing", "yellow")
    score = "" if answer.score is None else f" {answer.score:.2f}"
    return shown(f"{answer.label}{score}", "" if answer.right else "red")
