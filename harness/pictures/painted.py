"""Pictures that are coloured when somebody looks at their colours."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.pictures.colours import colour
from harness.values import Levels, Pictures

Known = dict[Hashable, tuple[NDArray[Any], float]]
"""What was made of some levels, by the function and what it was given; the seconds it took."""


class Painted(Pictures):
    """Pictures of one plane each; many classifiers look at its levels, and colours cost time.

    Parameters
    ----------
    levels
        One plane a picture, and the colour of each level.
    ids
        The clip of each picture.
    known
        What was made of these levels before; what is made now is added.
    """

    __slots__ = ("_known", "_levels", "_pixels", "_spared_s")
    _levels: Levels
    _pixels: NDArray[np.uint8] | None
    _known: Known
    _spared_s: float

    def __init__(self, levels: Levels, ids: tuple[str, ...], known: Known | None = None) -> None:
        if len(levels) != len(ids):
            raise ValueError(f"Pictures of {len(levels)} planes for {len(ids)} ids")
        object.__setattr__(self, "_levels", levels)
        object.__setattr__(self, "_pixels", None)
        object.__setattr__(self, "ids", ids)
        object.__setattr__(self, "_known", {} if known is None else known)
        object.__setattr__(self, "_spared_s", 0.0)

    def __reduce__(self) -> tuple[Any, ...]:
        return Painted, (self._levels, self.ids)

    @property
    def levels(self) -> Levels:
        """What they are coloured from."""
        return self._levels

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The colours [shape=(clips, height, width, 3)], painted once."""
        if self._pixels is None:
            pixels = colour(self._levels.planes, self._levels.table)
            pixels.flags.writeable = False
            object.__setattr__(self, "_pixels", pixels)
        assert self._pixels is not None
        return self._pixels

    def once(self, make: Callable[..., NDArray[Any]], *given: Hashable) -> NDArray[Any]:
        """Make something of the pictures, or hand on what was made of the same levels before."""
        if (make, given) in self._known:
            made, seconds = self._known[make, given]
            object.__setattr__(self, "_spared_s", self._spared_s + seconds)
            return made
        start = time.perf_counter()
        made = super().once(make, *given)
        self._known[make, given] = made, time.perf_counter() - start
        return made

    @property
    def spared_s(self) -> float:
        """Seconds that `once` saved whoever looked at these."""
        return self._spared_s

    def afresh(self) -> Painted:
        """Return the same pictures for another to look at: not painted, nothing spared."""
        return Painted(self._levels, self.ids, self._known)
