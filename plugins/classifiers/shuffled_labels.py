"""A control that must stay at chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Pictures, hookimpl
from plugins.classifiers.grey import grey_matrix, grey_pictures
from plugins.classifiers.learnt import Probabilities, learn_in_id_order
from plugins.classifiers.regression import learn_regression

SIDE = 16
"""Side of the grey picture (pixels): enough to learn from, were there anything to learn."""
PENALTY = 0.003
"""C of the regression, as in pixels-logistic."""


@dataclass(frozen=True, kw_only=True)
class ShuffledLabels(Classifier):
    """Control: logistic regression on pixels, trained on labels in random order.

    Better than chance on a holdout means that the labels leak past training.
    """

    name: ClassVar[str] = "shuffled-labels"
    control: ClassVar[bool] = True

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Make the pictures grey and small [shape=(clips, 16, 16)], uint8."""
        return grey_pictures(pictures.pixels, SIDE, SIDE)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Deal the labels out anew, then train."""

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            dealt = rng.permutation(numbers)
            known = learn_regression(grey_matrix(values), dealt, PENALTY)
            return lambda asked: known(grey_matrix(asked))

        return learn_in_id_order(features, labels, learn)


@hookimpl
def harness_classifiers() -> list[type[Classifier]]:
    return [ShuffledLabels]
