"""What figures of long recordings are drawn from: sites, recordings, or stretches of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.analysis.hearing import Scene
from harness.statistics.events import Codes
from harness.statistics.groups import MINIMUM_GROUPS

STRETCH_S = 300.0
"""Length of the pieces (s) that are drawn where there are too few recordings to draw."""

STRETCHES = 12
"""Pieces are cut so short that there are about as many at least."""


@dataclass(frozen=True, slots=True)
class Units:
    """What figures are drawn from.

    Parameters
    ----------
    numbers
        Of each clip, by id.
    count
        How many there are.
    kind
        "groups", "recordings", or "stretches of 300 s" where there are too few of these.
    about
        What an interval speaks of.
    """

    numbers: Mapping[str, int]
    count: int
    kind: str
    about: str


def choose_units(scene: Scene, ids: Sequence[str], groups: Mapping[str, str]) -> Units:
    """Choose what the clips of a holdout are drawn with: the largest of which there are enough.

    Parameters
    ----------
    groups
        The group of each clip, by id, where the split knows it.
    """
    places = {id: scene.rows[id] for id in dict.fromkeys(ids) if id in scene.rows}
    recordings = scene.windows.recordings
    few = f"the same {_counted(len({int(recordings[row]) for row in places.values()}))}"
    named = _numbered(places, lambda clip: groups.get(clip, ""))
    if named[1] >= MINIMUM_GROUPS and len(groups) >= len(places):
        return Units(*named, "groups", "new groups")
    by_recording = _numbered(places, lambda clip: int(recordings[places[clip]]))
    if by_recording[1] >= MINIMUM_GROUPS:
        return Units(*by_recording, "recordings", "new recordings")
    starts: NDArray[np.float64] = scene.windows.start_s
    rows = np.array(list(places.values()), dtype=np.intp)
    covered_s = float(_covered_total(scene, rows))
    piece_s = min(STRETCH_S, max(covered_s / STRETCHES, 1.0))
    pieces = _numbered(
        places, lambda clip: (int(recordings[places[clip]]), int(starts[places[clip]] // piece_s))
    )
    return Units(*pieces, f"stretches of {piece_s:.0f} s", f"other hours of {few}")


def _covered_total(scene: Scene, rows: Codes) -> float:
    """Return how long the stretches are from the first to the last window of each recording."""
    total = 0.0
    for code in np.unique(scene.windows.recordings[rows]):
        own = rows[scene.windows.recordings[rows] == code]
        total += scene.windows.end_s[own].max() - scene.windows.start_s[own].min()
    return total


def _counted(count: int) -> str:
    return f"{count} recording" + ("" if count == 1 else "s")


def _numbered(
    ids: Mapping[str, int], key: Callable[[str], str | int | tuple[int, int]]
) -> tuple[dict[str, int], int]:
    keys = {id: key(id) for id in ids}
    order = {name: number for number, name in enumerate(sorted(set(keys.values()), key=str))}
    return {id: order[name] for id, name in keys.items()}, len(order)
