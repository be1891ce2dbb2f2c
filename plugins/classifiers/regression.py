"""Logistic regression on standardised columns."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.decisions import softmax
from plugins.classifiers.learnt import Chained, Probabilities
from plugins.classifiers.writing import Row32, Table32

FLAT = 1e-5
"""A column whose deviation is below this says nothing; what it has is rounding."""
SETTLED = 3e-3
"""A model has settled where no part of the mean loss's gradient is larger. A thirtieth of it takes
two to six times the steps; accuracies are then the same or lower, log losses within 1 %."""
STEPS = 300
"""Most pictures need 12 to 30; a model that has not settled by then is used as it is."""


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
    return Chained(Standardised(centre, width), Regression.of(model))


@dataclass(frozen=True, eq=False)
class Standardised:
    """Columns as they had mean 0 and deviation 1 in training.

    Parameters
    ----------
    centre, width : array [shape=(n,)]
    """

    centre: Row32
    width: Row32

    def __call__(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """Standardise rows [shape=(clips, n)]."""
        found: NDArray[np.float32] = np.subtract(rows, self.centre, dtype=np.float32)
        found /= self.width
        return found


@dataclass(frozen=True, eq=False)
class Regression:
    """Logistic regression that has learnt.

    Parameters
    ----------
    coefficients : array [shape=(n, columns)]
        One column for the second of two classes, else one a class.
    offsets : array [shape=(columns,)]
    """

    coefficients: Table32
    offsets: Row32

    @classmethod
    def of(cls, model: Any) -> Regression:
        """Take what scikit-learn's model has learnt."""
        coefficients = np.ascontiguousarray(model.coef_.T, np.float32)
        return cls(coefficients, np.array(model.intercept_, np.float32))

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give the probabilities of rows [shape=(clips, n)]."""
        return softmax((rows @ self.coefficients + self.offsets).astype(np.float64))


KINDS = (Standardised, Regression)
"""What `learn_regression` returns, to be made again."""


def fitted_regression(
    matrix: NDArray[np.float32],
    numbers: NDArray[np.intp],
    penalty: float,
    weights: NDArray[np.float64] | None = None,
) -> Any:
    """Fit scikit-learn's logistic regression to columns as they are."""
    from sklearn import config_context
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=penalty, max_iter=STEPS, tol=SETTLED)
    checked = config_context(assume_finite=True, skip_parameter_validation=True)
    with checked, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(matrix, numbers, sample_weight=weights)
