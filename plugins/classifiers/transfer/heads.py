"""Light classifiers on top of a network's features, each column standardised first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.balance import clip_weights
from plugins.classifiers.learnt import ROWS_AT_ONCE, Chained, Probabilities, in_blocks
from plugins.classifiers.regression import FLAT, Standardised, learn_regression
from plugins.classifiers.support_vectors import KINDS as MACHINES
from plugins.classifiers.support_vectors import SupportVectors

HEADS = {"svm": 1.0, "logistic": 0.001}
"""Each head with the penalty C that it has where none is given."""
KINDS = (Standardised, *MACHINES)
"""What a head is made of, to be made again."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """What learns from features; see `SupportVectors` for what the figures mean."""

    name: str
    components: int
    penalty: float | None
    sharpness: float
    exact_up_to: int
    class_weights: str = "equal"

    def learn(self, values: NDArray[Any], numbers: NDArray[np.intp], seed: int) -> Probabilities:
        """Learn from features [shape=(clips, n)] and the number of each clip's class."""
        penalty = HEADS[self.name] if self.penalty is None else self.penalty
        matrix = standardise(values)
        if self.name == "logistic":
            rows = in_blocks(matrix, values, values.shape[1])
            weights = clip_weights(numbers, self.class_weights)
            known = learn_regression(rows, numbers, penalty, weights)
            return Chained(matrix, known)
        machine = SupportVectors(
            components=self.components,
            penalty=penalty,
            sharpness=self.sharpness,
            exact_up_to=self.exact_up_to,
            class_weights=self.class_weights,
        )
        return machine.learn(values, numbers, seed, matrix)


def standardise(values: NDArray[Any]) -> Standardised:
    """Learn mean and deviation of each column; return what applies them to other rows.

    A block of rows at a time: the features of many clips may lie in a file.
    """
    centre = values.mean(axis=0, dtype=np.float64)
    squares = np.zeros_like(centre)
    for start in range(0, len(values), ROWS_AT_ONCE):
        squares += np.square(values[start : start + ROWS_AT_ONCE] - centre).sum(axis=0)
    width = np.sqrt(squares / len(values))
    width[width < FLAT] = 1
    return Standardised(centre.astype(np.float32), width.astype(np.float32))
