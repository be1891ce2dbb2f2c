"""What a local classifier keeps after training, and how training rows are prepared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Features, Fitted, Predictions

Probabilities = Callable[[NDArray[Any]], NDArray[np.floating[Any]]]
"""From features [shape=(clips, ...)] to scores [shape=(clips, classes)], rows sum to one."""
Learn = Callable[[NDArray[Any], NDArray[np.intp], int], Probabilities]
"""From features, class numbers and the count of classes to what gives probabilities."""

ROWS_AT_ONCE = 1024
"""Blocks of clips keep memory the same for a thousand clips and for a million."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """A classifier that has learnt: probabilities from features, a block of clips at a time."""

    classes: tuple[str, ...]
    probabilities: Probabilities

    def predict(self, features: Features) -> Predictions:
        """Say what each clip is, in the order given."""
        scores = in_blocks(self.probabilities, features.values, len(self.classes), np.float64)
        scores /= scores.sum(axis=1, keepdims=True)
        return Predictions.from_scores(features.ids, self.classes, scores)


def in_blocks(
    compute: Callable[[NDArray[Any]], NDArray[Any]],
    values: NDArray[Any],
    columns: int,
    dtype: type[Any] = np.float32,
) -> NDArray[Any]:
    """Turn rows into rows of so many columns, a block at a time to bound memory."""
    rows = np.empty((len(values), columns), dtype)
    for start in range(0, len(values), ROWS_AT_ONCE):
        block = slice(start, start + ROWS_AT_ONCE)
        rows[block] = compute(values[block])
    return rows


def learn_in_id_order(features: Features, labels: NDArray[np.str_], learn: Learn) -> Fitted:
    """Train on rows sorted by clip id, so that their order cannot change the model.

    Where training has one class only nothing is learnt: that class is the answer.
    """
    order = np.argsort(np.asarray(features.ids), kind="stable")
    classes, numbers = np.unique(np.asarray(labels)[order], return_inverse=True)
    names = tuple(str(name) for name in classes)
    if len(names) == 1:
        return Learnt(names, constant_probabilities(np.ones(1)))
    sorted_already = np.array_equal(order, np.arange(len(order)))
    values = features.values if sorted_already else features.values[order]
    return Learnt(names, learn(values, numbers.astype(np.intp), len(names)))


def constant_probabilities(shares: NDArray[np.float64]) -> Probabilities:
    """Give every clip the same probabilities [shape=(classes,)]."""

    def probabilities(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.tile(shares, (len(values), 1))

    return probabilities


def seed_of(rng: np.random.Generator) -> int:
    """Draw a seed for a library that takes an int."""
    return int(rng.integers(2**31))
