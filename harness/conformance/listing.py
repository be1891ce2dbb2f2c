"""Checks of datasets: ids, labels, reading twice, bad clips."""

from __future__ import annotations

from typing import cast

import numpy as np

from harness.conformance.checks import check
from harness.conformance.replay import clip_part
from harness.conformance.subject import Subject
from harness.conformance.verdicts import not_applicable, require
from harness.contracts import Dataset
from harness.errors import BadClip, ConformanceError, DatasetError, one_line
from harness.values import Clip, Entry

KIND = "dataset"
_READ = 8
"""Clips read by a check, spread over the dataset."""


@check(KIND, remedy="Make ids of what identifies a clip: its path, its row.")
def ids_unique(subject: Subject) -> None:
    """Every id is text that no other clip has."""
    ids = [each.id for each in listed(subject)]
    require(all(isinstance(each, str) and each for each in ids), "An id is empty or no text.")
    doubled = (
        sorted({each for each in ids if ids.count(each) > 1}) if len(set(ids)) < len(ids) else []
    )
    require(not doubled, f"Two clips have the id {', '.join(doubled[:5])}.")


@check(KIND, remedy="List in a fixed order: sort what a folder or a set gives.")
def ids_stable(subject: Subject) -> None:
    """Two listings are the same, in the same order."""
    first, second = list(listed(subject)), list(listed(subject))
    require(first == second, "A second listing differs from the first.")


@check(KIND, remedy="Give every entry a label, or a fault that says why it has none.")
def labels_for_all(subject: Subject) -> None:
    """Every clip has a label, of text, or a fault."""
    entries = listed(subject)
    require(len(entries) > 0, "It lists no clips.")
    without = [e.id for e in entries if not e.fault and not (isinstance(e.label, str) and e.label)]
    require(not without, f"No label for {', '.join(without[:5])}.")


@check(KIND, remedy="Keep no state between calls of entries() and read().")
def read_twice(subject: Subject) -> None:
    """The same entry gives the same clip again, in any order."""
    dataset = cast(Dataset, subject.plugin)
    chosen = _some(subject)
    first = [clip_part(dataset, entry) for entry in chosen]
    second = [clip_part(dataset, entry) for entry in reversed(chosen)]
    require(first == second[::-1], "A clip read again is not the same.")


@check(KIND, remedy="Pass the entry's id, label and group on to the Clip.")
def clips_match_their_entries(subject: Subject) -> None:
    """A clip has the id, label and group of its entry."""
    dataset = cast(Dataset, subject.plugin)
    for entry in _some(subject):
        clip = dataset.read(entry)
        require(isinstance(clip, Clip), f"read() returns {type(clip).__name__}, not a Clip.")
        given = (clip.id, clip.label, clip.group)
        listed = (entry.id, entry.label, entry.group)
        require(given == listed, f"The entry has {listed}, its clip {given}.")


@check(KIND, remedy="Raise BadClip('has no samples'), ('holds values that are no numbers'), ...")
def clips_are_sound(subject: Subject) -> None:
    """Every clip that is read has samples, finite ones, and a rate."""
    dataset = cast(Dataset, subject.plugin)
    for entry in _some(subject):
        clip = dataset.read(entry)
        require(clip.samples.size > 0, f"{entry.id} has no samples.")
        require(
            bool(np.isfinite(clip.samples).all()), f"{entry.id} holds values that are no numbers."
        )
        require(bool(np.isfinite(clip.rate)), f"{entry.id} has the rate {clip.rate}.")


@check(KIND, remedy="Raise BadClip with the reason alone, or list the entry with its fault.")
def bad_clips_reported(subject: Subject) -> None:
    """A clip that is not there is reported as BadClip, nothing else."""
    dataset = cast(Dataset, subject.plugin)
    listed(subject)
    name = "no such clip \u2022 0"
    try:
        dataset.read(Entry(id=name, label="none", where=name))
    except BadClip as error:
        require(bool(str(error)), "BadClip has no reason.")
    except Exception as error:
        raise ConformanceError(f"An entry that is not there raises {one_line(error)}") from error
    else:
        require(False, "An entry that is not there is read without an error.")


def listed(subject: Subject) -> list[Entry]:
    """List the clips; a dataset that lacks its recordings is not examined."""
    try:
        return list(cast(Dataset, subject.plugin).entries())
    except DatasetError as error:
        not_applicable(f"it cannot be listed as it stands: {error}")


def _some(subject: Subject) -> list[Entry]:
    sound = [each for each in listed(subject) if not each.fault]
    if not sound:
        not_applicable("it lists no sound clip")
    step = max(1, len(sound) // _READ)
    return sound[::step][:_READ]


CHECKS = (
    ids_unique,
    ids_stable,
    labels_for_all,
    read_twice,
    clips_match_their_entries,
    clips_are_sound,
    bad_clips_reported,
)
