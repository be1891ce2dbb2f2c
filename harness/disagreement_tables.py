"""The clips that two cells judge differently, in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import wording
from harness.disagreement import Answer, Disagreement, Judged, name_record
from harness.statistics.agreement import Agreement


def headline(found: Disagreement) -> str:
    """Say in a few sentences how far two cells agree."""
    agreement = found.agreement
    kappa = "" if agreement.kappa is None else f" (kappa {agreement.kappa:.2f})"
    best = max(_accuracy(found, agreement.only_first), _accuracy(found, agreement.only_second))
    return (
        f"They give the same answer for {wording.percent(agreement.agreement)}% of {found.clips} "
        f"clips{kappa}. Who always picked the one that is right would reach "
        f"{wording.percent(agreement.oracle)}%, {wording.points(agreement.oracle - best)} points "
        "over the better of both."
    )


def counts(found: Disagreement) -> list[tuple[str, int]]:
    """Count the clips that both, one, or neither got right."""
    agreement: Agreement = found.agreement
    return [
        ("both right", len(agreement.both)),
        ("only the first right", len(agreement.only_first)),
        ("only the second right", len(agreement.only_second)),
        ("neither right", len(agreement.neither)),
    ]


def _accuracy(found: Disagreement, only: object) -> float:
    return (len(found.agreement.both) + len(only)) / found.clips  # type: ignore[arg-type]


def print_disagreement(found: Disagreement, count: int, console: Console) -> None:
    """Print counts and the first clips of each kind, the surest mistakes first."""
    console.print(Text(f"first: {name_record(found.first)}"))
    console.print(Text(f"second: {name_record(found.second)}"))
    console.print(Text(headline(found), style="bold"))
    if found.first.cell.split or len({found.first.cell.seed, found.second.cell.seed}) > 1:
        console.print(
            Text(
                f"on split {found.first.cell.split}, seeds {found.first.cell.seed} and "
                f"{found.second.cell.seed}"
            )
        )
    for words, clips in counts(found):
        share = wording.percent(clips / found.clips)
        console.print(Text(f"  {words:<22}{clips:>6} clips  {share:>5}%"))
    for title, clips in found.sections():
        if clips and count:
            console.print(_table(title, clips, count))


def _table(title: str, clips: tuple[Judged, ...], count: int) -> Table:
    more = f" ({count} of {len(clips)}, the surest mistakes first)" if len(clips) > count else ""
    table = Table(
        title=Text(f"\n{title}{more}", style="bold"), title_justify="left", box=None, pad_edge=False
    )
    table.add_column("clip", overflow="fold", ratio=1)
    for name in ("class", "first said", "second said"):
        table.add_column(name, overflow="fold")
    for clip in clips[:count]:
        table.add_row(Text(clip.id), Text(clip.label), _said(clip.first), _said(clip.second))
    return table


def _said(answer: Answer) -> Text:
    if answer.label is None:
        return Text("nothing", style="yellow")
    score = "" if answer.score is None else f" {answer.score:.2f}"
    return Text(f"{answer.label}{score}", style="" if answer.right else "red")
