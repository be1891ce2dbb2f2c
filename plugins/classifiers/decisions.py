"""Decision values become probabilities: by a sigmoid a class, or by shares that sum to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.writing import Row64


def softmax(decisions: NDArray[Any]) -> NDArray[np.float64]:
    """Turn decision values, one column a class or one for the second of two, into shares."""
    from scipy.special import softmax as exponential_shares

    if decisions.ndim == 1 or decisions.shape[1] == 1:
        decisions = decisions.reshape(-1, 1)
        decisions = np.concatenate([np.zeros_like(decisions), decisions], axis=1)
    return np.asarray(exponential_shares(decisions, axis=1), np.float64)


@dataclass(frozen=True, eq=False)
class Softmax:
    """Shares that are steeper, the larger `steepness` is."""

    steepness: float = 1.0

    def __call__(self, decisions: NDArray[Any]) -> NDArray[np.float64]:
        """Turn decision values into probabilities [shape=(clips, classes)]."""
        return softmax(decisions if self.steepness == 1.0 else self.steepness * decisions)


@dataclass(frozen=True, eq=False)
class Sigmoids:
    """A sigmoid a class, 1 / (1 + exp(slope x decision + offset)), then shares of their sum.

    Parameters
    ----------
    slopes, offsets : array [shape=(columns,)]
        One column for the second of two classes, else one a class.
    """

    slopes: Row64
    offsets: Row64

    def __call__(self, decisions: NDArray[Any]) -> NDArray[np.float64]:
        """Turn decision values [shape=(clips, columns)] into probabilities."""
        from scipy.special import expit

        found = np.asarray(expit(-(self.slopes * decisions + self.offsets)), np.float64)
        if found.shape[1] == 1:
            return np.concatenate([1.0 - found, found], axis=1)
        total = found.sum(axis=1, keepdims=True)
        even = np.full_like(found, 1 / found.shape[1])
        shares: NDArray[np.float64] = np.divide(found, total, out=even, where=total > 0)
        return shares
