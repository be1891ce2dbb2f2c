"""Means of areas, of several pictures at once: what OpenCV gives, in half its time.

Where an area ends within a pixel, OpenCV adds one product after the other. In whole numbers many
pixels are added together; without ties in rounding both give the same.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

MOST = 65535
"""Sums are kept in 16 bits."""


def shrink(pictures: NDArray[np.uint8], small: NDArray[np.uint8]) -> None:
    """Write the mean of the area that each small pixel covers, rounded.

    Parameters
    ----------
    pictures : array [shape=(clips, height, width)], uint8
    small : array [shape=(clips, small height, small width)], uint8
    """
    rows, columns, counts = _ratios(pictures.shape[1:], small.shape[1:])
    if counts:
        small[...] = _means(pictures, rows, columns)
        return
    import cv2

    for picture, own in zip(pictures, small, strict=True):
        cv2.resize(picture, own.shape[::-1], dst=own, interpolation=cv2.INTER_AREA)


@lru_cache(maxsize=64)
def _ratios(large: tuple[int, ...], small: tuple[int, ...]) -> tuple[Fraction, Fraction, bool]:
    """Return how many rows and columns go into one, and what `_counts` says of them."""
    rows, columns = Fraction(large[0], small[0]), Fraction(large[1], small[1])
    return rows, columns, _counts(rows, columns)


def _counts(rows: Fraction, columns: Fraction) -> bool:
    """Say whether means can be had in whole numbers, and OpenCV's way is not the quick one.

    A mean is a whole number over the product of both numerators; where that is odd, no mean lies
    halfway between two levels.
    """
    product = rows.numerator * columns.numerator
    broken = rows.denominator > 1 or columns.denominator > 1
    return broken and min(rows, columns) > 1 and product % 2 == 1 and 255 * product <= MOST


def _means(pictures: NDArray[np.uint8], rows: Fraction, columns: Fraction) -> NDArray[np.uint8]:
    import cv2

    clips, height, width = pictures.shape
    sums = _sums(pictures.reshape(clips * height, width).astype(np.uint16), rows)
    sums = _sums(np.asarray(cv2.transpose(sums), np.uint16), columns)
    product = rows.numerator * columns.numerator
    sums += np.uint16(product // 2)
    sums //= np.uint16(product)
    small = np.asarray(cv2.transpose(sums.astype(np.uint8)), np.uint8)
    return small.reshape(clips, -1, len(sums))


def _sums(lines: NDArray[np.uint16], ratio: Fraction) -> NDArray[np.uint16]:
    """Sum lines [shape=(n, m)] to fewer, each of `ratio` lines, in parts of a line."""
    many, few = ratio.numerator, ratio.denominator
    parts = lines.reshape(-1, many, lines.shape[1])
    sums = np.zeros((len(parts), few, lines.shape[1]), np.uint16)
    for number in range(few):
        own = sums[:, number]
        begin, end = number * many, (number + 1) * many
        for line in range(-(-begin // few), end // few):
            own += parts[:, line]
        own *= np.uint16(few)
        if begin % few:
            own += np.uint16(few - begin % few) * parts[:, begin // few]
        if end % few:
            own += np.uint16(end % few) * parts[:, end // few]
    return sums.reshape(-1, lines.shape[1])
