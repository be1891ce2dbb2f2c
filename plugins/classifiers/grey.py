"""Coloured pictures as small grey ones: what all local classifiers look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness import Pictures
from plugins.classifiers.areas import shrink

TOGETHER = 4
"""Pictures that are made small together: they stay in a processor's second-level cache."""
ROOTS = np.sqrt(np.arange(256, dtype=np.float32) / np.float32(255))
"""The square root of each level above the darkest."""


def grey_pictures(pictures: Pictures, height: int, width: int) -> NDArray[np.uint8]:
    """Turn pictures into small grey ones [shape=(clips, height, width)], read-only.

    Grey is the luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B; it rises along viridis, so
    it gives back the order of the values that were coloured. Each small pixel is the mean of
    the area that it covers.

    Parameters
    ----------
    height, width
        Size of the small pictures (pixels).
    """
    return pictures.once(_small, height, width)


def _small(pictures: Pictures, height: int, width: int) -> NDArray[np.uint8]:
    small = np.empty((len(pictures), height, width), np.uint8)
    for start in range(0, len(pictures), TOGETHER):
        some = slice(start, start + TOGETHER)
        shrink(_grey(pictures, some), small[some])
    return small


def _grey(pictures: Pictures, some: slice) -> NDArray[np.uint8]:
    """Turn some pictures grey; levels, by the grey of each one's colour."""
    import cv2

    levels = pictures.levels
    seen = pictures.pixels[some] if levels is None else levels.planes[some]
    grey = np.empty(seen.shape[:3], np.uint8)
    if levels is None:
        for picture, own in zip(seen, grey, strict=True):
            cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY, own)
        return grey
    table = cv2.cvtColor(levels.table[None], cv2.COLOR_RGB2GRAY)[0]
    for plane, own in zip(seen, grey, strict=True):
        cv2.LUT(plane, table, own)
    return grey


def grey_matrix(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn grey pictures [shape=(clips, height, width)] into rows of numbers from 0 to 1."""
    return np.divide(small.reshape(len(small), -1), np.float32(255), dtype=np.float32)


def standardised_rows(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn grey pictures into rows of mean 0 and deviation 1, their dark half spread out.

    The square root of the brightness above the darkest pixel lets weak sounds count beside
    the loudest; on pictures of linear power it is worth some points of accuracy, on pictures
    in dB it changes little. A picture of one grey gives zeros.

    Parameters
    ----------
    small : array [shape=(clips, height, width)], uint8

    Returns
    -------
    array [shape=(clips, height * width)], float32
    """
    import cv2

    levels = small.reshape(len(small), -1)
    rows: NDArray[np.float32] = cv2.LUT(levels - levels.min(axis=1, keepdims=True), ROOTS)
    rows -= rows.mean(axis=1, keepdims=True)
    width = np.sqrt(np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1]))[:, None]
    rows /= np.where(width > 0, width, 1)
    return rows


@dataclass(frozen=True)
class GreyMatrix:
    """`grey_matrix`, to be written down as a part of what was learnt."""

    def __call__(self, small: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn grey pictures into rows."""
        return grey_matrix(small)


@dataclass(frozen=True)
class StandardisedRows:
    """`standardised_rows`, to be written down as a part of what was learnt."""

    def __call__(self, small: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn grey pictures into rows."""
        return standardised_rows(small)
