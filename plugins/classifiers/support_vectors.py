"""Support vector machines on a few principal components, with probabilities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.balance import clip_weights
from plugins.classifiers.decisions import Sigmoids, Softmax
from plugins.classifiers.kernels import Gaussian, KernelMachine, weights_of
from plugins.classifiers.learnt import Chained, Constant, Matrix, Probabilities, in_blocks
from plugins.classifiers.regression import Regression, fitted_regression
from plugins.classifiers.writing import Row32, Table32, Table64

CLIPS_TO_CALIBRATE = 10
"""With fewer clips in a class, Platt's sigmoid is fitted to noise and may even turn round."""
KERNEL_UP_TO = 2000
"""Clips whose kernel is computed once, all with all, for the machine and both halves that calibrate
it: 8 bytes a pair. Of more clips libsvm computes what it needs."""
PASSES = 2
"""Over the rows and back, in search of their components (Halko, Martinsson, Tropp: Finding
Structure with Randomness, SIAM Review 53, 2011). Twice as many would move accuracies by 0 to 0.2
points."""
LANDMARKS = 1000
"""Components of the Nystroem approximation: about as many as support vectors matter."""


@dataclass(frozen=True)
class Lesson:
    """Rows [shape=(clips, n)] or the kernel of all with all [shape=(clips, clips)], the class
    number of each, and what it counts (None: one)."""

    rows: NDArray[np.floating[Any]]
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
        time and memory then grow in proportion to clips, 4 kB each.
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
        some = self._sample(values, seed)
        seen = matrix(some)
        projection = self._projection(seen, seed)
        if projection is None:
            return Constant(np.bincount(numbers, weights) / len(numbers))
        project = Chained(matrix, projection)
        whole = len(some) == len(values)
        rows = projection(seen) if whole else in_blocks(project, values, len(projection.offset))
        gamma = self.sharpness / (rows.shape[1] * float(rows.var()))
        fit = _exact if len(rows) <= self.exact_up_to else _approximate
        lesson = Lesson(rows, numbers, weights)
        machine = fit(lesson, gamma=gamma, penalty=self.penalty, seed=seed)
        return Chained(project, machine)

    def _sample(self, values: NDArray[Any], seed: int) -> NDArray[Any]:
        if len(values) <= self.exact_up_to:
            return values
        chosen = np.random.default_rng(seed).choice(len(values), self.exact_up_to, replace=False)
        return values[np.sort(chosen)]

    def _projection(self, rows: NDArray[np.float32], seed: int) -> Projection | None:
        """Find principal components of rows; None if all are the same."""
        from sklearn.utils.extmath import randomized_svd

        if all(np.array_equal(row, rows[0]) for row in rows):
            return None
        count, mean = min(self.components, *rows.shape), rows.mean(axis=0)
        _, _, components = randomized_svd(rows - mean, count, n_iter=PASSES, random_state=seed)
        turned = np.ascontiguousarray(components.T, np.float32)
        return Projection(turned, mean @ turned)


@dataclass(frozen=True, eq=False)
class Projection:
    """Rows turned onto principal components.

    Parameters
    ----------
    turned : array [shape=(n, components)]
    offset : array [shape=(components,)]
        What the mean row becomes.
    """

    turned: Table32
    offset: Row32

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Project rows [shape=(clips, n)]."""
        found: NDArray[np.float32] = rows @ self.turned
        found -= self.offset
        return found


@dataclass(frozen=True, eq=False)
class Landmarks:
    """The Nystroem approximation: kernels of landmarks, made independent of each other.

    Parameters
    ----------
    independent : array [shape=(landmarks, landmarks)]
    """

    kernel: Gaussian
    independent: Table64

    def __call__(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """Describe rows [shape=(clips, n)] by the landmarks."""
        return np.asarray(self.kernel(rows) @ self.independent, np.float32)


KINDS = (Projection, Gaussian, KernelMachine, Landmarks, Regression, Sigmoids, Softmax)
"""What such a machine is made of, to be made again."""


def _exact(lesson: Lesson, *, gamma: float, penalty: float, seed: int) -> Probabilities:
    from sklearn import config_context
    from sklearn.svm import SVC

    vectors, shares = lesson.rows.astype(np.float64), None
    machine = SVC(C=penalty, gamma=gamma)
    if len(vectors) <= KERNEL_UP_TO:
        machine = SVC(C=penalty, kernel="precomputed", gamma=gamma)
        lesson = replace(lesson, rows=Gaussian(vectors, gamma)(vectors))
    with config_context(assume_finite=True, skip_parameter_validation=True):
        if np.bincount(lesson.numbers).min() >= CLIPS_TO_CALIBRATE:
            machine, shares = calibrated(machine, lesson, seed)
        else:
            machine.fit(lesson.rows, lesson.numbers, sample_weight=lesson.weights)
    kernel = Gaussian(vectors[machine.support_], gamma)
    offsets = np.array(machine.intercept_, np.float64)
    return KernelMachine(kernel, weights_of(machine), offsets, shares or Softmax())


def _approximate(lesson: Lesson, *, gamma: float, penalty: float, seed: int) -> Probabilities:
    from sklearn.kernel_approximation import Nystroem

    count = min(LANDMARKS, len(lesson.rows))
    fitted = Nystroem(gamma=gamma, n_components=count, random_state=seed).fit(lesson.rows)
    kernel = Gaussian(np.array(fitted.components_, np.float64), gamma)
    marks = Landmarks(kernel, np.array(fitted.normalization_.T, np.float64))
    rows = in_blocks(marks, lesson.rows, count)
    model = fitted_regression(rows, lesson.numbers, penalty, lesson.weights)
    return Chained(marks, Regression.of(model))


def calibrated(machine: Any, lesson: Lesson, seed: int) -> tuple[Any, Sigmoids]:
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
    (found,) = model.calibrated_classifiers_
    slopes = np.array([each.a_ for each in found.calibrators], np.float64)
    offsets = np.array([each.b_ for each in found.calibrators], np.float64)
    return found.estimator, Sigmoids(slopes, offsets)
