from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from plugins.classifiers import regression
from plugins.classifiers.learnt import (
    ASKED_AT_ONCE,
    Constant,
    Learnt,
    in_blocks,
    learn_in_id_order,
)
from plugins.classifiers.regression import learn_regression


def test_prediction_goes_in_blocks_of_one_size_and_gives_every_row(row_features):
    sizes = []

    def probabilities(values):
        sizes.append(len(values))
        return np.stack([values[:, 0], 1 - values[:, 0]], axis=1)

    shares = np.linspace(0, 1, 2 * ASKED_AT_ONCE + 3, dtype=np.float32)[:, None]
    found = Learnt(("a", "b"), probabilities).predict(row_features(shares))
    assert sizes == [ASKED_AT_ONCE] * 3
    np.testing.assert_allclose(found.scores[:, 0], shares[:, 0])


def test_scores_are_made_to_sum_to_one(row_features):
    rough = Learnt(("a", "b"), lambda values: np.full((len(values), 2), (0.3, 0.3)))
    found = rough.predict(row_features(np.zeros((1, 1), np.float32)))
    np.testing.assert_array_equal(found.scores, [[0.5, 0.5]])


def test_no_clips_give_no_predictions(row_features):
    learnt = Learnt(("a", "b"), Constant(np.array([0.4, 0.6])))
    assert len(learnt.predict(row_features(np.zeros((0, 3), np.float32)))) == 0


def test_learning_sees_rows_in_the_order_of_their_ids(row_features):
    features = row_features(np.arange(4, dtype=np.float32)[:, None]).take([2, 0, 3, 1])
    seen = []

    def learn(values, numbers, classes):
        seen.append((values[:, 0].tolist(), numbers.tolist(), classes))
        return Constant(np.ones(classes) / classes)

    fitted = learn_in_id_order(features, np.array(["y", "z", "x", "z"]), learn)
    assert seen == [([0, 1, 2, 3], [2, 2, 1, 0], 3)]
    assert fitted.predict(features).classes == ("x", "y", "z")


def test_nothing_is_learnt_of_one_class(row_features):
    def learn(values, numbers, classes):
        raise AssertionError("there is nothing to learn")

    features = row_features(np.zeros((3, 1), np.float32))
    fitted = learn_in_id_order(features, np.array(["x"] * 3), learn)
    assert fitted.predict(features).labels == ("x", "x", "x")


def test_blocks_have_the_type_asked_for():
    rows = in_blocks(lambda values: values * 2.0, np.arange(3)[:, None], 1)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[:, 0], [0, 2, 4])


@pytest.mark.parametrize(("settled", "within"), [(1e-6, 1e-4), (regression.SETTLED, 0.02)])
@pytest.mark.parametrize("classes", [2, 4])
def test_regression_agrees_with_scikit_learn_on_standardised_columns(
    classes, settled, within, monkeypatch
):
    monkeypatch.setattr(regression, "SETTLED", settled)
    rng = np.random.default_rng(0)
    numbers = rng.integers(classes, size=300)
    rows = rng.normal(size=(300, 8)) * np.arange(1, 9) + 5 + numbers[:, None]
    scaler = StandardScaler().fit(rows)
    reference = LogisticRegression(C=0.1, tol=1e-8).fit(scaler.transform(rows), numbers)
    found = learn_regression(rows.astype(np.float32), numbers, 0.1)(rows.astype(np.float32))
    np.testing.assert_allclose(found, reference.predict_proba(scaler.transform(rows)), atol=within)


def test_a_column_that_never_changes_does_not_count():
    rows = np.random.default_rng(1).normal(size=(60, 3)).astype(np.float32)
    numbers = (rows[:, 0] > 0).astype(np.intp)
    rows[:, 2] = 7
    other = rows.copy()
    other[:, 2] = 7 + 1e-7
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        probabilities = learn_regression(rows.copy(), numbers, 0.1)
    np.testing.assert_allclose(probabilities(rows), probabilities(other), atol=1e-6)
