"""A learnt dictionary of patches, then logistic regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Knowledge, ParameterError, Pictures, parameter
from plugins.classifiers.balance import CLASS_WEIGHTS, clip_weights
from plugins.classifiers.grey import grey_pictures
from plugins.classifiers.learnt import (
    Chained,
    Probabilities,
    learn_in_id_order,
    learnt_again,
    seed_of,
)
from plugins.classifiers.patches import Dictionary, learn_dictionary
from plugins.classifiers.regression import KINDS, learn_regression


class PatchesLogistic(Classifier):
    """Dictionary of patches by k-means (Coates and Ng 2011) and logistic regression."""

    name = "patches-logistic"
    most_clips = 100_000

    size: int = parameter(32, "side of the grey picture", unit="pixels", low=4, high=256)
    patch: int = parameter(8, "side of a patch", unit="pixels", low=2, high=32)
    stride: int = parameter(2, "step from patch to patch", unit="pixels", low=1, high=32)
    words: int = parameter(100, "patches in the dictionary", low=2, high=4000)
    parts: int = parameter(4, "parts along each side that are pooled apart", low=1, high=16)
    samples: int = parameter(20000, "random patches that the dictionary is learnt from", low=100)
    penalty: float = parameter(0.003, "C: the smaller, the smoother", low=1e-9)
    class_weights: str = parameter("equal", "what a clip counts", choices=CLASS_WEIGHTS)

    def __post_init__(self) -> None:
        super().__post_init__()
        places = (self.size - self.patch) // self.stride + 1
        if places < self.parts:
            raise ParameterError(
                f"{self.name}: a picture of {self.size} pixels has {max(places, 0)} places for a "
                f"patch of {self.patch} at stride {self.stride}, too few for parts={self.parts}; "
                "choose a larger size or a smaller patch, stride or number of parts."
            )

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Make the pictures grey and small [shape=(clips, size, size)], uint8."""
        return grey_pictures(pictures, self.size, self.size)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Learn the dictionary from these pictures, describe them, train the regression."""
        seed = seed_of(rng)

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            dictionary = learn_dictionary(
                values,
                side=self.patch,
                stride=self.stride,
                words=self.words,
                samples=self.samples,
                parts=self.parts,
                seed=seed,
            )
            weights = clip_weights(numbers, self.class_weights)
            rows = dictionary.describe(values)
            known = learn_regression(rows, numbers, self.penalty, weights)
            return Chained(dictionary, known)

        return learn_in_id_order(features, labels, learn)

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make what was learnt again."""
        return learnt_again(knowledge, Dictionary, *KINDS)


plugins = [PatchesLogistic]
