"""Local binary patterns of grey pictures, counted in a grid of cells.

T. Ojala, M. Pietikäinen and T. Mäenpää: Multiresolution Gray-Scale and Rotation Invariant Texture
Classification with Local Binary Patterns, PAMI 24 (2002), 971, as
``skimage.feature.local_binary_pattern(..., method="nri_uniform")`` computes them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 8
PATTERNS = NEIGHBOURS * (NEIGHBOURS - 1) + 3
"""Those with at most two changes between bright and dark around the circle, and one for the rest.

Turned patterns are kept apart; counted together there would be ten, which cannot tell a rise in
frequency from a fall.
"""


def pattern_counts(
    grey: NDArray[np.uint8], *, rows: int, columns: int, radii: int
) -> NDArray[np.unsignedinteger]:
    """Count the patterns of grey pictures in each cell of a grid, one radius after the other.

    Parameters
    ----------
    grey : array [shape=(clips, height, width)], uint8
    rows, columns
        Cells along height and width.
    radii
        Neighbours lie on circles of 1, 2, ... up to so many pixels.

    Returns
    -------
    array [shape=(clips, radii, rows * columns * PATTERNS)], uint8 where no count can exceed it
    """
    from skimage import feature

    find: Any = feature.local_binary_pattern  # without types
    places = _places(grey.shape[1:], rows, columns)
    most = int(np.bincount(places.ravel()).max())
    length = rows * columns * PATTERNS
    counts = np.empty((len(grey), radii, length), np.min_scalar_type(most))
    for picture, found in zip(grey, counts, strict=True):
        for radius in range(1, radii + 1):
            codes = find(picture, NEIGHBOURS, radius, "nri_uniform")
            numbers = places * PATTERNS + codes.astype(np.intp)
            found[radius - 1] = np.bincount(numbers.ravel(), minlength=length)
    return counts


def _places(shape: tuple[int, ...], rows: int, columns: int) -> NDArray[np.intp]:
    """Number the cell of each pixel [shape=(height, width)], row by row."""
    height, width = shape
    down = np.arange(height) * rows // height
    along = np.arange(width) * columns // width
    return down[:, None] * columns + along
