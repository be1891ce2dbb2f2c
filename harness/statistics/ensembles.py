"""Which of many classifiers to average, and how much each counts.

Greedy forward selection with replacement: R. Caruana, A. Niculescu-Mizil, G. Crew and A. Ksikes,
"Ensemble Selection from Libraries of Models", ICML 2004. It starts from nothing, adds the one that
makes the average best, and may add the same one again: how often it was added is its weight.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.statistics.calibration import SMALLEST_PROBABILITY

ROUNDS = 50
"""The most that are added: a weight is then told to two hundredths."""
PATIENCE = 10
"""Rounds that may pass without a better average."""
LEAST_GAIN = 1e-9
"""Of log loss: less is rounding."""


def choose_members(given: ArrayLike, rounds: int = ROUNDS) -> NDArray[np.intp]:
    """Choose whom to average, by log loss; return how often each was chosen [shape=(cells,)].

    Of an average, only the probability that it gives to each clip's true class matters to its log
    loss, and that is the average of what its members give. Of equal ones the first is taken; of
    the averages met on the way, the smallest that is best.

    Parameters
    ----------
    given : array [shape=(cells, clips)]
        The probability that each cell gave to each clip's true class, on clips that it had not
        learnt from.

    Raises
    ------
    ValueError
        There is no cell or no clip, or a probability is not a number.
    """
    table = np.asarray(given, dtype=np.float64)
    if table.ndim != 2 or 0 in table.shape or not np.isfinite(table).all():
        raise ValueError(f"needs probabilities [shape=(cells, clips)], got {table.shape}")
    total = np.zeros(table.shape[1])
    added: list[int] = []
    best, least = 0, np.inf
    for size in range(1, rounds + 1):
        losses = _log_losses((total + table) / size)
        chosen = int(np.flatnonzero(losses <= losses.min() + LEAST_GAIN)[0])
        total += table[chosen]
        added.append(chosen)
        if losses[chosen] < least - LEAST_GAIN:
            best, least = size, losses[chosen]
        if size - best >= PATIENCE:
            break
    return np.bincount(added[:best], minlength=len(table))


def choose_without_each(given: ArrayLike, folds: ArrayLike) -> NDArray[np.intp]:
    """Choose members once for each fold, by the clips of all other folds.

    An average that is judged on the clips that chose it is flattered; judged on a fold that had no
    part in the choice it is not.

    Parameters
    ----------
    given : array [shape=(cells, clips)]
        As in `choose_members`.
    folds : array of int [shape=(clips,)]
        From 0 on.

    Returns
    -------
    array [shape=(folds, cells)]
        How often each cell was chosen where the fold was left out.

    Raises
    ------
    ValueError
        There are fewer than two folds.
    """
    table, numbers = np.asarray(given, dtype=np.float64), np.asarray(folds)
    count = int(numbers.max(initial=-1)) + 1
    if numbers.shape != table.shape[1:] or count < 2:
        raise ValueError(f"needs the fold, of two or more, of each of {table.shape[1:]} clips")
    return np.stack([choose_members(table[:, numbers != fold]) for fold in range(count)])


def average(scores: ArrayLike, times: ArrayLike) -> NDArray[np.float64]:
    """Average probabilities [shape=(cells, ...)], each cell so many times.

    To the last bit the same, in whatever order cells stand and however many clips are averaged at
    once: shares are added the smallest first.
    """
    weights = np.asarray(times, dtype=np.float64)
    table = np.asarray(scores, dtype=np.float64)
    shares = (weights / weights.sum()).reshape(-1, *[1] * (table.ndim - 1)) * table
    return np.asarray(functools.reduce(np.add, np.sort(shares, axis=0)))


def _log_losses(given: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-np.log(np.clip(given, SMALLEST_PROBABILITY, 1.0)).mean(axis=1))
