"""A control that must stay at chance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Knowledge, Pictures
from plugins.classifiers.grey import StandardisedRows, grey_pictures, standardised_rows
from plugins.classifiers.learnt import (
    Chained,
    Probabilities,
    in_blocks,
    learn_in_id_order,
    learnt_again,
)
from plugins.classifiers.regression import KINDS, learn_regression

SIDE = 32
"""Side of the grey picture (pixels)."""
PENALTY = 1.0
"""C of the regression. A smoother model follows the few directions in which pictures differ
most, and by luck one of them may go along with the classes: its accuracy strays from chance by
several times what the number of clips explains."""


class ShuffledLabels(Classifier):
    """Control: logistic regression on pixels, trained on labels in random order.

    Better than chance on a holdout means that the labels leak past training.
    """

    name = "shuffled-labels"
    most_clips = 100_000
    control = True

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Make the pictures grey and small [shape=(clips, 32, 32)], uint8."""
        return grey_pictures(pictures, SIDE, SIDE)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Deal the labels out anew, then train."""

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            dealt = rng.permutation(numbers)
            rows = in_blocks(standardised_rows, values, SIDE**2)
            known = learn_regression(rows, dealt, PENALTY)
            return Chained(StandardisedRows(), known)

        return learn_in_id_order(features, labels, learn)

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make what was learnt again."""
        return learnt_again(knowledge, StandardisedRows, *KINDS)


plugins = [ShuffledLabels]
