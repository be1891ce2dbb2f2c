"""The answer at a glance, in words: what stands around the grid, and its marks."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from harness.analysis.durations import hosts_of
from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.measuring.timing import CLIP_STAGES, FIT_STAGES
from harness.reporting.wording import clips
from harness.reporting.wording import summary as wording
from harness.reporting.wording.ensembles import ensemble_remarks
from harness.reporting.wording.signals import signal_remarks
from harness.reporting.wording.summary import percent
from harness.strangers.text import printable
from harness.values import Costs

DRAW_STAGES = ("load", "represent", "draw")
CHOSEN, TIED, HIGHEST = "*", "~", "^"
"""Marks of the choice, of what cannot be told from it, and of what is highest on the holdout."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence or remark; it is folded to the width."""

    text: str
    style: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)


def compared(summary: Summary) -> Iterator[Line]:
    """Say what was compared on what."""
    yield Line(wording.source(summary))
    yield Line(wording.split(summary.split))


def warnings(summary: Summary) -> Iterator[Line]:
    """Say, a line each, what a reader must know before the figures."""
    for line in (*clips.left_out(summary.data.left_out), *clips.block(summary)):
        yield Line(line, "yellow")
    for line in wording.unfinished(summary):
        yield Line(line, "yellow")
    for line in _mishaps(summary):
        yield Line(line, "red")
    for line in (*wording.twins(summary), *wording.lots(summary)):
        yield Line(line, "yellow")


def _mishaps(summary: Summary) -> Iterator[str]:
    for status in ("failed", "partial", "skipped"):
        rows = [row for row in summary.rows if row.status == status]
        if rows:
            more = f" And {len(rows) - 1} more: show --ranked." if len(rows) > 1 else ""
            yield f"{rows[0].title}: {status}: {rows[0].reason}{more}"
    if summary.damaged:
        more = f" And {len(summary.damaged) - 1} more." if len(summary.damaged) > 1 else ""
        first = f"damaged, counts as absent: {summary.damaged[0]}"
        yield f"{first} The same command makes it again.{more}"


def below(summary: Summary) -> Iterator[Line]:
    """Give what stands below the grid, the answer and the next command last."""
    yield Line(legend(summary))
    yield Line(controls(summary))
    for line in (*more(summary), *signal_remarks(summary), *ensemble_remarks(summary)):
        yield Line(line)
    yield Line(wording.headline(summary), "bold")
    for line in clips.bookkeeping(summary):
        yield Line(line, "red")
    yield Line(next_command(summary))


def marks(summary: Summary, row: Row) -> str:
    """Mark a cell of the grid."""
    choice = summary.choice
    if choice is None:
        return ""
    if row.title == choice.row.title:
        return CHOSEN
    if not choice.telling:
        return ""
    highest = HIGHEST if row.title == choice.highest.title else ""
    tied = any(row.title == tie.title for tie in choice.ties)
    return highest + (TIED if tied else "")


def legend(summary: Summary) -> str:
    """Explain the marks that occur."""
    choice = summary.choice
    if choice is None:
        return ""
    found = [f"{CHOSEN} {'chosen' if choice.side == 'cv' else 'picked'}"]
    if choice.telling and choice.ties:
        found.append(f"{TIED} cannot be told from it")
    if choice.telling and choice.highest.title != choice.row.title:
        found.append(f"{HIGHEST} highest on the holdout")
    return "  ".join(found)


def controls(summary: Summary) -> str:
    """Say in one line what the controls reach."""
    found: dict[str, list[float]] = {}
    for row in summary.rows:
        if row.control and row.accuracy is not None:
            found.setdefault(row.classifier, []).append(row.accuracy)
    if not found:
        return ""
    words = [f"{name} {_range(values)}" for name, values in found.items()]
    return f"{', '.join(words)} ({'controls' if len(found) > 1 else 'control'})"


def machines(summary: Summary) -> str:
    """Say on which machines times were measured, where it was not this one alone."""
    records = [record for row in summary.rows for record in row.records if record.seconds]
    drawing = {host for record in records for host in hosts_of(record, CLIP_STAGES)}
    learning = {host for record in records for host in hosts_of(record, FIT_STAGES)}
    if drawing | learning <= {"", platform.node()}:
        return ""
    if drawing == learning:
        told = f"Times were measured on {machine_names(drawing)}."
    else:
        told = (
            f"Times to draw and classify were measured on {machine_names(drawing)}, to train on "
            f"{machine_names(learning)}."
        )
    apart = " Compare times of one machine only." if len(drawing | learning) > 1 else ""
    return told + apart


def machine_names(hosts: Iterable[str]) -> str:
    """Name machines."""
    return ", ".join(printable(host or "the machine of an older run") for host in sorted(hosts))


def _range(values: Sequence[float]) -> str:
    low, high = percent(min(values)), percent(max(values))
    return low if low == high else f"{low}–{high}"


def more(summary: Summary) -> Iterator[str]:
    """Say what else there is to see, a line each, and by which flag."""
    told = machines(summary)
    if told:
        yield told
    choice = summary.choice
    if choice is not None and choice.row.spread is not None:
        spread = choice.row.spread
        yield (
            f"Between repetitions the choice goes from {percent(spread.smallest)} to "
            f"{percent(spread.largest)}: show --details."
        )
    elif any(len(row.records) > 1 for row in summary.rows):
        yield "Every seed gave the same answers: there is no spread between seeds."
    if summary.curves:
        count = len(summary.curves)
        yield f"{count} learning curve{'s' * (count != 1)}: show --curves."
    calls = sum(cost.calls for cost in _costs(summary))
    if calls:
        wait_s = sum(cost.network_s for cost in _costs(summary))
        yield f"Services: {calls} calls, {wait_s:.0f} s of waiting: show --costs."
    if summary.others:
        word = "cells" if summary.others > 1 else "cell"
        yield f"{summary.others} more {word} on the same clips and split: show --all."


def _costs(summary: Summary) -> list[Costs]:
    return [record.costs for record in summary.records if record.costs is not None]


def next_command(summary: Summary) -> str:
    """Name the next command to type."""
    flags = ["--ranked", "--gains" if summary.overall else "--details"]
    if summary.choice is None:
        return "Next: sightbench show --ranked"
    return f"Next: sightbench mistakes (more: show {', '.join(flags)})"


def grid_title(summary: Summary, representations: int = 0, classifiers: int = 0) -> str:
    """Say what the grid shows, in which order, and what is left out of it."""
    choice = summary.choice
    blind = choice is not None and choice.side == "cv"
    order = "Ranked by cross-validation: holdout" if blind else "Ranked by holdout"
    hidden = [
        f"{count} more {word}"
        for count, word in ((representations, "rows"), (classifiers, "classifiers"))
        if count
    ]
    more = f" and {' and '.join(hidden)}: show --all-rows" if hidden else ""
    return f"{order} accuracy (%){more}"


def drawing_ms(summary: Summary, representation: str) -> str:
    """Write the median milliseconds to read and draw a clip."""
    rows = [row for row in summary.rows if row.representation == representation]
    found = [ms for row in rows if (ms := row.milliseconds(*DRAW_STAGES)) is not None]
    return wording.number(float(np.median(found)), 2) if found else ""


def fit_seconds(summary: Summary, classifier: str) -> str:
    """Write the median seconds that a classifier takes to learn, folds included."""
    rows = [row for row in summary.rows if row.classifier == classifier]
    found = [s for row in rows if (s := row.total_seconds(*FIT_STAGES)) is not None]
    return wording.number(float(np.median(found)), 1) if found else ""


Name = Literal["representation", "classifier"]


def ranked_names(summary: Summary, kind: Name) -> list[str]:
    """Order names by their best cell, by what the choice was made by; controls only if alone."""
    rows = [row for row in summary.rows if not row.control] or list(summary.rows)
    best: dict[str, tuple[float, float]] = {}
    for row in rows:
        name = getattr(row, kind)
        best[name] = max(best.get(name, _WORST), _standing(summary, row))
    return sorted(best, key=lambda name: best[name], reverse=True)


_WORST = (-np.inf, -np.inf)


def _standing(summary: Summary, row: Row) -> tuple[float, float]:
    if row.accuracy is None or row.control:
        return _WORST if row.accuracy is None else (-np.inf, row.accuracy)
    choice = summary.choice
    value = None if choice is None else row.mean(choice.side, choice.by.figure)
    if choice is None or value is None:
        return -np.inf, row.accuracy
    return choice.by.better(value), row.accuracy


def planned_names(summary: Summary, classifiers: Iterable[str]) -> list[str]:
    """Put classifiers in the order of the plan."""
    wanted = set(classifiers)
    return [name for name in dict.fromkeys(r.classifier for r in summary.rows) if name in wanted]
