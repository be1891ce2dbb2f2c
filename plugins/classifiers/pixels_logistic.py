"""Logistic regression on the grey picture's pixels: the plainest real classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Knowledge, Pictures, parameter
from plugins.classifiers.balance import CLASS_WEIGHTS, clip_weights
from plugins.classifiers.grey import StandardisedRows, grey_pictures, standardised_rows
from plugins.classifiers.learnt import (
    Chained,
    Probabilities,
    in_blocks,
    learn_in_id_order,
    learnt_again,
)
from plugins.classifiers.regression import KINDS, learn_regression


class PixelsLogistic(Classifier):
    """Logistic regression on the pixels of the small grey picture."""

    name = "pixels-logistic"
    most_clips = 100_000

    size: int = parameter(32, "side of the grey picture", unit="pixels", low=2, high=128)
    penalty: float = parameter(0.003, "C: the smaller, the smoother", low=1e-9)
    class_weights: str = parameter("equal", "what a clip counts", choices=CLASS_WEIGHTS)

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Make the pictures grey and small [shape=(clips, size, size)], uint8."""
        return grey_pictures(pictures, self.size, self.size)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Train the regression on standardised pixels."""

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            rows = in_blocks(standardised_rows, values, self.size**2)
            weights = clip_weights(numbers, self.class_weights)
            known = learn_regression(rows, numbers, self.penalty, weights)
            return Chained(StandardisedRows(), known)

        return learn_in_id_order(features, labels, learn)

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make what was learnt again."""
        return learnt_again(knowledge, StandardisedRows, *KINDS)


plugins = [PixelsLogistic]
