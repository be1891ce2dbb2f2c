"""A control that must stay at chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Pictures, hookimpl
from plugins.classifiers.grey import grey_pictures, standardised_rows
from plugins.classifiers.learnt import Probabilities, in_blocks, learn_in_id_order
from plugins.classifiers.regression import learn_regression

SIDE = 32
"""Side of the grey picture (pixels)."""
PENALTY = 1.0
"""C of the regression. A smoother model follows the few directions in which pictures differ
most, and by luck one of them may go along with the classes: its accuracy strays from chance by
several times what the number of clips explains."""


@dataclass(frozen=True, kw_only=True)
class ShuffledLabels(Classifier):
    """Control: logistic regression on pixels, trained on labels in random order.

    Better than chance on a holdout means that the labels leak past training.
    """

    name: ClassVar[str] = "shuffled-labels"
    control: ClassVar[bool] = True

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Make the pictures grey and small [shape=(clips, 32, 32)], uint8."""
        return grey_pictures(pictures.pixels, SIDE, SIDE)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Deal the labels out anew, then train."""

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            dealt = rng.permutation(numbers)
            rows = in_blocks(standardised_rows, values, SIDE**2)
            known = learn_regression(rows, dealt, PENALTY)
            return lambda asked: known(standardised_rows(asked))

        return learn_in_id_order(features, labels, learn)


@hookimpl
def harness_classifiers() -> list[type[Classifier]]:
    return [ShuffledLabels]
