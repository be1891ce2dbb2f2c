"""Logistic regression on standardised columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.learnt import Probabilities

FLAT = 1e-5
"""A column whose deviation is below this says nothing; what it has is rounding."""
STEPS = 300
"""Where the solver stops if it has not settled, which takes some 30 to 100 steps."""


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

    centre = matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
    matrix -= centre
    width = np.sqrt(np.einsum("ij,ij->j", matrix, matrix) / len(matrix))
    width[width < FLAT] = 1
    matrix /= width
    model = LogisticRegression(C=penalty, max_iter=STEPS)
    model.fit(matrix, numbers)
    return lambda rows: model.predict_proba((rows - centre) / width)
