"""Whether a gain depends on the classifier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.statistics.groups import sum_groups

SIGN_CHANGES = 4000
"""Random changes of sign; a p-value of 0.05 then has a standard error of 0.0034."""

_AT_ONCE = 500


def judge_dependence(
    table: NDArray[np.float64], numbers: NDArray[np.intp] | None = None, *, seed: int = 0
) -> float | None:
    """Return the p-value of "the same mean gain with every classifier".

    The gains of all classifiers are measured on the same clips, so they are one multivariate
    observation a clip, and the test is Hotelling's T² on the contrasts of each classifier with
    the first (Hotelling 1931, "The Generalization of Student's Ratio", Annals of Mathematical
    Statistics 2, 360-378). With groups, which are few and uneven, its F distribution does not
    hold; there the statistic is compared with those after random changes of sign of whole
    groups (Canay, Romano and Shaikh 2017, "Randomization Tests under an Approximate Symmetry
    Assumption", Econometrica 85, 1013-1030).

    Parameters
    ----------
    table : array [shape=(classifiers, clips)]
        Gain of each clip: 1 where only the representation was right, -1 where only the
        baseline was, else 0.
    numbers : array [shape=(clips,)], optional
        The group of each clip.

    Returns
    -------
    float or None
        None for one classifier, or where there are no more clips or groups than contrasts.
    """
    if len(table) < 2:
        return None
    if len(table) < 2:
        return None
    contrasts = table[1:] - table[0]
    units = contrasts.T if numbers is None else sum_groups(contrasts, numbers)[0]
    if len(units) <= len(contrasts):
        return None
    if not contrasts.any():
        return 1.0
    return _hotelling(units) if numbers is None else _change_signs(units, seed)


def _hotelling(units: NDArray[np.float64]) -> float:
    """Test whether the mean of rows [shape=(units, contrasts)] is zero."""
    from scipy.special import fdtrc

    count, mean = len(units), units.mean(axis=0)
    covariance = np.atleast_2d(np.cov(units, rowvar=False))
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if rank == 0:
        return 0.0
    squared = count * float(mean @ np.linalg.pinv(covariance, hermitian=True) @ mean)
    return float(fdtrc(rank, count - rank, squared * (count - rank) / ((count - 1) * rank)))


def _change_signs(units: NDArray[np.float64], seed: int) -> float:
    """Test the same by changing the signs of whole rows at random."""
    metric = np.asarray(np.linalg.pinv(units.T @ units, hermitian=True), dtype=np.float64)
    rng = np.random.default_rng(seed)
    observed = _squared(units.sum(axis=0, keepdims=True), metric)[0]
    as_large = 0
    for _ in range(SIGN_CHANGES // _AT_ONCE):
        signs = rng.choice([-1.0, 1.0], size=(_AT_ONCE, len(units)))
        as_large += int((_squared(signs @ units, metric) >= observed * (1 - 1e-9)).sum())
    return (1 + as_large) / (1 + SIGN_CHANGES)


def _squared(sums: NDArray[np.float64], metric: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.einsum("di,ij,dj->d", sums, metric, sums))
