"""Principal components of many columns, few of them, by random projections."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPARE = 10
"""Directions followed beside those that are asked for; scikit-learn's figure."""
ROUNDS = 4
"""So often what differs most is brought out. Grey pictures and histograms have settled by then."""
LEAST = 1e-10
"""Of the largest variance: what has less is rounding."""


def principal_components(rows: NDArray[np.float32], count: int, seed: int) -> NDArray[np.float32]:
    """Find the directions in which centred rows differ most.

    N. Halko, P. G. Martinsson, J. A. Tropp: Finding Structure with Randomness, SIAM Review 53
    (2011), 217, algorithms 4.4 and 5.1. What scikit-learn's randomised PCA finds from the same
    seed, without what it computes beside: levelled once a round and on the shorter side alone,
    and what is decomposed in the end are small squares.

    Parameters
    ----------
    rows : array [shape=(clips, n)], float32
        Of mean 0.
    count
        No more than there are clips, or columns.

    Returns
    -------
    array [shape=(n, count)]
        Directions of length 1, the one that says most first; fewer where rows differ in fewer.
    """
    wide = rows.shape[0] < rows.shape[1]
    tall = rows.T if wide else rows
    basis = _random(tall.shape[1], count + SPARE, seed)
    for _ in range(ROUNDS):
        basis = _levelled(tall.T @ (tall @ basis))
    frame = _upright(tall @ basis)
    seen = tall.T @ frame
    turns, lengths = _turns(seen)
    turns, lengths = turns[:, :count], lengths[:count]
    found = frame @ turns if wide else seen @ (turns / lengths)
    return np.ascontiguousarray(found, np.float32)


def _upright(seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return columns of length 1 at right angles that span the same."""
    turns, lengths = _turns(seen)
    return seen @ (turns / lengths)


def _turns(seen: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Find how columns are turned to stand at right angles, and how long they are then.

    The longest comes first; those of which only rounding is left are left out.
    """
    exact = seen.astype(np.float64)
    squares, turns = np.linalg.eigh(exact.T @ exact)
    kept = np.flatnonzero(squares > LEAST * squares[-1])[::-1]
    return turns[:, kept].astype(np.float32), np.sqrt(squares[kept]).astype(np.float32)


def _random(rows: int, columns: int, seed: int) -> NDArray[np.float32]:
    """Draw directions as scikit-learn does."""
    drawn = np.random.RandomState(seed).normal(size=(rows, columns))
    return drawn.astype(np.float32)


def _levelled(basis: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return columns that span the same and differ in size no more than a digit or two."""
    from scipy.linalg import lu

    levelled: NDArray[np.float32] = lu(basis, permute_l=True, check_finite=False)[0]
    return levelled
