"""Options of verbs that judge by events, and how such a judgement is printed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import terminal
from harness.cli.formats import Formats
from harness.cli.panels import EVENTS
from harness.cli.progress import busy

if TYPE_CHECKING:
    from harness.analysis.contrasts import Asking
    from harness.analysis.judging import Judgement
    from harness.analysis.summary import Summary
    from harness.results.store import Run
    from harness.values import Missing


class JudgeBy(StrEnum):
    """What `--judge` takes."""

    clips = "clips"
    events = "events"


Judge = Annotated[
    JudgeBy,
    typer.Option(
        "--judge", rich_help_panel=EVENTS,
        help="By clips, or by events: false alarms an hour against recall.",
    ),
]  # fmt: skip
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="PROMISE", show_default="highest F1", rich_help_panel=EVENTS,
        help="Choose thresholds in training for precision=0.9, recall=0.8 or "
        "false-alarms-per-hour=2.",
    ),
]  # fmt: skip
Gap = Annotated[
    float,
    typer.Option(
        "--gap", metavar="SECONDS", min=0.0, rich_help_panel=EVENTS,
        help="Join detected windows across so much time.",
    ),
]  # fmt: skip
Shortest = Annotated[
    int,
    typer.Option(
        "--shortest", metavar="WINDOWS", min=1, rich_help_panel=EVENTS,
        help="Drop events of fewer windows.",
    ),
]  # fmt: skip
Longest = Annotated[
    float | None,
    typer.Option(
        "--longest", metavar="SECONDS", min=0.001, show_default="5 windows",
        rich_help_panel=EVENTS, help="Cut longer events.",
    ),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for of events, as it was written."""

    by: JudgeBy
    at: str | None = None
    gap_s: float = 0.0
    shortest: int = 1
    longest_s: float | None = None

    @property
    def events(self) -> bool:
        """Say whether events were asked for; a promise is one about events."""
        return self.by is JudgeBy.events or self.at is not None

    def check(self) -> None:
        """Refuse what cannot be, before any work is done.

        Raises
        ------
        PlanError
            The promise cannot be read.
        """
        if self.at is not None:
            from harness.analysis.thresholds import Promise

            Promise.parse(self.at)

    def asking(self) -> Asking:
        """Return what is asked for, read.

        Raises
        ------
        PlanError
            The promise cannot be read.
        """
        from harness.analysis.contrasts import Asking
        from harness.analysis.thresholds import Promise
        from harness.statistics.events import Joining

        promise = None if self.at is None else Promise.parse(self.at)
        return Asking(promise, Joining(self.gap_s, self.shortest, self.longest_s))

    def judge(self, summary: Summary) -> Judgement:
        """Judge the cells of a run.

        Raises
        ------
        SightbenchError
            There are no events to judge, or a promise cannot be read.
        """
        from harness.analysis.judging import judge

        asking = self.asking()
        return judge(summary.run, summary.rows, asking.promise, asking.rules)

    def judged(self, summary: Summary) -> Judgement | Missing | None:
        """Judge the cells of a run, or say why that cannot be; None for clips of no recordings."""
        from harness.errors import SightbenchError
        from harness.values import Missing

        if summary.run.asked is None or not summary.run.asked.recordings:
            return None
        try:
            return self.judge(summary)
        except SightbenchError as error:
            return Missing(str(error))


def print_events(run: Run, asked: Asked, format: Formats) -> None:
    """Print what a run says of events on stdout."""
    with busy("judging by events"):
        from harness.analysis.summary import summarise

        found = asked.judge(summarise(run))
    if format is Formats.table:
        from harness.reporting.tables.events import print_judgement

        print_judgement(found, terminal.console())
        return
    from harness.reporting.exports.events import EXPORTS

    text = EXPORTS[format.value](found)
    if format is Formats.json:
        terminal.write_json(text)
    else:
        terminal.write(text, end="")
