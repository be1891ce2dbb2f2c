"""The self-test of a bundle: clips that must look and be scored here as where it was made."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.applying.bundle import Probe, Probes
from harness.applying.scoring import Together, seen_hash
from harness.errors import ClassifierError, SightbenchError, one_line
from harness.statistics.ensembles import average
from harness.values import Clip, Entry

MOST_PROBES = 8
MOST_SAMPLES = 2**21
"""Of all probes together, 8 MB; the first clip is always one."""
ROUNDING = 1e-9
"""Scores may differ by this much: processors round sums in their own ways."""


def choose_probes(entries: Sequence[Entry], samples_each: int) -> list[Entry]:
    """Choose clips for a self-test: of each class in turn, evenly spread over its clips."""
    by_class: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda each: each.id):
        by_class[entry.label].append(entry)
    count = max(1, min(MOST_PROBES, MOST_SAMPLES // max(samples_each, 1)))
    each = -(-count // len(by_class))
    spread = {
        name: [own[place * len(own) // each] for place in range(min(each, len(own)))]
        for name, own in sorted(by_class.items())
    }
    turns = [own[turn] for turn in range(each) for own in spread.values() if turn < len(own)]
    return turns[:count]


def probe(scorer: Together, clips: Sequence[Clip]) -> Probes:
    """Write down what is seen and said of some clips, each by itself."""
    found = []
    for clip in clips:
        seen = scorer.see([clip])
        (scores,) = scorer.scores([clip], seen)
        said = tuple(float(value) for value in scores)
        found.append(Probe(clip.id, clip.label, clip.rate, tuple(map(seen_hash, seen)), said))
    return Probes(tuple(found))


def together(each: Sequence[Probes], times: Sequence[int]) -> Probes:
    """Put the self-tests of members together: what each sees, and what all say on average."""
    found = []
    for own in zip(*(probes.probes for probes in each), strict=True):
        (scores,) = average(np.array([[probe.scores] for probe in own]), times)
        seen = tuple(hash for probe in own for hash in probe.seen)
        found.append(dataclasses.replace(own[0], seen=seen, scores=tuple(scores.tolist())))
    return Probes(tuple(found))


def self_test(
    scorer: Together,
    probes: Probes,
    samples: Sequence[NDArray[Any]],
    tolerance: float | None = None,
) -> str:
    """Draw and score the clips of the self-test; say what is otherwise here, empty where nothing.

    Parameters
    ----------
    tolerance
        Let probabilities differ by this much, however the pictures look; None lets pass what
        rounds otherwise alone.
    """
    limit = ROUNDING if tolerance is None else tolerance
    for probe, own in zip(probes.probes, samples, strict=True):
        try:
            clip = Clip(probe.id, own, probe.rate_hz, probe.label)
            seen = scorer.see([clip])
            (scores,) = scorer.scores([clip], seen)
        except SightbenchError as error:
            return f"its clip {probe.id!r} cannot be scored: {one_line(error)}"
        except (Exception, SystemExit) as error:  # a stranger's plugin, or a bundle's numbers
            return f"its clip {probe.id!r} cannot be scored: {one_line(error)}"
        if tolerance is None and tuple(map(seen_hash, seen)) != probe.seen:
            return f"this machine draws its clip {probe.id!r} otherwise"
        if len(probe.scores) != len(scores):
            return f"its clip {probe.id!r} has scores of other classes"
        apart = float(np.abs(scores - np.array(probe.scores)).max())
        if not apart <= limit:
            return (
                f"this machine scores its clip {probe.id!r} otherwise: probabilities differ by "
                f"{apart:.2g}"
            )
    return ""


def expect_same(
    scorer: Together, name: str, probes: Probes, samples: Sequence[NDArray[Any]]
) -> None:
    """Ask that what was made again scores just as what had learnt.

    Raises
    ------
    ClassifierError
        It does not.
    """
    why = self_test(scorer, probes, samples)
    if why:
        raise ClassifierError(f"{name} cannot be kept: made again from what it wrote down, {why}.")
