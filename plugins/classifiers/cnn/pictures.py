"""Pictures as small ones in colour, and their scale: what the network looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.writing import Row32


def small_pictures(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Shrink pictures, each small pixel the mean of the area that it covers.

    Colours are kept: in a stack each is a picture of its own.

    Parameters
    ----------
    pixels : array [shape=(clips, rows, columns, 3)], uint8
    height, width
        Size of the small pictures (pixels).

    Returns
    -------
    array [shape=(clips, height, width, 3)], uint8
    """
    import cv2

    small = np.empty((len(pixels), height, width, 3), np.uint8)
    for clip, picture in enumerate(pixels):
        cv2.resize(picture, (width, height), dst=small[clip], interpolation=cv2.INTER_AREA)
    return small


@dataclass(frozen=True, eq=False)
class Scale:
    """Mean and deviation of each colour over the training pictures.

    Parameters
    ----------
    centre, width : array [shape=(3,)], float32
    """

    centre: Row32
    width: Row32

    @classmethod
    def of(cls, pixels: NDArray[np.uint8]) -> Scale:
        """Measure pictures [shape=(clips, height, width, 3)], from counts of their levels."""
        counts = np.zeros((3, 256))
        for picture in pixels:
            for colour in range(3):
                counts[colour] += np.bincount(picture[..., colour].ravel(), minlength=256)
        levels, shares = np.arange(256), counts / counts.sum(axis=1, keepdims=True)
        centre = shares @ levels
        variance = np.array(
            [part @ (levels - mean) ** 2 for part, mean in zip(shares, centre, strict=True)]
        )
        width = np.sqrt(np.where(variance > 0, variance, 1))
        return cls(centre.astype(np.float32), width.astype(np.float32))

    def standardise(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return pictures whose colours had mean 0 and deviation 1 in training."""
        values = np.subtract(pixels, self.centre, dtype=np.float32)
        values /= self.width
        return values
