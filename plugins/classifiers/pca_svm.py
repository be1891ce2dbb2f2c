"""Principal components of the grey picture, then a support vector machine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Knowledge, Pictures, parameter
from plugins.classifiers.balance import CLASS_WEIGHTS
from plugins.classifiers.grey import StandardisedRows, grey_pictures
from plugins.classifiers.learnt import Probabilities, learn_in_id_order, learnt_again, seed_of
from plugins.classifiers.support_vectors import KINDS, SupportVectors


class PcaSvm(Classifier):
    """Principal components of the grey picture and a support vector machine (RBF kernel)."""

    name = "pca-svm"
    most_clips = 100_000

    size: int = parameter(32, "side of the grey picture", unit="pixels", low=2, high=128)
    components: int = parameter(60, "principal components", low=1)
    penalty: float = parameter(3.0, "C of the machine", low=1e-6)
    sharpness: float = parameter(1.0, "gamma, 1 is scikit-learn's 'scale'", low=1e-6)
    exact_up_to: int = parameter(8000, "approximate the kernel beyond", unit="clips", low=1)
    class_weights: str = parameter("equal", "what a clip counts", choices=CLASS_WEIGHTS)

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Make the pictures grey and small [shape=(clips, size, size)], uint8."""
        return grey_pictures(pictures, self.size, self.size)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Find the components and train the machine on them."""
        seed = seed_of(rng)
        machine = SupportVectors(
            components=self.components,
            penalty=self.penalty,
            sharpness=self.sharpness,
            exact_up_to=self.exact_up_to,
            class_weights=self.class_weights,
        )

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            return machine.learn(values, numbers, seed, StandardisedRows())

        return learn_in_id_order(features, labels, learn)

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make what was learnt again."""
        return learnt_again(knowledge, StandardisedRows, *KINDS)


plugins = [PcaSvm]
