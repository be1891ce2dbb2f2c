"""Checks of datasets whose clips are windows of recordings: what is marked there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

from harness.conformance.checks import check
from harness.conformance.listing import KIND, listed
from harness.conformance.subject import Subject
from harness.conformance.verdicts import not_applicable, require
from harness.contracts import Dataset
from harness.values import Selection

_NAMED = 3
"""Of what is wrong so many are named."""


@check(KIND, remedy="Give Entry.span (recording, start, end), start before end, in seconds.")
def windows_lie_in_recordings(subject: Subject) -> None:
    """Where anything is marked, every clip says which stretch of which recording it is."""
    _marked(subject)
    entries = [each for each in listed(subject) if not each.fault]
    lost = [each.id for each in entries if each.span is None]
    require(not lost, f"Selections are listed, and {_few(lost)} has no span.")
    odd = [each.id for each in entries if each.span and not _runs(*each.span[1:], point=False)]
    require(not odd, f"The span of {_few(odd)} does not run forwards from 0 s or later.")
    short = [e.id for e in entries if e.stands_for_s is not None and not e.stands_for_s > 0]
    require(not short, f"{_few(short)} stands for no time: stands_for_s is above 0, or None.")


@check(KIND, remedy="Start and end in seconds, the end not before the start; a class as label.")
def selections_are_sound(subject: Subject) -> None:
    """Each selection has a beginning, an end and a class that clips have."""
    marked = _marked(subject)
    strange = [type(each).__name__ for each in marked if not isinstance(each, Selection)]
    require(not strange, f"selections() lists {_few(strange)}, not Selection.")
    odd = [_told(each) for each in marked if not _runs(each.start_s, each.end_s, point=True)]
    require(not odd, f"{_few(odd)} does not run forwards from 0 s or later.")
    classes = {each.label for each in listed(subject) if not each.fault}
    foreign = [_told(each) for each in marked if each.label not in classes]
    require(not foreign, f"{_few(foreign)} has a label that no clip has.")


@check(KIND, remedy="Name recordings as Entry.span does; leave out what lies past the end.")
def selections_lie_in_recordings(subject: Subject) -> None:
    """Each selection lies in a recording that clips are cut from, not past its end."""
    ends: dict[str, tuple[float, float]] = {}
    marked = _marked(subject)
    for entry in listed(subject):
        if entry.span is not None:
            name, start_s, end_s = entry.span
            last_s, longest_s = ends.get(name, (0.0, 0.0))
            ends[name] = max(last_s, end_s), max(longest_s, end_s - start_s)
    nowhere = [_told(each) for each in marked if each.recording not in ends]
    require(not nowhere, f"{_few(nowhere)} lies in a recording that no clip is cut from.")
    # What is left of a recording is shorter than a window; a few may have been left out there.
    past = [_told(each) for each in marked if each.start_s > sum(ends[each.recording])]
    require(not past, f"{_few(past)} begins after the last clip of its recording.")


@check(KIND, remedy="List selections in a fixed order, from the same files each time.")
def selections_stable(subject: Subject) -> None:
    """Two listings of selections are the same, in the same order."""
    require(_marked(subject) == _marked(subject), "A second listing of selections differs.")


def _marked(subject: Subject) -> list[Selection]:
    dataset = cast(Dataset, subject.plugin)
    marked = list(dataset.selections(listed(subject)))
    if not marked:
        not_applicable("nothing is marked in recordings: selections() is empty")
    return marked


def _runs(start_s: float, end_s: float, *, point: bool) -> bool:
    """Say whether times run forwards; a point in time has both alike."""
    known = math.isfinite(start_s) and math.isfinite(end_s) and start_s >= 0
    return known and (start_s < end_s or (point and start_s == end_s))


def _told(each: Selection) -> str:
    return f"{each.label} from {each.start_s:g} s to {each.end_s:g} s of {each.recording}"


def _few(names: Sequence[str]) -> str:
    more = f" (and {len(names) - _NAMED} more)" if len(names) > _NAMED else ""
    return "; ".join(names[:_NAMED]) + more


CHECKS = (
    windows_lie_in_recordings,
    selections_are_sound,
    selections_lie_in_recordings,
    selections_stable,
)
