"""Support vector machines on a few principal components, with probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.learnt import Probabilities

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
        With more training clips than this, the kernel is approximated (Williams and Seeger:
        Using the Nystroem Method to Speed Up Kernel Machines, NIPS 2000) and logistic
        regression takes the place of the machine: time then grows in proportion to clips.
    """

    components: int
    penalty: float
    sharpness: float
    exact_up_to: int

    def learn(
        self, matrix: NDArray[np.float32], numbers: NDArray[np.intp], seed: int
    ) -> Probabilities:
        """Learn from rows [shape=(clips, n)] and their class numbers."""
        from sklearn.decomposition import PCA

        count = min(self.components, *matrix.shape)
        projection = PCA(count, svd_solver="randomized", iterated_power=4, random_state=seed)
        rows = projection.fit_transform(matrix)
        variance = float(rows.var())
        gamma = self.sharpness / (count * variance) if variance > 0 else 1.0
        fit = _exact if len(rows) <= self.exact_up_to else _approximate
        machine = fit(rows, numbers, gamma=gamma, penalty=self.penalty, seed=seed)

        def probabilities(values: NDArray[Any]) -> NDArray[np.floating[Any]]:
            return machine(projection.transform(values))

        return probabilities


def _exact(
    rows: NDArray[Any], numbers: NDArray[np.intp], *, gamma: float, penalty: float, seed: int
) -> Probabilities:
    from sklearn.svm import SVC

    machine = SVC(C=penalty, gamma=gamma)
    if np.bincount(numbers).min() >= CLIPS_TO_CALIBRATE:
        return calibrated(machine, rows, numbers)
    machine.fit(rows, numbers)
    return lambda values: softmax(machine.decision_function(values))


def _approximate(
    rows: NDArray[Any], numbers: NDArray[np.intp], *, gamma: float, penalty: float, seed: int
) -> Probabilities:
    from sklearn.kernel_approximation import Nystroem
    from sklearn.linear_model import LogisticRegression

    kernel = Nystroem(gamma=gamma, n_components=LANDMARKS, random_state=seed)
    model = LogisticRegression(C=penalty, max_iter=200)
    model.fit(kernel.fit_transform(rows).astype(np.float32), numbers)
    return lambda values: model.predict_proba(kernel.transform(values))


def calibrated(machine: Any, rows: NDArray[Any], numbers: NDArray[np.intp]) -> Probabilities:
    """Fit a machine, and a sigmoid from its decision values to probabilities.

    The sigmoid (J. Platt: Probabilistic Outputs for Support Vector Machines, 1999) is fitted
    to decision values of clips that the machine had not seen, from two halves.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import StratifiedKFold

    model = CalibratedClassifierCV(machine, method="sigmoid", ensemble=False, cv=StratifiedKFold(2))
    model.fit(rows, numbers)
    return lambda values: model.predict_proba(values)


def softmax(decisions: NDArray[Any]) -> NDArray[np.float64]:
    """Turn decision values, one column a class or one for the second of two, into probabilities."""
    from scipy.special import softmax as exponential_shares

    if decisions.ndim == 1:
        decisions = np.stack([np.zeros_like(decisions), decisions], axis=1)
    return np.asarray(exponential_shares(decisions, axis=1), np.float64)
