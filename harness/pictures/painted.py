"""Pictures that are coloured when somebody looks at their colours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.pictures.colours import colour
from harness.values import Levels, Pictures


class Painted(Pictures):
    """Pictures of one plane each; many classifiers look at its levels, and colours cost time.

    Parameters
    ----------
    levels
        One plane a picture, and the colour of each level.
    ids
        The clip of each picture.
    """

    __slots__ = ("_levels", "_pixels")
    _levels: Levels
    _pixels: NDArray[np.uint8] | None

    def __init__(self, levels: Levels, ids: tuple[str, ...]) -> None:
        if len(levels) != len(ids):
            raise ValueError(f"Pictures of {len(levels)} planes for {len(ids)} ids")
        for name, value in (("_levels", levels), ("_pixels", None), ("ids", ids)):
            object.__setattr__(self, name, value)

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
