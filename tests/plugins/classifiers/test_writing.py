"""What classifiers learn, written down and made again."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC

from harness import ClassifierError, Features, Knowledge, Writable
from harness.conformance import examples
from plugins.classifiers.bookkeeping import Bookkeeping
from plugins.classifiers.committee import Committee
from plugins.classifiers.estimator_writing import packed, unpacked
from plugins.classifiers.hog_svm import HogSvm
from plugins.classifiers.kernels import Gaussian, KernelMachine, weights_of
from plugins.classifiers.learnt import Constant, Learnt, learnt_again
from plugins.classifiers.majority import Majority
from plugins.classifiers.minirocket import MiniRocket
from plugins.classifiers.patches_logistic import PatchesLogistic
from plugins.classifiers.pca_svm import PcaSvm
from plugins.classifiers.pixels_logistic import PixelsLogistic
from plugins.classifiers.shuffled_labels import ShuffledLabels
from plugins.classifiers.sklearn_estimator import SklearnEstimator
from plugins.classifiers.texture_svm import TextureSvm

KEPT = (
    PcaSvm(),
    PcaSvm(exact_up_to=20),
    PcaSvm(class_weights="balanced"),
    HogSvm(),
    TextureSvm(),
    PatchesLogistic(samples=1000, words=20),
    PixelsLogistic(),
    ShuffledLabels(),
    Committee(),
    Majority(),
    MiniRocket(kernels=168),
    SklearnEstimator(
        estimator="sklearn.ensemble.ExtraTreesClassifier", options=(("n_estimators", 9),)
    ),
    SklearnEstimator(estimator="sklearn.preprocessing.StandardScaler+sklearn.svm.LinearSVC"),
)


def through_json(knowledge: Knowledge) -> Knowledge:
    values = json.loads(json.dumps(knowledge.values, allow_nan=False))
    return Knowledge({name: np.array(each) for name, each in knowledge.arrays.items()}, values)


def learnt(classifier, classes: int):
    shown, labels = examples.shown_to(classifier, 45, classes, seed=1, contrast=8.0)
    features = examples.features_of(classifier, shown)
    return classifier.fit(features, labels, np.random.default_rng(3))


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("classifier", KEPT, ids=lambda each: each.name)
def test_made_again_it_predicts_the_same_to_the_last_bit(classifier, classes):
    fitted = learnt(classifier, classes)
    assert isinstance(fitted, Writable)
    again = classifier.made_again(through_json(fitted.written()))
    asked, _ = examples.shown_to(classifier, 70, classes, seed=2, contrast=8.0)
    features = examples.features_of(classifier, asked)
    first, second = fitted.predict(features), again.predict(features)
    assert first.labels == second.labels
    np.testing.assert_array_equal(first.scores, second.scores)
    assert len(np.unique(first.scores)) > 1 or classifier.control


@pytest.mark.parametrize("classifier", KEPT, ids=lambda each: each.name)
def test_a_clip_has_the_same_bits_alone_and_among_others(classifier):
    fitted = learnt(classifier, 2)
    asked, _ = examples.shown_to(classifier, 70, 2, seed=2, contrast=8.0)
    features = examples.features_of(classifier, asked)
    whole = fitted.predict(features).scores
    order = np.random.default_rng(0).permutation(70)
    for rows in (order, order[:3], order[:1], np.arange(65)):
        np.testing.assert_array_equal(fitted.predict(features.take(rows)).scores, whole[rows])


def test_what_is_learnt_of_one_class_is_written_too():
    classifier = PcaSvm()
    shown, _ = examples.shown_to(classifier, 12, seed=1)
    features = examples.features_of(classifier, shown)
    fitted = classifier.fit(features, np.full(12, "only"), np.random.default_rng(0))
    again = classifier.made_again(through_json(fitted.written()))
    assert again.predict(features).labels == ("only",) * 12


def test_the_same_learning_is_written_the_same():
    for classifier in (PcaSvm(), KEPT[-2]):
        first, second = (learnt(classifier, 2).written() for _ in range(2))
        assert first.values == second.values
        for name, array in first.arrays.items():
            np.testing.assert_array_equal(array, second.arrays[name])


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("calibrated", [False, True])
def test_the_machine_decides_as_scikit_learns(classes, calibrated):
    rng = np.random.default_rng(classes)
    numbers = np.arange(150) % classes
    rows = rng.normal(size=(150, 4)) + numbers[:, None] * rng.normal(size=4)
    machine = SVC(C=2, gamma=0.3).fit(rows, numbers)
    kernel = Gaussian(machine.support_vectors_, 0.3)
    mine = KernelMachine(kernel, weights_of(machine), machine.intercept_, Constant(np.ones(1)))
    asked = rng.normal(size=(64, 4))
    reference = machine.decision_function(asked).reshape(64, -1)
    np.testing.assert_allclose(mine.decisions(asked), reference, atol=1e-10)
    np.testing.assert_allclose(kernel(asked), rbf_kernel(asked, kernel.vectors, 0.3), atol=1e-12)


@pytest.mark.parametrize("classes", [2, 4])
def test_probabilities_are_those_of_the_calibrated_machine(classes):
    from sklearn.model_selection import StratifiedKFold

    from plugins.classifiers.support_vectors import Lesson, calibrated

    rng = np.random.default_rng(0)
    numbers = np.arange(120) % classes
    rows = rng.normal(size=(120, 3)) + 0.7 * numbers[:, None]
    machine, sigmoids = calibrated(SVC(gamma=0.5), Lesson(rows, numbers), seed=4)
    halves = StratifiedKFold(2, shuffle=True, random_state=4)
    reference = CalibratedClassifierCV(SVC(gamma=0.5), ensemble=False, cv=halves)
    decisions = machine.decision_function(rows).reshape(120, -1)
    expected = reference.fit(rows, numbers).predict_proba(rows)
    np.testing.assert_allclose(sigmoids(decisions), expected, atol=1e-12)


def damaged(knowledge: Knowledge, **changes) -> Knowledge:
    return dataclasses.replace(knowledge, values={**knowledge.values, **changes})


def test_what_does_not_fit_together_is_refused():
    classifier = PcaSvm()
    written = learnt(classifier, 2).written()
    chain = written.values["probabilities"]
    broken = [
        damaged(written, probabilities={**chain, "is": "Regression"}),
        damaged(written, probabilities={"is": "os.system", "command": "true"}),
        damaged(written, probabilities={"array": "nowhere"}),
        damaged(written, classes="ab"),
        damaged(written, classes=[1, 2]),
        damaged(written, surplus=1),
        Knowledge({}, written.values),
        Knowledge({k: v.astype(np.int64) for k, v in written.arrays.items()}, written.values),
        Knowledge({k: v[None] for k, v in written.arrays.items()}, written.values),
        Knowledge(written.arrays, {}),
        Knowledge(written.arrays, {"is": "Constant", "shares": {"array": "x"}}),
    ]
    for each in broken:
        with pytest.raises(ClassifierError):
            classifier.made_again(each)


def test_a_tree_that_is_nested_without_end_is_refused():
    values: dict = {"is": "Constant"}
    for _ in range(2000):
        values = {"is": "Chained", "before": values, "after": values}
    with pytest.raises(ClassifierError, match="deep"):
        learnt_again(Knowledge({}, {"is": "Learnt", "classes": ["a"], "probabilities": values}))


def test_arrays_have_names_that_files_can_have():
    for name in ("../up", "", "a/b", "x" * 200, ".hidden"):
        with pytest.raises(ValueError, match="name"):
            Knowledge({name: np.zeros(1)}, {})
    with pytest.raises(ValueError, match="numbers"):
        Knowledge({"a": np.array([object()])}, {})


def test_kernels_of_minirocket_of_another_shape_are_refused():
    classifier = MiniRocket(kernels=84)
    fitted = learnt(classifier, 2)
    written = fitted.written()
    kernels = written.values["probabilities"]["before"]
    for changes in ({"points": 10**9}, {"points": 3}, {"channels": 0}, {"kernels": 2**40}):
        chain = {**written.values["probabilities"], "before": {**kernels, **changes}}
        with pytest.raises(ClassifierError):
            classifier.made_again(damaged(written, probabilities=chain))
    fewer = {**written.arrays, "probabilities.before.biases": np.zeros(3, np.float32)}
    again = classifier.made_again(Knowledge(fewer, written.values))
    shown, _ = examples.shown_to(classifier, 3, seed=2)
    with pytest.raises(ClassifierError, match="biases"):
        again.predict(examples.features_of(classifier, shown))
    with pytest.raises(ClassifierError, match="points"):
        fitted.predict(Features(np.zeros((1, 1, 99), np.float32), ("a",)))


def test_a_tree_that_leads_out_of_itself_is_refused():
    rng = np.random.default_rng(0)
    rows = rng.random((60, 4))
    model = ExtraTreesClassifier(3, random_state=0).fit(rows, rows[:, 0] > 0.5)
    data = packed(model)
    assert data == packed(model)
    np.testing.assert_array_equal(unpacked(data).predict_proba(rows), model.predict_proba(rows))
    tree = model.estimators_[0].tree_
    state = tree.__getstate__()
    for field, value in (("left_child", 10**6), ("right_child", 0), ("feature", 99)):
        nodes = state["nodes"].copy()
        nodes[field][0] = value
        tree.__setstate__({**state, "nodes": nodes})
        with pytest.raises(ClassifierError, match="tree"):
            unpacked(packed(model))


def test_bytes_that_are_no_estimator_are_refused():
    for data in (b"", b"PK\x05\x06" + bytes(18), b"\x80\x04cos\nsystem\n."):
        with pytest.raises(ClassifierError):
            unpacked(data)


def test_what_holds_functions_is_not_kept():
    from sklearn.preprocessing import FunctionTransformer

    with pytest.raises(ClassifierError, match=r"not kept|cannot write"):
        packed(FunctionTransformer(func=through_json))


def test_bookkeeping_is_not_kept():
    classifier = Bookkeeping()
    features = Features(np.random.default_rng(0).random((20, 5)), tuple(map(str, range(20))))
    fitted = classifier.fit(features, np.array(["a", "b"] * 10), np.random.default_rng(0))
    with pytest.raises(ClassifierError, match="not kept"):
        classifier.made_again(Knowledge({}, {}))
    assert isinstance(fitted, Learnt)
    with pytest.raises(ClassifierError, match="not kept"):
        fitted.written()
