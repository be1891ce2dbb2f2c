"""Support vector machines on a few principal components, with probabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.balance import clip_weights
from plugins.classifiers.learnt import Probabilities, constant_probabilities, in_blocks
from plugins.classifiers.regression import fitted_regression

Matrix = Callable[[NDArray[Any]], NDArray[np.float32]]
"""Turns features [shape=(clips, ...)] into new rows [shape=(clips, n)]."""

CLIPS_TO_CALIBRATE = 10
"""With fewer clips in a class, Platt's sigmoid is fitted to noise and may even turn round."""
LANDMARKS = 1000
"""Components of the Nystroem approximation: about as many as support vectors matter."""


@dataclass(frozen=True)
class Lesson:
    """Rows [shape=(clips, n)], the class number of each, and what it counts (None: one)."""

    rows: NDArray[np.float32]
    numbers: NDArray[np.intp]
    weights: NDArray[np.float64] | None = None


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
    class_weights
        What a clip counts, a word of `CLASS_WEIGHTS`.
    """

    components: int
    penalty: float
    sharpness: float
    exact_up_to: int
    class_weights: str = "equal"

    def learn(
        self, values: NDArray[Any], numbers: NDArray[np.intp], seed: int, matrix: Matrix
    ) -> Probabilities:
        """Learn from features [shape=(clips, ...)] and the number of each clip's class."""
        weights = clip_weights(numbers, self.class_weights)
        projection = self._projection(matrix(self._sample(values, seed)), seed)
        if projection is None:
            return constant_probabilities(np.bincount(numbers, weights) / len(numbers))

        def project(block: NDArray[Any]) -> NDArray[np.float32]:
            rows: NDArray[np.float32] = projection.transform(matrix(block))
            return rows

        rows = in_blocks(project, values, projection.n_components_)
        gamma = self.sharpness / (rows.shape[1] * float(rows.var()))
        fit = _exact if len(rows) <= self.exact_up_to else _approximate
        lesson = Lesson(rows, numbers, weights)
        machine = fit(lesson, gamma=gamma, penalty=self.penalty, seed=seed)
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


def _exact(lesson: Lesson, *, gamma: float, penalty: float, seed: int) -> Probabilities:
    from sklearn.svm import SVC

    machine = SVC(C=penalty, gamma=gamma)
    if np.bincount(lesson.numbers).min() >= CLIPS_TO_CALIBRATE:
        return calibrated(machine, lesson, seed)
    machine.fit(lesson.rows, lesson.numbers, sample_weight=lesson.weights)
    return lambda asked: softmax(machine.decision_function(asked))


def _approximate(lesson: Lesson, *, gamma: float, penalty: float, seed: int) -> Probabilities:
    from sklearn.kernel_approximation import Nystroem

    count = min(LANDMARKS, len(lesson.rows))
    kernel = Nystroem(gamma=gamma, n_components=count, random_state=seed).fit(lesson.rows)
    rows = in_blocks(kernel.transform, lesson.rows, count)
    model = fitted_regression(rows, lesson.numbers, penalty, lesson.weights)
    return lambda asked: model.predict_proba(kernel.transform(asked))


def calibrated(machine: Any, lesson: Lesson, seed: int) -> Probabilities:
    """Fit a machine, and a sigmoid from its decision values to probabilities.

    The sigmoid (J. Platt: Probabilistic Outputs for Support Vector Machines, 1999), one a
    class, is fitted to decision values of clips that the machine had not seen. Two random
    halves give them at half the price of one more training; neighbouring ids (one speaker,
    one hour) must not make up a half, or the sigmoids of several classes do not match. What a
    clip counts, it counts for the sigmoid as well: else that would turn the balance back.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import StratifiedKFold

    halves = StratifiedKFold(2, shuffle=True, random_state=seed)
    model = CalibratedClassifierCV(machine, method="sigmoid", ensemble=False, cv=halves)
    model.fit(lesson.rows, lesson.numbers, sample_weight=lesson.weights)
    return lambda asked: model.predict_proba(asked)


def softmax(decisions: NDArray[Any]) -> NDArray[np.float64]:
    """Turn decision values, one column a class or one for the second of two, into shares."""
    from scipy.special import softmax as exponential_shares

    if decisions.ndim == 1:
        decisions = np.stack([np.zeros_like(decisions), decisions], axis=1)
    return np.asarray(exponential_shares(decisions, axis=1), np.float64)
