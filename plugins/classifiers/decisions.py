"""Decision values become probabilities: by a sigmoid a class, or by shares that sum to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.writing import Row64

STEPS = 100
"""Of Newton's method; a sigmoid takes about 8."""


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


def fitted_sigmoid(
    decisions: NDArray[Any], positive: NDArray[np.bool_], weights: NDArray[np.float64] | None = None
) -> tuple[float, float]:
    """Fit Platt's sigmoid, 1 / (1 + exp(slope x decision + offset)), to decision values.

    H.-T. Lin, C.-J. Lin, R. C. Weng: A Note on Platt's Probabilistic Outputs for Support Vector
    Machines, Machine Learning 68 (2007), 267: Newton's method, which halves a step that does not
    help. What is aimed at is a little less than 1 and more than 0, as Platt has it.

    Parameters
    ----------
    decisions, positive : array [shape=(clips,)]
    weights : array [shape=(clips,)]
        What each clip counts; None for one.

    Returns
    -------
    The slope, below 0 where high values go with `positive`, and the offset.
    """
    from scipy.special import expit

    counts = np.ones(len(positive)) if weights is None else weights
    yes, no = counts[positive].sum(), counts[~positive].sum()
    aims = np.where(positive, (yes + 1) / (yes + 2), 1 / (no + 2))
    known = np.stack([np.asarray(decisions, np.float64), np.ones(len(positive))])

    def loss(line: NDArray[np.float64]) -> float:
        raw = line @ known
        return float(counts @ (np.logaddexp(0, raw) - (1 - aims) * raw))

    line = np.array([0.0, np.log((no + 1) / (yes + 1))])
    now = loss(line)
    for _ in range(STEPS):
        shares = expit(-(line @ known))
        gradient = known @ (counts * (aims - shares))
        curvature = (known * (counts * shares * (1 - shares))) @ known.T
        step = np.linalg.solve(curvature + 1e-12 * np.eye(2), gradient)
        size = 1.0
        while size > 1e-10 and not (then := loss(line - size * step)) < now:
            size /= 2
        if size <= 1e-10:
            break
        line, now = line - size * step, then
        if np.abs(gradient).max() < 1e-6:
            break
    return float(line[0]), float(line[1])
