"""What a dataset of long recordings tells of itself: sentences for tables and reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugins.datasets.surveys import Cut, Rules, Survey


def remarks_of(dataset: Rules, survey: Survey, cut: Cut) -> list[str]:
    """Say what there is, what was left out, and how it was understood."""
    return [
        _recordings(survey, cut),
        _windows(dataset, cut),
        *_left_out(dataset, cut),
        _frequencies(dataset),
        *survey.notes,
    ]


def _recordings(survey: Survey, cut: Cut) -> str:
    hours = sum(each.duration_s for each in survey.recordings) / 3600
    groups = len({entry.group for entry in cut.entries if entry.fault is None})
    marked = Counter(label for each in survey.recordings for label in each.selections.labels)
    named = ", ".join(f"{label} {count:,}" for label, count in sorted(marked.items())[:12])
    return (
        f"{counted(len(survey.recordings), 'recording')} of {hours:.2f} hours in "
        f"{counted(groups, 'group')}, with {counted(sum(marked.values()), 'selection')}"
        f"{': ' + named if named else ''}."
    )


def _windows(dataset: Rules, cut: Cut) -> str:
    labels = {key[6:]: count for key, count in cut.tally.items() if key.startswith("label ")}
    named = ", ".join(f"{label} {count:,}" for label, count in sorted(labels.items())[:12])
    share = (
        "all of the background"
        if dataset.background_per_call is None
        else (
            f"background thinned to {dataset.background_per_call:g} for each window with a label, "
            f"{cut.tally.get('thinned', 0):,} left out"
        )
    )
    times = "dates in the recordings' names" if cut.dated else "recordings one after another"
    return (
        f"Windows of {dataset.window:g} s every {dataset.hop:g} s: {named or 'none'}; {share}. "
        f"Positions are seconds, by {times}."
    )


def _left_out(dataset: Rules, cut: Cut) -> Iterator[str]:
    partly, several = cut.tally.get("partly", 0), cut.tally.get("several", 0)
    if partly:
        yield (
            f"{counted(partly, 'window')} left out that hold a share of a selection between "
            f"{dataset.most:g} and {dataset.least:g}, or reach into a damaged row."
        )
    if several:
        yield f"{counted(several, 'window')} left out that hold selections of two classes."
    if edge := cut.tally.get("edge", 0):
        yield f"{counted(edge, 'window')} left out that reach over the edge of a part."
    if cut.unheld:
        yield (
            f"{counted(cut.unheld, 'selection')} the label of no window: none has a share of "
            f"{dataset.least:g} of it by itself. A smaller hop= holds more."
        )


def _frequencies(dataset: Rules) -> str:
    if dataset.low is None and dataset.high is None:
        return "The frequencies of selections are not used: a window holds all that sounds in it."
    low = "0" if dataset.low is None else f"{dataset.low:g}"
    high = "the highest" if dataset.high is None else f"{dataset.high:g}"
    return f"Selections that lie wholly outside of {low} to {high} Hz count as background."


def counted(count: int, what: str) -> str:
    """Write a number and a noun."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")
