"""Gaussian kernels of support vectors and of landmarks, from arrays alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.writing import Row64, Table64


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Gaussian kernel, exp(-gamma x squared distance), to some vectors.

    Parameters
    ----------
    vectors : array [shape=(m, n)]
    """

    vectors: Table64
    gamma: float

    @cached_property
    def _squares(self) -> NDArray[np.float64]:
        squares: NDArray[np.float64] = np.einsum("ij,ij->i", self.vectors, self.vectors)
        return squares

    def __call__(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        """Give the kernel of rows [shape=(clips, n)] with each vector [shape=(clips, m)]."""
        asked = np.asarray(rows, np.float64)
        found = asked @ (-2.0 * self.vectors).T
        found += np.einsum("ij,ij->i", asked, asked)[:, None]
        found += self._squares
        np.maximum(found, 0.0, out=found)
        found *= -self.gamma
        return np.exp(found, out=found)


@dataclass(frozen=True, eq=False)
class KernelMachine:
    """A support vector machine: kernel, weights of its vectors, probabilities of what comes out.

    Parameters
    ----------
    weights : array [shape=(m, pairs)]
        Of each pair of classes, (0, 1), (0, 2), ..., (1, 2), ...
    offsets : array [shape=(pairs,)]
    shares
        Turns decision values into probabilities.
    """

    kernel: Gaussian
    weights: Table64
    offsets: Row64
    shares: Callable[[NDArray[Any]], NDArray[np.float64]]

    def decisions(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        """Give decision values, one column for the second of two classes, else one a class."""
        found = self.kernel(rows) @ self.weights + self.offsets
        return found if found.shape[1] == 1 else voted(found)

    def __call__(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        """Give the probabilities of rows [shape=(clips, n)]."""
        return self.shares(self.decisions(rows))


def voted(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Let pairs of classes vote; their decision values break ties, as scikit-learn has it.

    Parameters
    ----------
    pairs : array [shape=(clips, classes x (classes - 1) / 2)]
        Above 0 for the first class of a pair.
    """
    count = round((1 + np.sqrt(1 + 8 * pairs.shape[1])) / 2)
    votes = np.zeros((len(pairs), count))
    surety = np.zeros_like(votes)
    first, second = np.triu_indices(count, 1)
    for column, (one, other) in enumerate(zip(first, second, strict=True)):
        surety[:, one] += pairs[:, column]
        surety[:, other] -= pairs[:, column]
        votes[:, one] += pairs[:, column] >= 0
        votes[:, other] += pairs[:, column] < 0
    found: NDArray[np.float64] = votes + surety / (3 * (np.abs(surety) + 1))
    return found


def weights_of(machine: Any) -> NDArray[np.float64]:
    """Return the weights of a fitted SVC's vectors for each pair of classes [shape=(m, pairs)].

    scikit-learn keeps them as libsvm does: those of a pair's first class stand in the row of the
    second less one, those of the second in the row of the first.
    """
    dual = np.asarray(machine.dual_coef_, np.float64)
    ends = np.cumsum(machine.n_support_)
    owners = [slice(end - count, end) for end, count in zip(ends, machine.n_support_, strict=True)]
    if len(dual) == 1:
        return np.ascontiguousarray(dual.T)
    first, second = np.triu_indices(len(owners), 1)
    weights = np.zeros((dual.shape[1], len(first)))
    for column, (one, other) in enumerate(zip(first, second, strict=True)):
        weights[owners[one], column] = dual[other - 1, owners[one]]
        weights[owners[other], column] = dual[one, owners[other]]
    return weights
