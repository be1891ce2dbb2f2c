"""Logistic regression on standardised columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.learnt import Probabilities

FLAT = 1e-5
"""A column whose deviation is below this says nothing; what it has is rounding."""
STEPS = 300
"""Where the solver stops if it has not settled: later steps no longer change predictions."""


def learn_regression(
    matrix: NDArray[np.float32], numbers: NDArray[np.intp], penalty: float
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
    """
    from sklearn.linear_model import LogisticRegression

    centre, width = matrix.mean(axis=0), matrix.std(axis=0)
    width[width < FLAT] = 1
    matrix -= centre
    matrix /= width
    model = LogisticRegression(C=penalty, max_iter=STEPS, tol=1e-3)
    model.fit(matrix, numbers)
    return lambda rows: model.predict_proba((rows - centre) / width)
