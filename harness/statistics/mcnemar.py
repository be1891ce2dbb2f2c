"""McNemar's test and the interval of a paired difference."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEW_DISAGREEMENTS = 25
"""Below it McNemar's test is the exact binomial one, from it on its mid-p version."""


def mcnemar(only_first: ArrayLike, only_second: ArrayLike) -> NDArray[np.float64]:
    """Return the two-sided p-value of McNemar's test.

    Exact binomial below `FEW_DISAGREEMENTS` disagreements, mid-p from there on. Fagerland,
    Lydersen and Laake (2013), "The McNemar test for binary matched-pairs data: mid-p and
    asymptotic are better than exact conditional", BMC Medical Research Methodology 13:91,
    found that mid-p kept the promised rate of false alarms in all 9,595 cases they tried.

    Parameters
    ----------
    only_first, only_second : array of int
        Clips that only the first, and only the second cell got right.
    """
    from scipy.special import bdtr, gammaln

    first, second = np.broadcast_arrays(np.asarray(only_first), np.asarray(only_second))
    total = (first + second).astype(np.int64)
    fewer = np.minimum(first, second).astype(np.int64)
    exact = 2 * bdtr(fewer, total, 0.5)
    logarithm = gammaln(total + 1.0) - gammaln(fewer + 1.0) - gammaln(total - fewer + 1.0)
    middle = exact - np.exp(logarithm - total * np.log(2))
    p = np.where(total < FEW_DISAGREEMENTS, exact, middle)
    return np.asarray(np.where(total == 0, 1.0, np.clip(p, 0.0, 1.0)))


def difference_interval(
    only_first: ArrayLike, only_second: ArrayLike, n: int, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the interval of a paired difference of two accuracies.

    Wald's with the adjustment of Bonett and Price (2012), "Adjusted Wald Confidence Interval
    for a Difference of Binomial Proportions Based on Paired Data", Journal of Educational and
    Behavioral Statistics 37(4), 479-488.
    """
    from scipy.special import ndtri

    first = (np.asarray(only_first) + 1.0) / (n + 2)
    second = (np.asarray(only_second) + 1.0) / (n + 2)
    centre = first - second
    half = ndtri(0.5 + confidence / 2) * np.sqrt((first + second - centre**2) / (n + 2))
    return np.maximum(centre - half, -1.0), np.minimum(centre + half, 1.0)


def name_mcnemar(disagreements: int | None) -> str:
    """Say which version of the test is used; None stands for many tests at once."""
    if disagreements is None:
        return f"McNemar, exact below {FEW_DISAGREEMENTS} disagreements, else mid-p"
    return "McNemar, exact" if disagreements < FEW_DISAGREEMENTS else "McNemar, mid-p"
