"""Pictures changed a little at each look, so that a network cannot learn them by heart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.cnn.pictures import Scale

Batch = NDArray[np.float32]
"""Standardised pictures [shape=(clips, height, width, 3)]; 0 is the mean of training."""


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How far pictures are changed.

    Parameters
    ----------
    shift
        Largest circular shift along the columns, as a share of the width: a call may come
        earlier or later.
    mask
        Widest band of rows, and of columns, that is blanked, as a share of the side
        (Park et al. 2019, "SpecAugment", Interspeech).
    mixup
        Both parameters of the Beta distribution that pictures are mixed by in pairs (Zhang et
        al. 2018, "mixup: Beyond Empirical Risk Minimization", ICLR); 0 mixes none.
    """

    shift: float
    mask: float
    mixup: float

    def apply(
        self,
        pixels: NDArray[np.uint8],
        shares: NDArray[np.float32],
        scale: Scale,
        rng: np.random.Generator,
    ) -> tuple[Batch, NDArray[np.float32]]:
        """Change a batch of pictures.

        Parameters
        ----------
        pixels : array [shape=(clips, height, width, 3)], uint8
        shares : array [shape=(clips, classes)]
            One for the class of each clip.
        scale
            Standardises the pixels.

        Returns
        -------
        array [shape=(clips, height, width, 3)], array [shape=(clips, classes)]
            New pictures, and the share that each class has in them.
        """
        batch = scale.standardise(shifted(pixels, self.shift, rng))
        blank_bands(batch, self.mask, rng)
        return mixed(batch, shares, self.mixup, rng) if self.mixup else (batch, shares)


def shifted(pixels: NDArray[np.uint8], most: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turn the columns of each picture round by a random part of the width, at most so much."""
    width = pixels.shape[2]
    furthest = round(most * width)
    steps = rng.integers(-furthest, furthest, size=len(pixels), endpoint=True)
    columns = (np.arange(width) - steps[:, None]) % width
    return np.take_along_axis(pixels, columns[:, None, :, None], axis=2)


def blank_bands(batch: Batch, most: float, rng: np.random.Generator) -> None:
    """Set one band of rows and one of columns of each picture to the mean, in place."""
    height, width = batch.shape[1:3]
    rows = _band(len(batch), height, most, rng)
    columns = _band(len(batch), width, most, rng)
    batch *= ~(rows[:, :, None, None] | columns[:, None, :, None])


def _band(clips: int, side: int, most: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw a band for each clip [shape=(clips, side)], from none to so wide, anywhere."""
    breadth = rng.integers(0, round(most * side), size=(clips, 1), endpoint=True)
    start = rng.integers(0, side - breadth, endpoint=True)
    places = np.arange(side)
    return (places >= start) & (places < start + breadth)


def mixed(
    batch: Batch, shares: NDArray[np.float32], sharpness: float, rng: np.random.Generator
) -> tuple[Batch, NDArray[np.float32]]:
    """Put another picture of the batch over each, as strong as its class then counts."""
    own = rng.beta(sharpness, sharpness, size=len(batch)).astype(np.float32)
    other = rng.permutation(len(batch))
    weight = own[:, None, None, None]
    pictures = batch * weight + batch[other] * (1 - weight)
    return pictures, shares * own[:, None] + shares[other] * (1 - own[:, None])
