"""Support vector machines on a few principal components, with probabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.learnt import Probabilities, constant_probabilities, in_blocks
from plugins.classifiers.regression import fitted_regression

Matrix = Callable[[NDArray[Any]], NDArray[np.float32]]
"""Turns features [shape=(clips, ...)] into new rows [shape=(clips, n)]."""

CLIPS_TO_CALIBRATE = 10
"""With fewer clips in a class, Platt's sigmoid is fitted to noise and may even turn round."""
LANDMARKS = 1000
"""Components of the Nystroem approximation: about as many as support vectors matter."""


@dataclass(frozen=True, kw_only=True)
class SupportVectors:
    """A support vector machine with Gaussian kernel on principal components.

    Parameters
    ----------
    components
        Principal components kept; fewer where there are fewer clips.
    penalty
        C, the price of a training clip on the wrong side.
    sharpness
        The kernel's gamma in units of scikit-learn's "scale", 1 / (components x variance).
    exact_up_to
        With more training clips than this, the components are found on so many of them, the
        kernel is approximated (Williams and Seeger: Using the Nystroem Method to Speed Up
        Kernel Machines, NIPS 2000), and logistic regression takes the place of the machine:
        time then grows in proportion to clips, memory hardly.
    """

    components: int
    penalty: float
    sharpness: float
    exact_up_to: int

    def learn(
        self, values: NDArray[Any], numbers: NDArray[np.intp], seed: int, matrix: Matrix
    ) -> Probabilities:
        """Learn from features [shape=(clips, ...)] and the number of each clip's class."""
        projection = self._projection(matrix(self._sample(values, seed)), seed)
        if projection is None:
            return constant_probabilities(np.bincount(numbers) / len(numbers))

        def project(block: NDArray[Any]) -> NDArray[np.float32]:
            rows: NDArray[np.float32] = projection.transform(matrix(block))
            return rows

        rows = in_blocks(project, values, projection.n_components_)
        gamma = self.sharpness / (rows.shape[1] * float(rows.var()))
        fit = _exact if len(rows) <= self.exact_up_to else _approximate
        machine = fit(rows, numbers, gamma=gamma, penalty=self.penalty, seed=seed)
        return lambda asked: machine(project(asked))

    def _sample(self, values: NDArray[Any], seed: int) -> NDArray[Any]:
        if len(values) <= self.exact_up_to:
            return values
        chosen = np.random.default_rng(seed).choice(len(values), self.exact_up_to, replace=False)
        return values[np.sort(chosen)]

    def _projection(self, rows: NDArray[np.float32], seed: int) -> Any | None:
        """Find principal components of rows, which are changed; None if all are the same."""
        from sklearn.decomposition import PCA

        if not np.ptp(rows, axis=0).any():
            return None
        count = min(self.components, *rows.shape)
        solver = PCA(
            count, copy=False, svd_solver="randomized", iterated_power=4, random_state=seed
        )
        return solver.fit(rows)


def _exact(
    rows: NDArray[np.float32], numbers: NDArray[np.intp], *, gamma: float, penalty: float, seed: int
) -> Probabilities:
    from sklearn.svm import SVC

    machine = SVC(C=penalty, gamma=gamma)
    if np.bincount(numbers).min() >= CLIPS_TO_CALIBRATE:
        return calibrated(machine, rows, numbers, seed)
    machine.fit(rows, numbers)
    return lambda asked: softmax(machine.decision_function(asked))


def _approximate(
    rows: NDArray[np.float32], numbers: NDArray[np.intp], *, gamma: float, penalty: float, seed: int
) -> Probabilities:
    from sklearn.kernel_approximation import Nystroem

    count = min(LANDMARKS, len(rows))
    kernel = Nystroem(gamma=gamma, n_components=count, random_state=seed).fit(rows)
    model = fitted_regression(in_blocks(kernel.transform, rows, count), numbers, penalty)
    return lambda asked: model.predict_proba(kernel.transform(asked))


def calibrated(
    machine: Any, rows: NDArray[Any], numbers: NDArray[np.intp], seed: int
) -> Probabilities:
    """Fit a machine, and a sigmoid from its decision values to probabilities.

    The sigmoid (J. Platt: Probabilistic Outputs for Support Vector Machines, 1999), one a
    class, is fitted to decision values of clips that the machine had not seen. Two random
    halves give them at half the price of one more training; neighbouring ids (one speaker,
    one hour) must not make up a half, or the sigmoids of several classes do not match.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import StratifiedKFold

    halves = StratifiedKFold(2, shuffle=True, random_state=seed)
    model = CalibratedClassifierCV(machine, method="sigmoid", ensemble=False, cv=halves)
    model.fit(rows, numbers)
    return lambda asked: model.predict_proba(asked)


def softmax(decisions: NDArray[Any]) -> NDArray[np.float64]:
    """Turn decision values, one column a class or one for the second of two, into shares."""
    from scipy.special import softmax as exponential_shares

    if decisions.ndim == 1:
        decisions = np.stack([np.zeros_like(decisions), decisions], axis=1)
    return np.asarray(exponential_shares(decisions, axis=1), np.float64)
