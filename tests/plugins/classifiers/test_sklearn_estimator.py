from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier

from harness import ClassifierError, Features, ParameterError
from plugins.classifiers.estimators import build_estimator, class_probabilities
from plugins.classifiers.sklearn_estimator import SklearnEstimator

TREES = "sklearn.ensemble.ExtraTreesClassifier"


def _predictions(classifier, easy, seed=0):
    train, holdout = easy
    learnt = Features(classifier.features(train.pictures), train.pictures.ids)
    asked = Features(classifier.features(holdout.pictures), holdout.pictures.ids)
    found = classifier.fit(learnt, train.labels, np.random.default_rng(seed)).predict(asked)
    return found, float(np.mean(np.asarray(found.labels) == holdout.labels))


@pytest.mark.parametrize(
    ("estimator", "options"),
    [
        (TREES, (("n_estimators", 30),)),
        ("sklearn.svm.LinearSVC", ()),
        ("sklearn.linear_model.Perceptron", ()),
        ("sklearn.neighbors.NearestCentroid", ()),
        ("sklearn.preprocessing.StandardScaler+sklearn.svm.LinearSVC", (("C", 0.01),)),
    ],
)
def test_classifiers_with_and_without_probabilities_learn(estimator, options, easy):
    found, accuracy = _predictions(
        SklearnEstimator(estimator=estimator, size=16, options=options), easy
    )
    assert accuracy > 0.8
    np.testing.assert_allclose(found.scores.sum(axis=1), 1)


def test_parameters_and_seed_reach_the_estimator():
    model = build_estimator(TREES, {"n_estimators": 7, "max_depth": 3}, seed=11)
    assert isinstance(model, ExtraTreesClassifier)
    assert (model.n_estimators, model.max_depth, model.random_state) == (7, 3, 11)


def test_parameters_of_a_step_reach_it():
    path = "sklearn.decomposition.PCA + sklearn.svm.SVC"
    model = build_estimator(path, {"pca__n_components": 5, "C": 2.5}, seed=3)
    assert model.named_steps["pca"].n_components == 5
    assert model.named_steps["pca"].random_state == 3
    assert model.named_steps["svc"].C == 2.5


def test_another_seed_gives_another_forest(easy):
    classifier = SklearnEstimator(estimator=TREES, size=8, options=(("n_estimators", 5),))
    one, other = (_predictions(classifier, easy, seed)[0].scores for seed in (0, 1))
    assert (one != other).any()


@pytest.mark.parametrize(
    ("path", "options", "message"),
    [
        ("ExtraTreesClassifier", {}, "is not the path of a class"),
        ("sklearn.ensemble.; import os", {}, "is not the path of a class"),
        ("no_such_package.Forest", {}, "in no module that a plan may name"),
        ("sklearn.no_such_module.Forest", {}, "in no module that a plan may name"),
        ("sklearn.ensemble.ExtraTreeClassifer", {}, "has no class ExtraTreeClassifer"),
        ("sklearn.svm.l1_min_c", {}, "has no class l1_min_c"),
        ("sklearn.preprocessing.StandardScaler", {}, "has no fit and predict"),
        ("sklearn.linear_model.LinearRegression", {}, "is not a classifier"),
        ("sklearn.cluster.KMeans", {}, "is not a classifier"),
        ("sklearn.svm.SVC+sklearn.svm.SVC", {}, "has no transform"),
        (TREES, {"n_trees": 3}, "n_trees=3, which it does not take; it takes n_estim"),
        (TREES, {"pca__n_components": 3}, "pca__n_components=3, which it does not take"),
        (
            "sklearn.decomposition.PCA+sklearn.svm.SVC",
            {"pcaa__n_components": 3},
            "its steps are pca, svc",
        ),
    ],
)
def test_what_makes_no_classifier_is_refused_before_anything_runs(path, options, message):
    with pytest.raises(ParameterError, match=message):
        SklearnEstimator(estimator=path, options=tuple(options.items()))


def test_the_seed_is_not_the_users_to_set():
    with pytest.raises(ParameterError, match="leave out random_state"):
        SklearnEstimator(estimator=TREES, options=(("random_state", 1),))


def test_a_file_that_happens_to_lie_in_the_path_is_not_run(tmp_path, monkeypatch):
    (tmp_path / "stray_module.py").write_text("raise SystemExit('it ran')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ParameterError, match="in no module that a plan may name"):
        SklearnEstimator(estimator="stray_module.Forest")
    assert "stray_module" not in sys.modules


class _Broken:
    def __init__(self, answer):
        self.answer = answer

    def predict_proba(self, rows):
        return self.answer


@pytest.mark.parametrize("answer", [np.ones((3, 1)), np.full((3, 2), np.nan), np.zeros((3, 2))])
def test_useless_probabilities_fail_the_cell(answer):
    with pytest.raises(ClassifierError, match="no usable probabilities for 2 classes"):
        class_probabilities(_Broken(answer), np.zeros((3, 4)), 2)
