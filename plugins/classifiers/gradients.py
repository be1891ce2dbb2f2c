"""Histograms of oriented gradients (HOG) of many grey pictures at once.

N. Dalal, B. Triggs: Histograms of Oriented Gradients for Human Detection, CVPR 2005,
https://doi.org/10.1109/CVPR.2005.177, as ``skimage.feature.hog`` computes them: no vote is
shared between bins or cells, blocks overlap, each is normalised by L2-Hys.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

BLOCK = 2
"""Side of a block that is normalised as one (cells), the paper's choice."""
CLIP_AT = 0.2
"""Where L2-Hys clips a normalised histogram (Dalal and Triggs; Lowe 2004)."""
EPSILON = 1e-5
"""Keeps the norm of an empty block from zero; the figure of scikit-image."""
STEPS = 511
"""Differences of two uint8 pixels run from -255 to 255."""


def oriented_gradients(
    grey: NDArray[np.uint8], *, cell: int = 8, orientations: int = 9, block: int = BLOCK
) -> NDArray[np.float32]:
    """Describe grey pictures by where their edges are and how they run.

    Parameters
    ----------
    grey : array [shape=(clips, height, width)], uint8
    cell
        Side of a cell (pixels); what is left over at the bottom and right is not used.
    orientations
        Bins between 0 and 180 degrees.
    block
        Side of a block that is normalised as one (cells).

    Returns
    -------
    array [shape=(clips, n)], float32
        In the order of ``skimage.feature.hog(..., block_norm="L2-Hys")``.
    """
    cells = cell_histograms(grey, cell, orientations)
    windows = sliding_window_view(sliding_window_view(cells, block, axis=1), block, axis=2)
    blocks: NDArray[np.float32] = windows.transpose(0, 1, 2, 4, 5, 3).reshape(
        *windows.shape[:3], -1
    )
    for limit in (CLIP_AT, np.inf):
        norms = np.sqrt(np.square(blocks).sum(axis=-1, keepdims=True) + np.float32(EPSILON**2))
        blocks = np.minimum(blocks / norms, np.float32(limit))
    return blocks.reshape(len(grey), -1)


def cell_histograms(grey: NDArray[np.uint8], cell: int, orientations: int) -> NDArray[np.float32]:
    """Sum gradient magnitudes by direction in each cell.

    Returns
    -------
    array [shape=(clips, rows, columns, orientations)], float32
        Mean magnitude over the pixels of the cell.
    """
    clips, height, width = grey.shape
    rows, columns = height // cell, width // cell
    magnitudes, bins = _gradient_tables(orientations)
    steps = _gradient_steps(grey)[:, : rows * cell, : columns * cell]
    places = np.arange(clips * rows * columns).reshape(clips, rows, 1, columns, 1) * orientations
    steps = steps.reshape(clips, rows, cell, columns, cell)
    totals = np.bincount(
        (places + np.take(bins, steps)).ravel(),
        weights=np.take(magnitudes, steps).ravel(),
        minlength=clips * rows * columns * orientations,
    )
    means = totals.reshape(clips, rows, columns, orientations) / cell**2
    return means.astype(np.float32)


def _gradient_steps(grey: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Number the pair of differences at each pixel; edges of the picture have none."""
    levels = grey.astype(np.int32)
    down, right = np.zeros_like(levels), np.zeros_like(levels)
    down[:, 1:-1] = levels[:, 2:] - levels[:, :-2]
    right[:, :, 1:-1] = levels[:, :, 2:] - levels[:, :, :-2]
    return (down + 255) * STEPS + (right + 255)


@lru_cache(maxsize=4)
def _gradient_tables(orientations: int) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Tabulate magnitude and direction bin of every possible pair of differences.

    There are few enough pairs, and a table is several times faster than arctan2.
    """
    down, right = np.mgrid[-255:256, -255:256].astype(np.float64).reshape(2, -1)
    degrees = np.rad2deg(np.arctan2(down, right)) % 180
    bins = np.minimum((degrees * orientations / 180).astype(np.uint8), orientations - 1)
    return np.hypot(down, right), bins
