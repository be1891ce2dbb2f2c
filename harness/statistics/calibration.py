"""Whether probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 10
SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)
"""Probabilities are raised to it before their logarithm is taken, as scikit-learn does."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Predictions of similar confidence.

    Parameters
    ----------
    low, high
        The confidences that fall in it: above `low` (the first bin: from it), up to `high`.
    count
        Clips.
    confidence, accuracy
        Mean confidence and share of right predictions; None in an empty bin.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability curve and its expected calibration error (0 is perfect)."""

    bins: tuple[ReliabilityBin, ...]
    expected_calibration_error: float


def brier_score(probabilities: ArrayLike, truth: ArrayLike) -> float:
    """Return the mean squared distance of probabilities from the truth.

    Brier (1950), "Verification of Forecasts Expressed in Terms of Probability", Monthly Weather
    Review 78(1), 1-3: the sum over classes, averaged over clips, 0 to 2. For two classes half
    of it, as is customary: the squared error of either class's probability, 0 to 1.

    Parameters
    ----------
    probabilities : array [shape=(clips, classes)]
    truth : array [shape=(clips,)], int
        The column of each clip's true class.
    """
    table, columns = _check(probabilities, truth)
    squared = (table - np.eye(table.shape[1])[columns]) ** 2
    return float(squared.sum(axis=1).mean() / (2 if table.shape[1] == 2 else 1))


def log_loss(probabilities: ArrayLike, truth: ArrayLike) -> float:
    """Return the mean negative natural logarithm of the true class's probability.

    Parameters
    ----------
    probabilities : array [shape=(clips, classes)]
    truth : array [shape=(clips,)], int
        The column of each clip's true class.
    """
    table, columns = _check(probabilities, truth)
    given = table[np.arange(len(table)), columns]
    return float(-np.log(np.clip(given, SMALLEST_PROBABILITY, 1.0)).mean())


def reliability(confidence: ArrayLike, correct: ArrayLike, bins: int = BINS) -> Reliability:
    """Compare how sure predictions were with how often they were right.

    Bins of equal width, expected calibration error weighted by clips: Guo, Pleiss, Sun and
    Weinberger (2017), "On Calibration of Modern Neural Networks", ICML, equations 2 to 5.

    Parameters
    ----------
    confidence : array [shape=(clips,)]
        Probability of the predicted class.
    correct : array [shape=(clips,)], bool
    """
    sure = np.asarray(confidence, dtype=np.float64)
    right = np.asarray(correct, dtype=np.float64)
    if sure.shape != right.shape or sure.ndim != 1 or len(sure) == 0:
        raise ValueError("needs a confidence and right or wrong for each of some clips")
    edges = np.linspace(0.0, 1.0, bins + 1)
    which = np.clip(np.searchsorted(edges, sure, side="left") - 1, 0, bins - 1)
    curve = tuple(
        _bin(edges[i], edges[i + 1], sure[which == i], right[which == i]) for i in range(bins)
    )
    gaps = [
        each.count * abs(each.confidence - each.accuracy)
        for each in curve
        if each.confidence is not None and each.accuracy is not None
    ]
    return Reliability(curve, float(sum(gaps) / len(sure)))


def _bin(
    low: float, high: float, sure: NDArray[np.float64], right: NDArray[np.float64]
) -> ReliabilityBin:
    if len(sure) == 0:
        return ReliabilityBin(float(low), float(high), 0, None, None)
    return ReliabilityBin(
        float(low), float(high), len(sure), float(sure.mean()), float(right.mean())
    )


def _check(
    probabilities: ArrayLike, truth: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    table = np.asarray(probabilities, dtype=np.float64)
    columns = np.asarray(truth, dtype=np.intp)
    if table.ndim != 2 or columns.shape != table.shape[:1] or len(table) == 0:
        raise ValueError(f"needs one row of probabilities a clip, got {table.shape}")
    return table, columns
