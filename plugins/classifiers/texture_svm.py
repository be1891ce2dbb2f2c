"""Local binary patterns, then a support vector machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Knowledge, ParameterError, Pictures, parameter
from plugins.classifiers.balance import CLASS_WEIGHTS
from plugins.classifiers.grey import grey_pictures
from plugins.classifiers.learnt import Probabilities, learn_in_id_order, learnt_again, seed_of
from plugins.classifiers.patterns import pattern_counts
from plugins.classifiers.support_vectors import KINDS, SupportVectors


class TextureSvm(Classifier):
    """Local binary patterns in a grid of cells (Ojala et al. 2002) and a support vector machine.

    Each pixel of the grey picture is told by which of its eight neighbours are as bright as it
    is, at several radii. What is counted in a cell says nothing of where in it, but the grid
    keeps the frequency axis, finer than the time axis, and patterns that are turned count apart:
    a rise in frequency is another pattern than a fall. The machine looks at the square roots of
    the counts (Hellinger's distance between histograms; Vedaldi and Zisserman, "Efficient
    additive kernels via explicit feature maps", PAMI 34, 2012).
    """

    name = "texture-svm"
    most_clips = 100_000

    size: int = parameter(64, "side of the grey picture", unit="pixels", low=16, high=256)
    rows: int = parameter(8, "cells from the bottom to the top", low=1, high=32)
    columns: int = parameter(4, "cells from left to right", low=1, high=32)
    radii: int = parameter(3, "distances of the neighbours: 1 up to this", unit="pixels", low=1)
    components: int = parameter(60, "principal components of the histograms", low=1)
    penalty: float = parameter(2.0, "C of the machine", low=1e-6)
    sharpness: float = parameter(1.0, "gamma, 1 is scikit-learn's 'scale'", low=1e-6)
    exact_up_to: int = parameter(8000, "approximate the kernel beyond", unit="clips", low=1)
    class_weights: str = parameter("equal", "what a clip counts", choices=CLASS_WEIGHTS)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size < 2 * self.radii + 1:
            raise ParameterError(
                f"{self.name}: a picture of {self.size} pixels does not hold a circle of radius "
                f"{self.radii}; choose a larger size or fewer radii."
            )
        if self.size < max(self.rows, self.columns):
            raise ParameterError(
                f"{self.name}: a picture of {self.size} pixels does not hold {self.rows} x "
                f"{self.columns} cells; choose a larger size, or fewer rows or columns."
            )

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Count the patterns [shape=(clips, radii, rows * columns * 59)], uint8 or uint16."""
        grey = grey_pictures(pictures, self.size, self.size)
        return pattern_counts(grey, rows=self.rows, columns=self.columns, radii=self.radii)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Find the components of the histograms and train the machine on them."""
        seed = seed_of(rng)
        machine = SupportVectors(
            components=self.components,
            penalty=self.penalty,
            sharpness=self.sharpness,
            exact_up_to=self.exact_up_to,
            class_weights=self.class_weights,
        )
        # A radius and a cell give a histogram of this sum, whatever the picture's size.
        roots = Roots(self.size**2 / (self.rows * self.columns))

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            return machine.learn(values, numbers, seed, roots)

        return learn_in_id_order(features, labels, learn)

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make what was learnt again."""
        return learnt_again(knowledge, Roots, *KINDS)


@dataclass(frozen=True)
class Roots:
    """Square roots of shares.

    Parameters
    ----------
    pixels
        What the counts of a histogram sum to.
    """

    pixels: float

    def __call__(self, counts: NDArray[Any]) -> NDArray[np.float32]:
        """Turn counts [shape=(clips, ...)] into rows [shape=(clips, n)]."""
        shares = counts.reshape(len(counts), -1) / np.float32(self.pixels)
        return np.sqrt(shares, dtype=np.float32)


plugins = [TextureSvm]
