"""A dictionary of small patches, learnt by k-means, and pictures described by it.

A. Coates, A. Y. Ng, H. Lee: An Analysis of Single-Layer Networks in Unsupervised Feature
Learning, AISTATS 2011, https://proceedings.mlr.press/v15/coates11a.html: patches are
normalised and whitened (ZCA), k-means finds the dictionary, a picture is encoded by the
"triangle" activation and pooled over parts of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from harness import ClassifierError
from plugins.classifiers.writing import Row32, Table32

VARIANCE_FLOOR = 10.0
"""Added to a patch's variance, grey levels 0 to 255 (section 3.1 of the paper)."""
WHITENING_FLOOR = 3.0
"""Added to the eigenvalues before whitening, for normalised patches. The authors' code has 0.1
for photographs; spectrograms are smooth, and so little would raise mostly their noise."""
CLIPS_AT_ONCE = 16
"""So many clips' distances stay in a processor's cache."""


@dataclass(frozen=True, eq=False)
class Dictionary:
    """Patches to compare with.

    Parameters
    ----------
    side, stride
        Size of a patch and the step from one to the next (pixels).
    centre : array [shape=(side * side,)]
        The mean patch.
    whitening : array [shape=(side * side, side * side)]
        ZCA matrix.
    words : array [shape=(words, side * side)]
        Centres of the clusters, whitened.
    parts
        The picture is pooled over parts x parts rectangles.
    """

    side: int
    stride: int
    centre: Row32
    whitening: Table32
    words: Table32
    parts: int

    def __post_init__(self) -> None:
        if min(self.side, self.stride, self.parts) < 1:
            raise ClassifierError("A dictionary has patches, steps and parts of at least 1.")

    def __call__(self, grey: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Describe pictures, as a part of what was learnt."""
        return self.describe(grey)

    def describe(self, grey: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Encode pictures [shape=(clips, height, width)] and pool over their parts.

        Returns
        -------
        array [shape=(clips, parts * parts * words)], float32
            The mean activation of each word in each part.
        """
        rows = np.empty((len(grey), self.parts**2 * len(self.words)), np.float32)
        for start in range(0, len(grey), CLIPS_AT_ONCE):
            block = slice(start, start + CLIPS_AT_ONCE)
            rows[block] = self._describe(grey[block])
        return rows

    def _describe(self, grey: NDArray[np.uint8]) -> NDArray[np.float32]:
        patches = all_patches(grey, self.side, self.stride)
        clips, down, across, _ = patches.shape
        level = normalised(patches.reshape(clips * down * across, -1))
        white = whitened(level, self.centre, self.whitening)
        active = triangle(distances(white, self.words)).reshape(clips, down, across, -1)
        return pooled(active, self.parts)


def learn_dictionary(
    grey: NDArray[np.uint8],
    *,
    side: int,
    stride: int,
    words: int,
    samples: int,
    parts: int,
    seed: int,
) -> Dictionary:
    """Learn whitening and words from patches at random places of training pictures.

    Parameters
    ----------
    samples
        Patches to learn from; words are fewer where the pictures have fewer distinct patches.
    """
    from sklearn.cluster import KMeans

    rng = np.random.default_rng(seed)
    patches = normalised(_random_patches(grey, side, samples, rng))
    centre, whitening = zca(patches)
    white = whitened(patches, centre, whitening)
    count = min(words, len(np.unique(patches, axis=0)))
    means = KMeans(count, init="random", n_init=1, max_iter=20, random_state=seed).fit(white)
    found = np.asarray(means.cluster_centers_, np.float32)
    return Dictionary(side, stride, centre, whitening, found, parts)


def all_patches(grey: NDArray[np.uint8], side: int, stride: int) -> NDArray[np.float32]:
    """Cut patches on a grid [shape=(clips, down, across, side * side)], float32."""
    windows = _windows(grey, side)[:, ::stride, ::stride]
    return windows.reshape(*windows.shape[:3], side * side).astype(np.float32)


def _windows(grey: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """View every square [shape=(clips, down, across, side, side)] without copying."""
    return sliding_window_view(sliding_window_view(grey, side, axis=1), side, axis=2)


def _random_patches(
    grey: NDArray[np.uint8], side: int, samples: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    clips, height, width = grey.shape
    windows = _windows(grey, side)
    clip = rng.integers(clips, size=samples)
    top = rng.integers(height - side + 1, size=samples)
    left = rng.integers(width - side + 1, size=samples)
    return windows[clip, top, left].reshape(samples, -1).astype(np.float32)


def normalised(patches: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take brightness and contrast out of patches [shape=(patches, side * side)]."""
    level: NDArray[np.float32] = patches - patches.mean(axis=1, keepdims=True)
    variance = np.square(level).mean(axis=1, keepdims=True)
    level /= np.sqrt(variance + np.float32(VARIANCE_FLOOR))
    return level


def zca(patches: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Find the mean and the symmetric matrix that makes patches white (Bell, Sejnowski 1997)."""
    centre = patches.mean(axis=0, dtype=np.float64)
    values, vectors = np.linalg.eigh(np.cov(patches - centre, rowvar=False))
    whitening = (vectors / np.sqrt(np.maximum(values, 0) + WHITENING_FLOOR)) @ vectors.T
    return centre.astype(np.float32), whitening.astype(np.float32)


def whitened(
    patches: NDArray[np.float32], centre: NDArray[np.float32], whitening: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Take out the mean patch and what neighbouring pixels have in common."""
    return np.asarray((patches - centre) @ whitening, np.float32)


def distances(patches: NDArray[np.float32], words: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measure Euclidean distances [shape=(patches, words)]."""
    squared = patches @ (np.float32(-2) * words.T)
    squared += np.square(patches).sum(axis=1, keepdims=True)
    squared += np.square(words).sum(axis=1)
    np.maximum(squared, 0, out=squared)
    return np.sqrt(squared, out=squared)


def triangle(distance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Activate words that are nearer than the mean word: max(0, mean - distance)."""
    np.subtract(distance.mean(axis=1, keepdims=True), distance, out=distance)
    return np.maximum(distance, 0, out=distance)


def pooled(active: NDArray[np.float32], parts: int) -> NDArray[np.float32]:
    """Average activations [shape=(clips, down, across, words)] over parts of the picture."""
    rows = np.array_split(np.arange(active.shape[1]), parts)
    columns = np.array_split(np.arange(active.shape[2]), parts)
    means = [
        active[:, row[0] : row[-1] + 1, column[0] : column[-1] + 1].mean(axis=(1, 2))
        for row in rows
        for column in columns
    ]
    return np.concatenate(means, axis=1)
