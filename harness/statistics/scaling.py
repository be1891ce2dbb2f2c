"""Probabilities made to mean what they say, by two numbers learnt inside training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.statistics.calibration import SMALLEST_PROBABILITY

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scaling:
    """Probabilities scaled on the logit: ``1 / (1 + exp(-(slope · logit(p) + offset)))``.

    The slope is above zero, so the order of clips stays what it was.
    """

    slope: float = 1.0
    offset: float = 0.0

    def scaled(self, probabilities: ArrayLike) -> Numbers:
        """Return calibrated probabilities; NaN stays NaN."""
        return _sigmoid(self.slope * _logit(probabilities) + self.offset)


def fit_scaling(
    probabilities: ArrayLike, positive: ArrayLike, weights: ArrayLike | None = None
) -> Scaling:
    """Learn how probabilities of clips that were not learnt from are to be scaled.

    Platt (1999), "Probabilistic Outputs for Support Vector Machines and Comparisons to Regularized
    Likelihood Methods", with his targets, which keep it finite where the classes are wholly
    parted: (n + 1) / (n + 2) for the n positive clips and 1 / (m + 2) for the m others. Where
    higher probabilities do not speak for the class at all, they stay as they are.

    Parameters
    ----------
    probabilities : array [shape=(clips,)]
        Of the class, by a classifier that has not seen the clip.
    positive : array [shape=(clips,)], bool
        Clips of the class.
    weights : array [shape=(clips,)]
        How many clips each stands for; none for one each.
    """
    from scipy.optimize import minimize

    x, y = _logit(probabilities), np.asarray(positive, dtype=bool)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
    with_score = np.isfinite(x)
    x, y, w = x[with_score], y[with_score], w[with_score]
    if not y.any() or y.all():
        return Scaling()
    n, m = float(w[y].sum()), float(w[~y].sum())
    target = np.where(y, (n + 1) / (n + 2), 1 / (m + 2))

    def loss(figures: Numbers) -> tuple[float, Numbers]:
        z = figures[0] * x + figures[1]
        off = w * (_sigmoid(z) - target) / w.sum()
        value = float((w * (np.logaddexp(0.0, z) - target * z)).sum() / w.sum())
        return value, np.array([(off * x).sum(), off.sum()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS")
    slope, offset = (float(value) for value in found.x)
    return Scaling(slope, offset) if slope > 0 and np.isfinite(offset) else Scaling()


def _logit(probabilities: ArrayLike) -> Numbers:
    p = np.asarray(probabilities, dtype=np.float64)
    p = np.clip(p, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return np.asarray(np.log(p) - np.log1p(-p))


def _sigmoid(z: Numbers) -> Numbers:
    from scipy.special import expit

    return np.asarray(expit(z), dtype=np.float64)
