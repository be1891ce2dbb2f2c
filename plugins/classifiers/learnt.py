"""What a local classifier keeps after training, and how training rows are prepared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError, Features, Fitted, Knowledge, Predictions
from plugins.classifiers.writing import Row64, make_again, write

Probabilities = Callable[[NDArray[Any]], NDArray[np.floating[Any]]]
"""From features [shape=(clips, ...)] to scores [shape=(clips, classes)], rows sum to one.

A frozen dataclass of arrays, plain values and others like it, so that it can be written down.
"""
Matrix = Callable[[NDArray[Any]], NDArray[np.float32]]
"""Turns features [shape=(clips, ...)] into new rows [shape=(clips, n)]; written down likewise."""
Learn = Callable[[NDArray[Any], NDArray[np.intp], int], Probabilities]
"""From features, class numbers and the count of classes to what gives probabilities."""

ROWS_AT_ONCE = 1024
"""Blocks of clips keep memory the same for a thousand clips and for a million."""
ASKED_AT_ONCE = 32
"""Clips that are predicted together, always so many: a sum over them is then always done in the
same way, and a clip has the same probabilities, to the last bit, whatever stands beside it."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """A classifier that has learnt: probabilities from features, a block of clips at a time."""

    classes: tuple[str, ...]
    probabilities: Probabilities

    def predict(self, features: Features) -> Predictions:
        """Say what each clip is, in the order given."""
        scores = in_whole_blocks(self.probabilities, features.values, len(self.classes))
        scores /= scores.sum(axis=1, keepdims=True)
        return Predictions.from_scores(features.ids, self.classes, scores)

    def written(self) -> Knowledge:
        """Write down all that `predict` needs."""
        return write(self)


def learnt_again(knowledge: Knowledge, *kinds: type[Any]) -> Learnt:
    """Make what `Learnt.written` wrote down again, of these kinds.

    Raises
    ------
    ClassifierError
        It does not fit together.
    """
    found = make_again(knowledge, Learnt, Constant, Chained, *kinds)
    if not isinstance(found, Learnt) or not found.classes or not callable(found.probabilities):
        raise ClassifierError("What was learnt is no classifier.")
    return found


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


def in_whole_blocks(
    compute: Probabilities, values: NDArray[Any], columns: int
) -> NDArray[np.float64]:
    """Turn rows into rows of so many columns, exactly `ASKED_AT_ONCE` at a time.

    The last block is filled up with its last row.
    """
    rows = np.empty((len(values), columns), np.float64)
    for start in range(0, len(values), ASKED_AT_ONCE):
        block = np.asarray(values[start : start + ASKED_AT_ONCE])
        count = len(block)
        if count < ASKED_AT_ONCE:
            filling = np.repeat(block[-1:], ASKED_AT_ONCE - count, axis=0)
            block = np.concatenate([block, filling])
        rows[start : start + count] = compute(np.ascontiguousarray(block))[:count]
    return rows


def learn_in_id_order(features: Features, labels: NDArray[np.str_], learn: Learn) -> Fitted:
    """Train on rows sorted by clip id, so that their order cannot change the model.

    Where training has one class only nothing is learnt: that class is the answer.
    """
    order = np.argsort(np.asarray(features.ids), kind="stable")
    classes, numbers = np.unique(np.asarray(labels)[order], return_inverse=True)
    names = tuple(str(name) for name in classes)
    if len(names) == 1:
        return Learnt(names, Constant(np.ones(1)))
    sorted_already = np.array_equal(order, np.arange(len(order)))
    values = features.values if sorted_already else features.values[order]
    return Learnt(names, learn(values, numbers.astype(np.intp), len(names)))


@dataclass(frozen=True, eq=False)
class Constant:
    """Gives every clip the same probabilities.

    Parameters
    ----------
    shares : array [shape=(classes,)]
    """

    shares: Row64

    def __call__(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Give as many rows as there are clips."""
        return np.tile(self.shares, (len(values), 1))


@dataclass(frozen=True, eq=False)
class Chained:
    """Turns features into other rows, then those into probabilities."""

    before: Matrix
    after: Probabilities

    def __call__(self, values: NDArray[Any]) -> NDArray[np.floating[Any]]:
        """Give the probabilities of features [shape=(clips, ...)]."""
        return self.after(self.before(values))


def seed_of(rng: np.random.Generator) -> int:
    """Draw a seed for a library that takes an int."""
    return int(rng.integers(2**31))
