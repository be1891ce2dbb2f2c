"""What the choice of the best of many is worth, where it was made by looking at the figures.

Who picks the best of twenty cells by their accuracy on some clips, and then quotes that accuracy,
is flattered. The bootstrap bias correction of Tsamardinos, Greasidou and Borboudakis (2018),
"Bootstrapping the out-of-sample predictions for efficient and accurate cross-validation", Machine
Learning 107, 1895-1922, makes the choice again on clips that are drawn with replacement (whole
groups, where clips have groups) and scores what was chosen on the clips that were not drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.statistics.groups import number_groups

DRAWS = 1000
"""Draws of clips: the corrected figure then has an error of its own of about 0.1 points."""

_TABLE_NUMBERS = 4_000_000
"""Most numbers that a chunk of draws holds at once (32 MB)."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a choice is worth on clips that it was not made on.

    Parameters
    ----------
    estimate
        Accuracy of the choices on the clips left out, all draws together, a share. So a single
        cell keeps its own accuracy, however unequal the groups are.
    low, high
        The middle 95% of the accuracies of single draws.
    draws
        How often the choice was made.
    """

    estimate: float
    low: float
    high: float
    draws: int


class Figures(Protocol):
    """Works out what to choose by, the higher the better, on clips with weights."""

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return figures [shape=(draws, cells)] for weights [shape=(draws, clips)]."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class MeanFigures:
    """The mean over clips of one value a clip: accuracy, or minus the log loss."""

    values: NDArray[np.float64]

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return weighted means [shape=(draws, cells)] of values [shape=(cells, clips)]."""
        return np.asarray(weights @ self.values.T / weights.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True, eq=False)
class BalancedFigures:
    """The mean recall of the classes that were drawn."""

    correct: NDArray[np.float64]
    truth: NDArray[np.intp]

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return balanced accuracies of right or wrong [shape=(cells, clips)]."""
        total = np.zeros((len(weights), len(self.correct)))
        classes = np.zeros((len(weights), 1))
        for each in np.unique(self.truth):
            drawn = weights[:, self.truth == each]
            size = drawn.sum(axis=1, keepdims=True)
            total += drawn @ self.correct[:, self.truth == each].T / np.maximum(size, 1)
            classes += size > 0
        return np.asarray(total / classes)


@dataclass(frozen=True, slots=True, eq=False)
class AreaFigures:
    """The area under the receiver operating characteristic; of several classes, their mean.

    Parameters
    ----------
    scores : array [shape=(cells, clips, classes)]
        The probability of each class.
    truth : array [shape=(clips,)]
        The column of each clip's class.
    """

    scores: NDArray[np.float64]
    truth: NDArray[np.intp]

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return areas [shape=(draws, cells)]; a class without clips on both sides counts not."""
        columns = range(self.scores.shape[2])
        sides = [1] if len(columns) == 2 else list(columns)
        areas = [
            [weighted_area(cell[:, side], self.truth == side, weights) for side in sides]
            for cell in self.scores
        ]
        table = np.moveaxis(np.array(areas), 2, 0)  # draws, cells, sides
        known = np.isfinite(table)
        return np.asarray(
            np.where(known, table, 0.0).sum(axis=2) / np.maximum(known.sum(axis=2), 1)
        )


def weighted_area(
    scores: ArrayLike, positive: ArrayLike, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the area under the curve for each row of weights; NaN where a side is empty.

    It is the share of pairs of a positive and a negative clip in which the positive one has the
    higher score, ties counted half.

    Parameters
    ----------
    scores, positive : array [shape=(clips,)]
    weights : array [shape=(draws, clips)]
        How often each clip was drawn.
    """
    values, side = np.asarray(scores, np.float64), np.asarray(positive, bool)
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(values[order]) > 0])
    drawn = weights[:, order]
    above = np.add.reduceat(np.where(side[order], drawn, 0.0), starts, axis=1)
    below = np.add.reduceat(np.where(side[order], 0.0, drawn), starts, axis=1)
    lower = np.cumsum(below, axis=1) - below / 2
    pairs = above.sum(axis=1) * below.sum(axis=1)
    won = (above * lower).sum(axis=1)
    return np.asarray(np.where(pairs > 0, won / np.where(pairs > 0, pairs, 1.0), np.nan))


def correct_choice(
    correct: ArrayLike,
    figures: Figures | None = None,
    groups: Sequence[str | None] | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Corrected:
    """Return the accuracy of choosing the best of some cells, on clips that did not choose.

    Parameters
    ----------
    correct : array [shape=(cells, clips)], bool
        Right or wrong.
    figures
        What is chosen by; accuracy, if left out.
    groups
        The group of each clip: a group is drawn whole or left out whole.

    Raises
    ------
    ValueError
        There is no cell, or fewer than two clips.
    """
    table = np.asarray(correct, dtype=np.float64)
    if table.ndim != 2 or len(table) == 0 or table.shape[1] < 2:
        raise ValueError(f"needs right or wrong [shape=(cells, clips)], got {table.shape}")
    chosen_by = figures or MeanFigures(table)
    numbers = number_groups(groups)
    units = np.arange(table.shape[1]) if numbers is None else numbers
    count = int(units.max()) + 1
    rng = np.random.default_rng(seed)
    chunk = max(1, _TABLE_NUMBERS // table.shape[1])
    right, left = np.zeros(0), np.zeros(0)
    for start in range(0, draws, chunk):
        size = min(chunk, draws - start)
        times = rng.multinomial(count, np.full(count, 1 / count), size).astype(np.float64)
        found = _score_left_out(table, chosen_by, times[:, units])
        right, left = np.append(right, found[0]), np.append(left, found[1])
    low, high = np.quantile(right / left, (0.025, 0.975))
    return Corrected(float(right.sum() / left.sum()), float(low), float(high), len(left))


def _score_left_out(
    table: NDArray[np.float64], figures: Figures, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Choose on the clips drawn; count right ones among those left out, and all of them.

    Draws that leave none out are dropped.
    """
    left = (weights == 0).astype(np.float64)
    usable = left.any(axis=1)
    weights, left = weights[usable], left[usable]
    best = figures(weights).argmax(axis=1)
    right = (left @ table.T)[np.arange(len(best)), best]
    return np.asarray(right), np.asarray(left.sum(axis=1))
