"""Histograms of oriented gradients, then a support vector machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Knowledge, ParameterError, Pictures, parameter
from plugins.classifiers.balance import CLASS_WEIGHTS
from plugins.classifiers.gradients import BLOCK, oriented_gradients
from plugins.classifiers.grey import grey_pictures
from plugins.classifiers.learnt import Probabilities, learn_in_id_order, learnt_again, seed_of
from plugins.classifiers.support_vectors import KINDS, SupportVectors


class HogSvm(Classifier):
    """Histograms of oriented gradients (Dalal and Triggs 2005) and a support vector machine."""

    name = "hog-svm"
    most_clips = 100_000

    size: int = parameter(64, "side of the grey picture", unit="pixels", low=16, high=256)
    cell: int = parameter(8, "side of a cell", unit="pixels", low=2, high=128)
    orientations: int = parameter(9, "directions between 0 and 180 degrees", low=2, high=36)
    components: int = parameter(60, "principal components of the histograms", low=1)
    penalty: float = parameter(2.0, "C of the machine", low=1e-6)
    sharpness: float = parameter(1.0, "gamma, 1 is scikit-learn's 'scale'", low=1e-6)
    exact_up_to: int = parameter(8000, "approximate the kernel beyond", unit="clips", low=1)
    class_weights: str = parameter("equal", "what a clip counts", choices=CLASS_WEIGHTS)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size < BLOCK * self.cell:
            raise ParameterError(
                f"{self.name}: a picture of {self.size} pixels does not hold {BLOCK} cells of "
                f"{self.cell} side by side; choose a larger size or a smaller cell."
            )

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Compute the histograms [shape=(clips, n)], float16."""
        grey = grey_pictures(pictures, self.size, self.size)
        found = oriented_gradients(grey, cell=self.cell, orientations=self.orientations)
        return found.astype(np.float16)

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

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            return machine.learn(values, numbers, seed, Float32())

        return learn_in_id_order(features, labels, learn)

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make what was learnt again."""
        return learnt_again(knowledge, Float32, *KINDS)


@dataclass(frozen=True)
class Float32:
    """Histograms in the numbers that are learnt from."""

    def __call__(self, histograms: NDArray[Any]) -> NDArray[np.float32]:
        """Turn histograms [shape=(clips, n)] into float32."""
        return histograms.astype(np.float32)


plugins = [HogSvm]
