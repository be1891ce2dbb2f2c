"""Light classifiers on top of a network's features, each column standardised first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from harness import Features, Fitted
from plugins.classifiers.balance import clip_weights
from plugins.classifiers.learnt import (
    ROWS_AT_ONCE,
    Chained,
    Probabilities,
    in_blocks,
    learn_in_id_order,
    seed_of,
)
from plugins.classifiers.regression import FLAT, Standardised, learn_regression
from plugins.classifiers.support_vectors import KINDS as MACHINES
from plugins.classifiers.support_vectors import SupportVectors

HEADS = {"svm": 1.0, "logistic": 0.001}
"""Each head with the penalty C that it has where none is given."""
KINDS = (Standardised, *MACHINES)
"""What a head is made of, to be made again."""


class Chosen(Protocol):
    """The parameters of a classifier with a head."""

    @property
    def head(self) -> str:
        """Which of `HEADS` learns."""

    @property
    def components(self) -> int:
        """Principal components of the features."""

    @property
    def penalty(self) -> float | None:
        """C of the head; None for its own."""

    @property
    def sharpness(self) -> float:
        """Gamma; 1 is scikit-learn's "scale"."""

    @property
    def exact_up_to(self) -> int:
        """Clips beyond which the kernel is approximated."""

    @property
    def class_weights(self) -> str:
        """What a clip counts."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """What learns from features; see `SupportVectors` for what the figures mean."""

    name: str
    components: int
    penalty: float | None
    sharpness: float
    exact_up_to: int
    class_weights: str = "equal"

    @classmethod
    def of(cls, chosen: Chosen) -> Head:
        """Make the head that a classifier's parameters ask for."""
        return cls(
            name=chosen.head,
            components=chosen.components,
            penalty=chosen.penalty,
            sharpness=chosen.sharpness,
            exact_up_to=chosen.exact_up_to,
            class_weights=chosen.class_weights,
        )

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Learn from features of training clips, whatever their order."""
        seed = seed_of(rng)

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            return self.learn(values, numbers, seed)

        return learn_in_id_order(features, labels, learn)

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
