"""Logistic regression on standardised columns."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.learnt import Probabilities

FLAT = 1e-5
"""A column whose deviation is below this says nothing; what it has is rounding."""
STEPS = 300
"""Most pictures need 30 to 100; a model that has not settled by then is used as it is."""


def learn_regression(
    matrix: NDArray[np.float32],
    numbers: NDArray[np.intp],
    penalty: float,
    weights: NDArray[np.float64] | None = None,
) -> Probabilities:
    """Fit logistic regression, multinomial where there are more than two classes.

    Parameters
    ----------
    matrix : array [shape=(clips, n)]
        Its columns are standardised with the mean and deviation of these rows; it is changed.
    numbers : array [shape=(clips,)]
        Class numbers.
    penalty
        C, the inverse of the L2 penalty's weight.
    weights : array [shape=(clips,)]
        What each clip counts; None for one each.
    """
    centre = matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
    matrix -= centre
    width = np.sqrt(np.einsum("ij,ij->j", matrix, matrix) / len(matrix))
    width[width < FLAT] = 1
    matrix /= width
    model = fitted_regression(matrix, numbers, penalty, weights)
    return lambda rows: model.predict_proba((rows - centre) / width)


def fitted_regression(
    matrix: NDArray[np.float32],
    numbers: NDArray[np.intp],
    penalty: float,
    weights: NDArray[np.float64] | None = None,
) -> Any:
    """Fit scikit-learn's logistic regression to columns as they are."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=penalty, max_iter=STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(matrix, numbers, sample_weight=weights)
