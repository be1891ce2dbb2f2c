"""Which training clips are held back to see when a network has learnt enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness import Features

RUNS = 40
"""Runs of neighbours that clips with positions are cut into: each is a fortieth of training."""
LEAST = 50
"""With fewer clips held back, chance would say when to stop."""


def held_back(
    features: Features, numbers: NDArray[np.intp], share: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Draw about a share of the training clips, whole groups or runs of neighbours together.

    Clips with a group stay with it; else clips with a position stay with their neighbours; the
    rest are drawn one by one. No class gives more than its share.

    Parameters
    ----------
    features
        With the groups and positions of the training clips, where they are known.
    numbers : array [shape=(clips,)]
        Class numbers.

    Returns
    -------
    array [shape=(clips,)], bool
        None where groups are too large, or clips too few, for a part worth looking at.
    """
    units = units_of(features)
    allowed = np.round(share * np.bincount(numbers))
    held = np.zeros(len(numbers), bool)
    together = np.split(np.argsort(units, kind="stable"), np.cumsum(np.bincount(units))[:-1])
    for unit in rng.permutation(len(together)):
        members = together[unit]
        tally = np.bincount(numbers[members], minlength=len(allowed))
        if (tally <= allowed).all():
            allowed -= tally
            held[members] = True
    return held if held.sum() >= LEAST else np.zeros_like(held)


def units_of(features: Features) -> NDArray[np.intp]:
    """Number what must stay together [shape=(clips,)]."""
    clips = len(features)
    if any(group is not None for group in features.groups):
        names = [
            (f"group {group}" if group is not None else f"clip {row}")
            for row, group in enumerate(features.groups)
        ]
        return np.unique(names, return_inverse=True)[1]
    if features.positions and all(place is not None for place in features.positions):
        return _runs(features.positions)
    return np.arange(clips)


def _runs(positions: Sequence[float | None]) -> NDArray[np.intp]:
    """Cut clips, in the order of their positions, into runs of equal numbers."""
    clips = len(positions)
    order = np.argsort(np.asarray(positions, np.float64), kind="stable")
    units = np.empty(clips, np.intp)
    units[order] = np.arange(clips) * min(RUNS, clips) // max(clips, 1)
    return units
