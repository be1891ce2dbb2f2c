"""256 levels become colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from harness.errors import PlanError
from harness.values import PictureSettings, Scale

LEVELS = 256
COLOURS = ("viridis", "magma", "inferno", "plasma", "cividis", "grey")


def expect_colours(settings: PictureSettings) -> None:
    """Refuse colours that there are not.

    Raises
    ------
    PlanError
        No such colours.
    """
    if settings.colours not in COLOURS:
        raise PlanError(
            f"There are no colours {settings.colours!r}: choose one of {', '.join(COLOURS)}."
        )


@lru_cache(maxsize=16)
def colour_table(scale: Scale, settings: PictureSettings) -> NDArray[np.uint8]:
    """Return the RGB colour of each of the 256 levels [shape=(256, 3)].

    Power and decibels take the colours of `settings`; the tables are those that OpenCV carries,
    equal to matplotlib's colour maps of the same names. Coverage is drawn in black on white.

    Raises
    ------
    PlanError
        No such colours.
    """
    expect_colours(settings)
    table = _table(scale, settings.colours)
    table.flags.writeable = False
    return table


def _table(scale: Scale, colours: str) -> NDArray[np.uint8]:
    ramp = np.arange(LEVELS, dtype=np.uint8)
    if scale == "coverage":
        return np.repeat(255 - ramp[:, None], 3, axis=1)
    if colours == "grey":
        return np.repeat(ramp[:, None], 3, axis=1)
    import cv2

    code = getattr(cv2, f"COLORMAP_{colours.upper()}")
    table = cv2.applyColorMap(ramp[:, None], code)[:, 0, ::-1]
    return np.ascontiguousarray(table, dtype=np.uint8)


def colour(levels: NDArray[np.uint8], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Look up the colours of levels [shape=(clips, height, width)]: one axis of 3 more."""
    pixels = np.empty((*levels.shape, 3), np.uint8)
    palette = Palette.of(table, levels.shape[1:])
    for plane, picture in zip(levels, pixels, strict=True):
        palette.paint(plane, picture)
    return pixels


@dataclass(frozen=True, slots=True)
class Palette:
    """A colour table of four bytes an entry, looked up in one step; one of three takes three.

    Parameters
    ----------
    entries : array [shape=(256,)], int32
    packed : array [shape=(height, width)], int32
        Worked in.
    """

    entries: NDArray[np.int32]
    packed: NDArray[np.int32]

    @classmethod
    def of(cls, table: NDArray[np.uint8], shape: tuple[int, ...]) -> Palette:
        """Pack a table [shape=(256, 3)] for pictures of one height and width."""
        entries = np.zeros((LEVELS, 4), np.uint8)
        entries[:, :3] = table
        return cls(entries.view(np.int32)[:, 0], np.empty(shape, np.int32))

    def paint(self, plane: NDArray[np.uint8], picture: NDArray[np.uint8]) -> None:
        """Write the colours of levels [shape=(height, width)] into a picture."""
        import cv2

        cv2.LUT(plane, self.entries, self.packed)
        unpacked = self.packed.view(np.uint8).reshape(*plane.shape, 4)
        cv2.cvtColor(unpacked, cv2.COLOR_RGBA2RGB, picture)
