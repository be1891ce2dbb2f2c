"""The smallest difference that a holdout could detect."""

from __future__ import annotations

import numpy as np

POWER = 0.8
"""The chance with which a difference of the printed size would be found."""


def mcnemar_power(n: int, disagreement: float, difference: float, alpha: float = 0.05) -> float:
    """Return the chance that McNemar's test finds a difference between two cells.

    Normal approximation of Connor (1987), "Sample Size for Testing Differences in Proportions
    for the Paired-Sample Design", Biometrics 43(1), 207-211.

    Parameters
    ----------
    n
        Clips in the holdout.
    disagreement
        Share of clips that exactly one of the two gets right.
    difference
        Difference of the two accuracies; at most `disagreement`.
    """
    from scipy.special import ndtr, ndtri

    spread = np.sqrt(max(disagreement - difference**2, 1e-300))
    threshold = ndtri(1 - alpha / 2) * np.sqrt(disagreement)
    shift = abs(difference) * np.sqrt(n)
    return float(ndtr((shift - threshold) / spread) + ndtr((-shift - threshold) / spread))


def smallest_detectable_difference(
    n: int, disagreement: float, *, power: float = POWER, alpha: float = 0.05
) -> float:
    """Return the difference of accuracy that McNemar's test finds with the given chance.

    Parameters
    ----------
    n
        Clips in the holdout.
    disagreement
        Share of clips that exactly one of the two cells gets right. A difference cannot be
        larger; where even that would not be found, the answer is the smallest difference that
        could be, with all disagreements on one side.

    Returns
    -------
    float
        In shares of clips (0.012 is 1.2 points); never above 1.

    Raises
    ------
    ValueError
        There is no clip, or `disagreement` is no share.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    if n < 1 or not 0 <= disagreement <= 1:
        raise ValueError(f"needs clips and a share of disagreements, got {n} and {disagreement}")
    threshold, margin = ndtri(1 - alpha / 2), ndtri(power)

    def surplus(difference: float, share: float) -> float:
        spread = np.sqrt(max(share - difference**2, 0.0))
        return float(np.sqrt(n) * difference - threshold * np.sqrt(share) - margin * spread)

    if surplus(1.0, 1.0) < 0:
        return 1.0
    if disagreement == 0 or surplus(disagreement, disagreement) < 0:
        return float(brentq(lambda all_one_way: surplus(all_one_way, all_one_way), 1e-12, 1.0))
    return float(brentq(lambda difference: surplus(difference, disagreement), 0.0, disagreement))


def detectable_from_error(
    error: float, groups: int, *, power: float = POWER, alpha: float = 0.05
) -> float:
    """Return the difference that a test over groups finds with the given chance.

    Student's t on (groups - 1) degrees of freedom: (t_alpha/2 + t_power) standard errors.

    Parameters
    ----------
    error
        Standard error of a difference, from `harness.statistics.groups.standard_errors`.
    """
    from scipy.special import stdtrit

    factor = stdtrit(groups - 1, 1 - alpha / 2) + stdtrit(groups - 1, power)
    return float(min(factor * error, 1.0))


def fewest_to_tell(comparisons: int = 1, alpha: float = 0.05) -> int:
    """Return from how many clips (or groups) on a difference could be told at all.

    The clearest result that there can be is that all of `n` clips are on one side, and chance
    alone does that with probability ``2 / 2**n``; after Holm's correction that has to be below
    `alpha` even for the first of all comparisons.

    Parameters
    ----------
    comparisons
        How many are made at once.
    """
    return int(np.floor(1 + np.log2(max(comparisons, 1) / alpha))) + 1
