"""Ridge regression on the sign of each class, with probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.decisions import softmax
from plugins.classifiers.learnt import Probabilities
from plugins.classifiers.writing import Row32, Row64, Table64

PENALTIES = tuple(10.0**power for power in np.linspace(-3, 3, 10))
"""Tried by leaving one clip out; those of the MiniRocket paper."""
FLAT = 1e-8
"""A column whose deviation is below this says nothing."""
STEEPEST = 5.0
"""Of the softmax: training clips that are all told apart must not make it certain."""


def learn_ridge(
    matrix: NDArray[np.float32],
    numbers: NDArray[np.intp],
    weights: NDArray[np.float64] | None = None,
) -> Probabilities:
    """Fit ridge regression to columns of one scale, its penalty chosen by leaving one out.

    Decision values become probabilities by a softmax whose steepness suits what each training
    clip gets from all others (temperature scaling: Guo et al. 2017, "On Calibration of Modern
    Neural Networks", ICML). That leaves the predicted class as it is.

    Parameters
    ----------
    matrix : array [shape=(clips, n)]
        Its columns are divided by the deviation of these rows; it is changed.
    numbers : array [shape=(clips,)]
        Class numbers.
    weights : array [shape=(clips,)]
        What each clip counts; None for one.
    """
    from sklearn.linear_model import RidgeCV

    width = matrix.std(axis=0)
    width[width < FLAT] = 1
    matrix /= width
    signs = np.where(numbers[:, None] == np.arange(numbers.max() + 1), 1.0, -1.0)
    model = RidgeCV(PENALTIES, scoring="neg_mean_squared_error", store_cv_results=True)
    model.fit(matrix, signs, sample_weight=weights)
    without_itself = model.cv_results_[..., PENALTIES.index(model.alpha_)]
    steepness = steepness_for(without_itself, numbers, weights)
    coefficients = np.ascontiguousarray(model.coef_.reshape(-1, len(width)).T, np.float64)
    offsets = np.array(model.intercept_, np.float64).reshape(-1)
    return Ridge(np.asarray(width, np.float32), coefficients, offsets, steepness)


@dataclass(frozen=True, eq=False)
class Ridge:
    """Ridge regression that has learnt, and the steepness of its softmax.

    Parameters
    ----------
    width : array [shape=(n,)]
    coefficients : array [shape=(n, classes)]
    offsets : array [shape=(classes,)]
    """

    width: Row32
    coefficients: Table64
    offsets: Row64
    steepness: float

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give the probabilities of rows [shape=(clips, n)]."""
        decisions = (rows / self.width) @ self.coefficients + self.offsets
        return softmax(self.steepness * decisions)


def steepness_for(
    decisions: NDArray[Any], numbers: NDArray[np.intp], weights: NDArray[np.float64] | None = None
) -> float:
    """Find the factor on decision values [shape=(clips, classes)] whose softmax fits best."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    clips = np.arange(len(numbers))

    def loss(exponent: float) -> float:
        likelihoods = log_softmax(np.exp(exponent) * decisions, axis=1)[clips, numbers]
        return -float(np.average(likelihoods, weights=weights))

    reach = np.log(STEEPEST)
    return float(np.exp(minimize_scalar(loss, bounds=(-reach, reach), method="bounded").x))
