"""Attacks on sklearn[...]: what a stranger's plan may not build, name, call, read or write."""

from __future__ import annotations

import builtins
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils import all_estimators
from sklearn.utils._param_validation import StrOptions

from harness import ParameterError
from plugins.classifiers.estimator_rules import MODULES, check_options, find_class
from plugins.classifiers.estimators import build_estimator
from plugins.classifiers.sklearn_estimator import SklearnEstimator

SVC = "sklearn.svm.SVC"
TREES = "sklearn.ensemble.ExtraTreesClassifier"


def _public_module(cls):
    parts = cls.__module__.split(".")
    return ".".join(part for part in parts[:2] if not part.startswith("_"))


def _constraints(cls):
    found = getattr(cls, "_parameter_constraints", {})
    return {name: [] if isinstance(each, str) else each for name, each in found.items()}


ALLOWED = sorted(
    (f"{_public_module(cls)}.{name}", cls)
    for name, cls in all_estimators()
    if _public_module(cls) in MODULES
)


@pytest.mark.parametrize(
    "path",
    [
        "os.system",
        "subprocess.Popen",
        "builtins.eval",
        "pickle.Unpickler",
        "joblib.Memory",
        "numpy.memmap",
        "shelve.DbfilenameShelf",
        "plugins.classifiers.committee.Committee",
        "sightbench.Anything",
        "aeon.classification.hybrid.HIVECOTEV2",
        "sklearn.pipeline.Pipeline",
        "sklearn.pipeline.FeatureUnion",
        "sklearn.compose.ColumnTransformer",
        "sklearn.model_selection.GridSearchCV",
        "sklearn.feature_extraction.text.CountVectorizer",
        "sklearn.datasets.fetch_openml",
        "sklearn.conftest.os",
        "sklearn.utils._testing.TempMemmap",
        "sklearn.utils.parallel.Parallel",
        "sklearn.experimental.enable_halving_search_cv",
        "sklearn.externals._arff.ArffDecoder",
        "sklearn.svm._classes.SVC",
        "sklearn.svm._base.BaseSVC",
        "sklearn.svm.__class__",
        "sklearn.svm.__loader__",
        "sklearn.ensemble.BaseEnsemble",
        "sklearn.cluster.os",
        "sklearn.ensemble._forest.ThreadPool",
        "sklearn.linear_model.np",
        "sklearn.preprocessing.FunctionTransformer",
        "sklearn..svm.SVC",
        ".sklearn.svm.SVC",
        "sklearn.svm.SVC.__init__",
        "sklearn.svm.SVC()",
        "sklearn.svm.SVC;os",
        "SKLEARN.svm.SVC",
        "\uff53klearn.svm.SVC",
        "",
        "+",
        "sklearn.svm.SVC+",
        f"sklearn.preprocessing.StandardScaler+os.system+{SVC}",
    ],
)
def test_what_is_no_estimator_of_scikit_learn_is_refused(path):
    with pytest.raises(ParameterError, match=r"^sklearn: "):
        SklearnEstimator(estimator=path)


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (f"sklearn.cluster.FeatureAgglomeration+{SVC}", {"featureagglomeration__memory": "shared"}),
        (f"sklearn.cluster.FeatureAgglomeration+{SVC}", {"memory": "shared"}),
        (f"sklearn.decomposition.PCA+{SVC}", {"steps__memory": "shared"}),
        (f"sklearn.decomposition.PCA+{SVC}", {"pca__svd_solver": "/etc/passwd"}),
        (f"sklearn.decomposition.PCA+{SVC}", {"pca": "passthrough"}),
        (f"sklearn.decomposition.PCA+{SVC}", {"pca__": 1}),
        (f"sklearn.decomposition.PCA+{SVC}", {"__class__": 1}),
        (f"sklearn.decomposition.PCA+{SVC}", {"svc____init__": 1}),
        (SVC, {"memory": "shared"}),
        (SVC, {"kernel": "../kernel.py"}),
        (SVC, {"kernel": "os.system"}),
        (SVC, {"kernel": len}),
        (SVC, {"class_weight": {0: 1}}),
        (SVC, {"C": "1"}),
        (SVC, {"C": float("inf")}),
        (SVC, {"C": float("nan")}),
        (SVC, {"C": 10**400}),
        (SVC, {"C": -1.0}),
        (SVC, {"verbose": True}),
        (SVC, {"verbose": 3}),
        (SVC, {"probability": b"1"}),
        (SVC, {"gamma": [1.0]}),
        (SVC, {"_estimator_type": "classifier"}),
        (SVC, {"__init__": 1}),
        (TREES, {"n_jobs": -1}),
        (TREES, {"n_jobs": 2}),
        (TREES, {"n_jobs": 10**6}),
        (TREES, {"n_estimators": 10**12}),
        (TREES, {"n_estimators": True}),
        (TREES, {"random_state": 3}),
        (TREES, {"oob_score": "sklearn.metrics.accuracy_score"}),
        (TREES, {"max_features": "shared/pickle"}),
        ("sklearn.neighbors.KNeighborsClassifier", {"metric": "numpy.load"}),
        ("sklearn.neighbors.KNeighborsClassifier", {"weights": "lambda d: d"}),
        ("sklearn.ensemble.AdaBoostClassifier", {"estimator": "sklearn.svm.SVC"}),
        ("sklearn.ensemble.AdaBoostClassifier", {"estimator__max_depth": 3}),
        ("sklearn.ensemble.BaggingClassifier", {"estimator": SVC}),
        ("sklearn.ensemble.StackingClassifier", {}),
        ("sklearn.ensemble.StackingClassifier", {"estimators": "os.system"}),
        ("sklearn.ensemble.VotingClassifier", {}),
        ("sklearn.linear_model.LogisticRegressionCV", {"scoring": "os.system"}),
        ("sklearn.linear_model.LogisticRegressionCV", {"cv": "split.csv"}),
        ("sklearn.gaussian_process.GaussianProcessClassifier", {"kernel": "shared"}),
        ("sklearn.gaussian_process.GaussianProcessClassifier", {"optimizer": "os.system"}),
        (f"sklearn.feature_selection.SelectKBest+{SVC}", {"selectkbest__score_func": "os.system"}),
        (f"sklearn.feature_selection.SelectFromModel+{SVC}", {"selectfrommodel__estimator": SVC}),
        (f"sklearn.manifold.Isomap+{SVC}", {"isomap__n_jobs": -1}),
    ],
)
def test_what_loads_calls_or_takes_more_than_its_share_is_refused(
    path, options, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match=r"^sklearn: "):
        SklearnEstimator(estimator=path, options=tuple(options.items()))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (TREES, {"n_jobs": 1, "max_features": "sqrt", "bootstrap": True, "oob_score": False}),
        (TREES, {"n_jobs": None, "max_depth": None, "class_weight": "balanced", "verbose": 0}),
        (SVC, {"kernel": "poly", "gamma": "auto", "degree": 2, "C": 0.5}),
        ("sklearn.neighbors.KNeighborsClassifier", {"metric": "cosine", "weights": "distance"}),
        ("sklearn.linear_model.LogisticRegressionCV", {"Cs": 3, "cv": 4, "scoring": "accuracy"}),
        (f"sklearn.decomposition.PCA+sklearn.decomposition.PCA+{SVC}", {"pca-2__n_components": 2}),
        (f"sklearn.cluster.FeatureAgglomeration+{SVC}", {"featureagglomeration__n_clusters": 3}),
    ],
)
def test_what_a_person_would_choose_is_built(path, options):
    model = SklearnEstimator(estimator=path, options=tuple(options.items()))
    built = build_estimator(path, dict(model.options), 5)
    found = built.get_params()
    last = built.steps[-1][0] if "+" in path else ""
    for name, value in options.items():
        assert found.get(name, found.get(f"{last}__{name}", "none")) == value


def test_every_estimator_is_found_and_none_takes_a_path_a_callable_or_an_object():
    assert len(ALLOWED) > 100
    assert len({cls for _, cls in ALLOWED}) == len(ALLOWED)
    for path, cls in ALLOWED:
        if cls.__name__ not in ("FunctionTransformer", "SequentialFeatureSelector"):
            assert find_class(path) is cls
        for name, constraint in _constraints(cls).items():
            for value in ("shared", "./x.pkl", "os.system", len, object(), [1], {"a": 1}, b"x"):
                with pytest.raises(ParameterError, match=r"^sklearn: "):
                    check_options(cls, {name: value})
            listed = [each for each in constraint if isinstance(each, StrOptions)]
            for word in {word for each in listed for word in each.options}:
                if name not in ("memory", "random_state", "verbose", "n_jobs"):
                    check_options(cls, {name: word})


@given(st.text(max_size=12), st.sampled_from(ALLOWED))
def test_no_word_is_taken_that_is_not_listed(word, estimator):
    _, cls = estimator
    for name, constraint in _constraints(cls).items():
        words = [each.options for each in constraint if isinstance(each, StrOptions)]
        if not any(word in each for each in words):
            with pytest.raises(ParameterError):
                check_options(cls, {name: word})


def test_building_and_learning_touch_no_file(easy, tmp_path, monkeypatch):
    """The estimator that can cache, with all that a plan can say of it."""
    train, _ = easy
    path = f"sklearn.cluster.FeatureAgglomeration+{SVC}"
    model = build_estimator(path, {"featureagglomeration__n_clusters": 8}, 0)
    rows = train.pictures.pixels[:, ::8, ::8, 0].reshape(len(train.labels), -1) / 255.0
    monkeypatch.chdir(tmp_path)
    opened, real = [], builtins.open
    monkeypatch.setattr(builtins, "open", lambda *a, **k: opened.append(a) or real(*a, **k))
    model.fit(rows, train.labels)
    assert not [each for each in opened if str(tmp_path) in os.fspath(each[0])]
    assert not list(tmp_path.iterdir())
