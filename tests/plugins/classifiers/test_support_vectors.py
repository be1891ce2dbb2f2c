from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA

from plugins.classifiers import support_vectors
from plugins.classifiers.decisions import softmax
from plugins.classifiers.support_vectors import Lesson, SupportVectors, calibrated


class FirstColumn(ClassifierMixin, BaseEstimator):
    """Decides by its first column, however it was trained."""

    def fit(self, rows, numbers):
        self.classes_ = np.unique(numbers)
        return self

    def decision_function(self, rows):
        return rows[:, 0]

    def predict(self, rows):
        return (rows[:, 0] > 0).astype(np.intp)


@pytest.fixture(scope="module")
def known():
    """Decision values whose true probability is expit(2 x - 0.7)."""
    rng = np.random.default_rng(0)
    decisions = rng.normal(size=(20000, 1))
    return decisions, (rng.random(20000) < expit(2 * decisions[:, 0] - 0.7)).astype(np.intp)


def test_the_sigmoid_of_a_known_case_is_found(known):
    decisions, numbers = known
    _, probabilities = calibrated(FirstColumn(), Lesson(decisions, numbers), seed=0)
    asked = np.linspace(-2, 2, 9)[:, None]
    np.testing.assert_allclose(probabilities(asked)[:, 1], expit(2 * asked[:, 0] - 0.7), atol=0.015)


def test_the_sigmoid_agrees_with_platts_own_formula(known):
    decisions, numbers = (each[:300] for each in known)
    positive = numbers.sum()
    targets = np.where(numbers == 1, (positive + 1) / (positive + 2), 1 / (300 - positive + 2))

    def loss(line):
        share = expit(line[0] * decisions[:, 0] + line[1])
        return -(targets * np.log(share) + (1 - targets) * np.log(1 - share)).sum()

    slope, offset = minimize(loss, [1.0, 0.0]).x
    _, sigmoid = calibrated(FirstColumn(), Lesson(decisions, numbers), seed=0)
    found = sigmoid(decisions)[:, 1]
    np.testing.assert_allclose(found, expit(slope * decisions[:, 0] + offset), atol=1e-3)


def test_softmax_of_one_column_is_the_logistic_function():
    decisions = np.array([-3.0, 0.0, 2.0])
    np.testing.assert_allclose(softmax(decisions)[:, 1], expit(decisions))


def test_softmax_of_large_values_is_finite():
    np.testing.assert_allclose(softmax(np.array([[1e4, 0, -1e4]])), [[1, 0, 0]], atol=1e-12)


def _rings(count: int, seed: int):
    rng = np.random.default_rng(seed)
    numbers = np.arange(count) % 2
    angle = rng.uniform(0, 2 * np.pi, count)
    radius = 1 + 2 * numbers + rng.normal(0, 0.3, count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), numbers


@pytest.mark.parametrize("exact_up_to", [1000, 100])
def test_rings_are_told_apart_exactly_and_approximately(exact_up_to):
    rows, numbers = _rings(300, 1)
    machine = SupportVectors(components=5, penalty=3, sharpness=1, exact_up_to=exact_up_to)
    probabilities = machine.learn(rows, numbers, 0, lambda values: values.astype(np.float32))
    asked, expected = _rings(200, 2)
    assert np.mean(probabilities(asked).argmax(axis=1) == expected) > 0.97


def test_components_are_those_that_scikit_learn_finds():
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(200, 6)) * [9, 7, 5, 3, 0.02, 0.01] @ rng.normal(size=(6, 50)) + 3
    machine = SupportVectors(components=4, penalty=1, sharpness=1, exact_up_to=1000)
    projection = machine._projection(rows.astype(np.float32), seed=0)
    expected = PCA(4, svd_solver="full").fit_transform(rows)
    found = projection(rows.astype(np.float32))
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=0.02)


def test_of_clips_that_are_all_the_same_the_shares_of_classes_are_known():
    machine = SupportVectors(components=4, penalty=1, sharpness=1, exact_up_to=1000)
    same, numbers = np.ones((8, 5), np.float32), np.array([0, 0, 0, 0, 0, 0, 1, 1])
    probabilities = machine.learn(same, numbers, 0, lambda values: values)
    np.testing.assert_allclose(probabilities(same[:1]), [[0.75, 0.25]])


def test_few_clips_of_a_class_never_turn_the_answer_round():
    rows, numbers = _rings(12, 3)
    machine = SupportVectors(components=2, penalty=100, sharpness=1, exact_up_to=1000)
    probabilities = machine.learn(rows, numbers, 0, lambda values: values.astype(np.float32))
    np.testing.assert_array_equal(probabilities(rows).argmax(axis=1), numbers)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("weights", ["equal", "balanced"])
def test_a_kernel_computed_once_gives_the_machine_of_libsvm(classes, weights, monkeypatch):
    rng = np.random.default_rng(classes)
    numbers = np.sort(rng.integers(classes, size=240) * rng.integers(2, size=240))
    rows = (rng.normal(size=(240, 6)) + 0.6 * numbers[:, None]).astype(np.float32)
    machine = SupportVectors(
        components=5, penalty=3, sharpness=1, exact_up_to=1000, class_weights=weights
    )
    once = machine.learn(rows, numbers, 0, np.copy)
    monkeypatch.setattr(support_vectors, "KERNEL_UP_TO", 0)
    each = machine.learn(rows, numbers, 0, np.copy)
    # libsvm stops within 1e-3 of the optimum, by steps that may turn on a last digit.
    np.testing.assert_allclose(once(rows), each(rows), atol=1e-4)
