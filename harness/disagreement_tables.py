"""The clips that two cells judge differently, in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import wording
from harness.disagreement import Answer, Disagreement, Judged, name_record
from harness.disagreement_wording import counts, headline
from harness.plain_text import printable


def print_disagreement(found: Disagreement, count: int, console: Console) -> None:
    """Print counts and the first clips of each kind, the surest mistakes first."""
    console.print(Text(printable(f"first: {name_record(found.first)}")))
    console.print(Text(printable(f"second: {name_record(found.second)}")))
    console.print(Text(headline(found), style="bold"))
    if found.first.cell.split or len({found.first.cell.seed, found.second.cell.seed}) > 1:
        console.print(
            Text(
                f"on split {found.first.cell.split}, seeds {found.first.cell.seed} and "
                f"{found.second.cell.seed}"
            )
        )
    for words, number in counts(found):
        share = wording.percent(number / found.clips)
        console.print(Text(f"  {words:<22}{number:>6} clips  {share:>5}%"))
    for title, clips in found.sections():
        if clips and count:
            console.print(_table(title, clips, count))


def _table(title: str, clips: tuple[Judged, ...], count: int) -> Table:
    more = f" ({count} of {len(clips)}, the surest mistakes first)" if len(clips) > count else ""
    table = Table(
        title=Text(printable(f"\n{title}{more}"), style="bold"),
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("clip", overflow="fold", ratio=1)
    for name in ("class", "first said", "second said"):
        table.add_column(name, overflow="fold")
    for clip in clips[:count]:
        table.add_row(
            Text(printable(clip.id)),
            Text(printable(clip.label)),
            _said(clip.first),
            _said(clip.second),
        )
    return table


def _said(answer: Answer) -> Text:
    if answer.label is None:
        return Text("nothing", style="yellow")
    score = "" if answer.score is None else f" {answer.score:.2f}"
    return Text(printable(f"{answer.label}{score}"), style="" if answer.right else "red")
