"""How far an accuracy may be off, for new clips and for new recordings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from harness.statistics.groups import (
    draw_means,
    explain_groups,
    judge_estimates,
    number_groups,
)

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and its 95% interval.

    Parameters
    ----------
    estimate, low, high
        Shares of clips, 0 to 1.
    method
        "Wilson" or "bootstrap over 27 groups".
    about
        What the interval speaks of: "new clips like these", "new groups", or "new clips of the
        same 2 groups, too few to draw from".
    """

    estimate: float
    low: float
    high: float
    method: str
    about: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure varies between splits, seeds or other repetitions.

    Parameters
    ----------
    values
        One figure a repetition.
    mean, deviation
        Their mean and standard deviation; the deviation of a single one is None.
    smallest, largest
        Their range.
    low, high
        95% interval of the mean; None for a single repetition.
    p
        Two-sided p-value of "the mean is zero", for differences; None for a single repetition.
    """

    values: tuple[float, ...]
    mean: float
    deviation: float | None
    smallest: float
    largest: float
    low: float | None
    high: float | None
    p: float | None


def wilson(successes: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of a share of `n` independent clips.

    Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference",
    JASA 22, 209-212. Without clips nothing is known: (0, 1).
    """
    if n == 0:
        return 0.0, 1.0
    share, z = successes / n, NormalDist().inv_cdf(0.5 + confidence / 2)
    double = 2 * (n + z**2)
    centre = (2 * n * share + z**2) / double
    half = z / double * math.sqrt(4 * n * share * (1 - share) + z**2)
    return (0.0 if successes == 0 else centre - half), (1.0 if successes == n else centre + half)


def accuracy_interval(
    correct: ArrayLike, groups: Sequence[str | None] | None = None, *, seed: int = 0
) -> Interval:
    """Return the accuracy of one cell and how far it may be off.

    With enough groups the interval comes from a bootstrap over them and speaks of new groups
    (speakers, recordings); otherwise it is Wilson's and speaks of new clips. Where no group
    differs from any other, each counts as one observation of a Wilson interval.

    Parameters
    ----------
    correct : array [shape=(clips,)], bool
    groups
        The group of each clip.
    """
    right = np.asarray(correct, dtype=np.float64)
    if right.ndim != 1 or len(right) == 0:
        raise ValueError(f"needs a row of clips, got shape {right.shape}")
    estimate, about = float(right.mean()), explain_groups(groups)
    numbers = number_groups(groups)
    if numbers is None:
        return Interval(estimate, *wilson(int(right.sum()), len(right)), "Wilson", about)
    count = int(numbers.max()) + 1
    method = f"bootstrap over {count} groups"
    means = draw_means(right, numbers, seed=seed)
    error = float(means.std(ddof=1) * np.sqrt(count / (count - 1)))
    if error == 0:
        return Interval(estimate, *wilson(round(estimate * count), count), method, about)
    low, high, _ = judge_estimates(estimate, error, count, CONFIDENCE)
    return Interval(estimate, max(float(low), 0.0), min(float(high), 1.0), method, about)


def spread_of_repetitions(
    values: ArrayLike,
    *,
    holdout_to_train: float = 0.0,
    within: tuple[float, float] = (-np.inf, np.inf),
) -> Spread:
    """Return mean, range and 95% interval of a figure over splits or seeds.

    Repeated random splits share most of their clips, so their results are correlated and a
    plain t interval is too narrow. The corrected resampled t of Nadeau and Bengio (2003),
    "Inference for the Generalization Error", Machine Learning 52, 239-281, takes the variance
    of the mean as (1/J + holdout/train) times that of the J values. With splits by block or
    group, the interval speaks of new recordings.

    Parameters
    ----------
    values : array [shape=(repetitions,)]
        Accuracies, or differences of two cells on the same splits.
    holdout_to_train
        Holdout clips per training clip of one split. Zero for repetitions that are
        independent given the split, such as seeds: that is the ordinary t interval.
    within
        What the figure can be at all, (0, 1) for shares: the interval does not leave it.
    """
    from scipy.special import stdtr, stdtrit

    figures = np.asarray(values, dtype=np.float64)
    if figures.ndim != 1 or len(figures) == 0 or not np.isfinite(figures).all():
        raise ValueError("needs at least one repetition, and only finite figures")
    count, mean = len(figures), float(figures.mean())
    row = tuple(figures.tolist())
    if count == 1:
        return Spread(row, mean, None, mean, mean, None, None, None)
    deviation = float(figures.std(ddof=1))
    error = deviation * np.sqrt(1 / count + holdout_to_train)
    half = float(stdtrit(count - 1, 0.5 + CONFIDENCE / 2) * error)
    if error == 0:
        p = 1.0 if mean == 0 else 0.0
    else:
        p = float(2 * stdtr(count - 1, -abs(mean) / error))
    low, high = max(mean - half, within[0]), min(mean + half, within[1])
    return Spread(row, mean, deviation, float(figures.min()), float(figures.max()), low, high, p)
