"""A dictionary of small patches, learnt by k-means, and pictures described by it.

A. Coates, A. Y. Ng, H. Lee: An Analysis of Single-Layer Networks in Unsupervised Feature
Learning, AISTATS 2011, https://proceedings.mlr.press/v15/coates11a.html: patches are
normalised and whitened (ZCA), k-means finds the dictionary, a picture is encoded by the
"triangle" activation and pooled over parts of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

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
ROUNDS = 7
"""Of k-means: thirteen more move accuracies by a tenth of a point, up as well as down."""
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
        cut = all_patches(grey, self.side, self.stride)
        active = triangle(self.distances(cut.reshape(-1, cut.shape[-1])))
        return pooled(active.reshape(*cut.shape[:3], -1), self.parts)

    def distances(self, patches: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Measure from patches [shape=(patches, side * side)] to words [shape=(patches, words)]."""
        count, pixels = patches.shape
        # Behind its pixels a patch has a one, for what is added to all, and its square once white.
        rows = np.empty((count, pixels + 2), np.float32)
        level = centred(patches)
        variance = np.einsum("ij,ij->i", level, level) / np.float32(pixels)
        contrast = np.reciprocal(np.sqrt(variance + np.float32(VARIANCE_FLOOR)))
        np.multiply(level, contrast[:, None], out=rows[:, :pixels])
        rows[:, pixels] = 1
        white = rows[:, :-1] @ self._whitener
        np.einsum("ij,ij->i", white, white, out=rows[:, -1])
        return roots(rows @ self._comparer)

    @cached_property
    def _whitener(self) -> NDArray[np.float32]:
        """What makes a patch and a one white [shape=(side * side + 1, side * side)]."""
        whitening = self.whitening.astype(np.float64)
        shift = -self.centre.astype(np.float64) @ whitening
        return np.vstack([whitening, shift]).astype(np.float32)

    @cached_property
    def _comparer(self) -> NDArray[np.float32]:
        """What makes squared distances to words [shape=(side * side + 2, words)].

        ``|white - word|^2 = |white|^2 - 2 white . word + |word|^2``: of a patch, a one and the
        patch's square once white, in one product.
        """
        words = self.words.astype(np.float64)
        whitening = self.whitening.astype(np.float64)
        shift = self.centre.astype(np.float64) @ whitening
        squares = np.square(words).sum(axis=1) + 2 * words @ shift
        return np.vstack([-2 * whitening @ words.T, squares, np.ones(len(words))]).astype(
            np.float32
        )


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
    from sklearn import config_context
    from sklearn.cluster import KMeans

    rng = np.random.default_rng(seed)
    patches = normalised(_random_patches(grey, side, samples, rng))
    centre, whitening = zca(patches)
    white = whitened(patches, centre, whitening)
    count = distinct(patches, words)
    means = KMeans(count, init="random", n_init=1, max_iter=ROUNDS, random_state=seed)
    with config_context(assume_finite=True, skip_parameter_validation=True):
        means.fit(white)
    found = np.asarray(means.cluster_centers_, np.float32)
    return Dictionary(side, stride, centre, whitening, found, parts)


def distinct(patches: NDArray[np.float32], most: int) -> int:
    """Count distinct patches, up to so many: mostly a few hundred are enough to tell."""
    looked, found = 0, 0
    while found < most and looked < len(patches):
        looked = 4 * max(looked, most)
        found = len(np.unique(patches[:looked], axis=0))
    return min(found, most)


def all_patches(grey: NDArray[np.uint8], side: int, stride: int) -> NDArray[np.uint8]:
    """Cut patches on a grid [shape=(clips, down, across, side * side)], uint8."""
    grey = np.ascontiguousarray(grey)
    windows = _windows(grey, side)[:, ::stride, ::stride]
    # A patch's row is copied as one thing: three times as fast as pixel by pixel.
    lines = np.ndarray(
        windows.shape[:4], np.dtype((np.void, side)), grey, strides=windows.strides[:4]
    )
    return lines.copy().view(np.uint8).reshape(*windows.shape[:3], side * side)


def _windows(grey: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """View every square [shape=(clips, down, across, side, side)] without copying."""
    return sliding_window_view(sliding_window_view(grey, side, axis=1), side, axis=2)


def _random_patches(
    grey: NDArray[np.uint8], side: int, samples: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    clips, height, width = grey.shape
    windows = _windows(grey, side)
    clip = rng.integers(clips, size=samples)
    top = rng.integers(height - side + 1, size=samples)
    left = rng.integers(width - side + 1, size=samples)
    return windows[clip, top, left].reshape(samples, -1)


def normalised(patches: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Take brightness and contrast out of patches [shape=(patches, side * side)]."""
    level = centred(patches)
    variance = np.square(level).mean(axis=1, keepdims=True)
    level /= np.sqrt(variance + np.float32(VARIANCE_FLOOR))
    return level


def centred(patches: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Take the mean out of each patch."""
    level = patches.astype(np.float32)
    sums = level @ np.ones(level.shape[1], np.float32)
    level -= (sums / np.float32(level.shape[1]))[:, None]
    return level


def zca(patches: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Find the mean and the symmetric matrix that makes patches white (Bell, Sejnowski 1997)."""
    centre = patches.mean(axis=0, dtype=np.float64).astype(np.float32)
    level = patches - centre
    covariance = (level.T @ level).astype(np.float64) / (len(level) - 1)
    values, vectors = np.linalg.eigh(covariance)
    whitening = (vectors / np.sqrt(np.maximum(values, 0) + WHITENING_FLOOR)) @ vectors.T
    return centre, whitening.astype(np.float32)


def whitened(
    patches: NDArray[np.float32], centre: NDArray[np.float32], whitening: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Take out the mean patch and what neighbouring pixels have in common."""
    return np.asarray((patches - centre) @ whitening, np.float32)


def roots(squares: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take square roots in place; what is below zero by rounding counts as zero."""
    import cv2

    cv2.threshold(squares, 0, 0, cv2.THRESH_TOZERO, dst=squares)
    cv2.sqrt(squares, dst=squares)
    return squares


def triangle(distance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Activate words that are nearer than the mean word, in place: max(0, mean - distance)."""
    import cv2

    words = distance.shape[1]
    mean = distance @ np.full(words, 1 / words, np.float32)
    np.subtract(mean[:, None], distance, out=distance)
    cv2.threshold(distance, 0, 0, cv2.THRESH_TOZERO, dst=distance)
    return distance


def pooled(active: NDArray[np.float32], parts: int) -> NDArray[np.float32]:
    """Average activations [shape=(clips, down, across, words)] over parts of the picture."""
    clips, down, across, words = active.shape
    bands = _averaging(down, parts) @ active.reshape(clips, down, across * words)
    found = _averaging(across, parts) @ bands.reshape(clips * parts, across, words)
    return found.reshape(clips, parts * parts * words)


@lru_cache(maxsize=16)
def _averaging(places: int, parts: int) -> NDArray[np.float32]:
    """Return what averages over places in a row, part by part [shape=(parts, places)]."""
    shares = np.zeros((parts, places), np.float32)
    for share, part in zip(shares, np.array_split(np.arange(places), parts), strict=True):
        share[part] = 1 / len(part)
    return shares
