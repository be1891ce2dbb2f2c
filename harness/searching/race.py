"""A race: candidates run on more and more folds, and what is behind drops out early.

After each stage a candidate that is worse than the leader beyond doubt, clip by clip on the folds
so far, is dropped; of the others the better half go on. The test spares the rest of the budget
where differences are clear (a race in the sense of Maron and Moore 1997, "The Racing Algorithm",
Artificial Intelligence Review 11, 193-225); halving spends it on more candidates where they are
not (Jamieson and Talwalkar 2016, "Non-stochastic Best Arm Identification", AISTATS).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.statistics.corrections import holm
from harness.statistics.paired import ALPHA, compare_pairs


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a stage says of one candidate.

    Parameters
    ----------
    goes_on
        It runs on the next folds.
    p
        Of "as good as the leader", after Holm's correction over all that the leader is compared
        with, where it was dropped as clearly worse; None otherwise.
    """

    goes_on: bool
    p: float | None = None


def stages(folds: int) -> tuple[tuple[int, ...], ...]:
    """Say which folds each stage adds: the first, up to half of them, the rest.

    >>> stages(5)
    ((0,), (1,), (2, 3, 4))
    """
    ends = sorted({1, max(2, folds // 2), folds} - {0})
    starts = [0, *ends[:-1]]
    return tuple(tuple(range(a, b)) for a, b in zip(starts, ends, strict=True) if b > a)


def places(candidates: int, stage: int) -> int:
    """Say how many of so many candidates run in a stage at most: each has half of the last one."""
    return math.ceil(candidates / (1 << stage))


def cost(candidates: int, folds: int) -> int:
    """Count the cells that a race of so many candidates takes at most."""
    return sum(len(each) * places(candidates, at) for at, each in enumerate(stages(folds)))


def judge(
    correct: NDArray[np.bool_],
    figures: Sequence[float],
    groups: Sequence[str | None] | None,
    candidates: int,
    go_on: int,
) -> list[Verdict]:
    """Say which candidates go on.

    Parameters
    ----------
    correct : array [shape=(cells, clips)]
        Right or wrong on the folds so far: the candidates, then what they race against.
    figures
        What they are ranked by, the higher, the better; of all these cells.
    candidates
        How many of the cells are candidates.
    go_on
        How many may go on at most.

    Returns
    -------
    One verdict a candidate.
    """
    leader = int(np.argmax(figures))
    others = [place for place in range(candidates) if place != leader]
    found = compare_pairs(correct, [(leader, place) for place in others], groups)
    adjusted = holm([pair.p for pair in found])
    worse = {
        place: float(p)
        for place, pair, p in zip(others, found, adjusted, strict=True)
        if p < ALPHA and pair.difference > 0
    }
    left = [place for place in range(candidates) if place not in worse]
    left.sort(key=lambda place: -figures[place])
    chosen = set(left[:go_on])
    return [Verdict(place in chosen, worse.get(place)) for place in range(candidates)]
