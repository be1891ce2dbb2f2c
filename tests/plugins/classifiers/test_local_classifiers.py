"""What every local classifier must hold to."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from harness import Classifier, Features, Pictures, Predictions
from plugins.classifiers.bookkeeping import Bookkeeping
from plugins.classifiers.cnn import Cnn
from plugins.classifiers.committee import Committee
from plugins.classifiers.hog_svm import HogSvm
from plugins.classifiers.majority import Majority
from plugins.classifiers.patches_logistic import PatchesLogistic
from plugins.classifiers.pca_svm import PcaSvm
from plugins.classifiers.pixels_logistic import PixelsLogistic
from plugins.classifiers.shuffled_labels import ShuffledLabels
from plugins.classifiers.sklearn_estimator import SklearnEstimator
from plugins.classifiers.texture_svm import TextureSvm

BAYES = SklearnEstimator(estimator="sklearn.naive_bayes.GaussianNB")
REAL: tuple[Classifier, ...] = (
    PixelsLogistic(),
    PcaSvm(),
    PcaSvm(exact_up_to=20),
    HogSvm(),
    PatchesLogistic(words=50, samples=2000),
    TextureSvm(),
    BAYES,
    Committee(),
    Cnn(height=16, width=32),
)
ALL = (*REAL, Bookkeeping(), Majority(), ShuffledLabels())


def _named(classifiers: tuple[Classifier, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "classifier",
        [
            pytest.param(each, id=f"{each.name}-{number}", marks=_skipped_without(each))
            for number, each in enumerate(classifiers)
        ],
    )


def _skipped_without(classifier: Classifier) -> pytest.MarkDecorator:
    missing = classifier.unavailable()
    return pytest.mark.skipif(missing is not None, reason=f"{classifier.name} {missing}")


def _features(classifier: Classifier, pictures: Pictures) -> Features:
    return Features(classifier.features(pictures), pictures.ids)


def _predict(classifier, train, labels, asked, seed=0) -> Predictions:
    fitted = classifier.fit(_features(classifier, train), labels, np.random.default_rng(seed))
    return fitted.predict(_features(classifier, asked))


def _accuracy(found: Predictions, labels: NDArray[np.str_]) -> float:
    return float(np.mean(np.asarray(found.labels) == labels))


@_named(REAL)
def test_an_easy_set_is_learnt(classifier, easy):
    train, holdout = easy
    found = _predict(classifier, train.pictures, train.labels, holdout.pictures)
    assert _accuracy(found, holdout.labels) > 0.9


@_named(ALL)
def test_shuffled_labels_stay_at_chance(classifier, easy):
    train, holdout = easy
    shares = [
        _accuracy(
            _predict(
                classifier,
                train.pictures,
                np.random.default_rng(seed).permutation(train.labels),
                holdout.pictures,
            ),
            holdout.labels,
        )
        for seed in range(6)
    ]
    assert 0.25 < np.mean(shares) < 0.75


@_named(ALL)
def test_scores_are_probabilities_and_agree_with_the_labels(classifier, three):
    train, holdout = three
    found = _predict(classifier, train.pictures, train.labels, holdout.pictures)
    assert found.ids == holdout.pictures.ids
    assert found.classes == ("bar", "column", "slope")
    np.testing.assert_allclose(found.scores.sum(axis=1), 1, rtol=1e-12)
    assert (found.scores >= 0).all()
    assert found.labels == tuple(found.classes[best] for best in found.scores.argmax(axis=1))


@_named(REAL)
def test_three_classes_are_learnt(classifier, three):
    train, holdout = three
    found = _predict(classifier, train.pictures, train.labels, holdout.pictures)
    assert _accuracy(found, holdout.labels) > 0.8


@_named(ALL)
def test_the_order_of_rows_changes_nothing(classifier, easy):
    train, holdout = easy
    rows = np.random.default_rng(5).permutation(len(train.labels))
    mixed = Pictures(train.pictures.pixels[rows], tuple(train.pictures.ids[row] for row in rows))
    one = _predict(classifier, train.pictures, train.labels, holdout.pictures)
    other = _predict(classifier, mixed, train.labels[rows], holdout.pictures)
    np.testing.assert_array_equal(one.scores, other.scores)


@_named(ALL)
def test_the_same_seed_gives_the_same_predictions(classifier, easy):
    train, holdout = easy
    once, again = (
        _predict(classifier, train.pictures, train.labels, holdout.pictures, seed=7)
        for _ in range(2)
    )
    np.testing.assert_array_equal(once.scores, again.scores)


@_named(ALL)
def test_one_class_in_training_is_the_answer(classifier, easy):
    train, holdout = easy
    labels = np.full(len(train.labels), "bar")
    found = _predict(classifier, train.pictures, labels, holdout.pictures)
    assert set(found.labels) == {"bar"}
    np.testing.assert_array_equal(found.scores, np.ones((len(holdout.labels), 1)))


@_named(ALL)
def test_a_class_unseen_in_training_is_no_column(classifier, easy, three):
    train, _ = easy
    _, asked = three
    found = _predict(classifier, train.pictures, train.labels, asked.pictures)
    assert "slope" in asked.labels
    assert found.classes == ("bar", "column")


@_named(ALL)
def test_four_clips_are_enough_to_train(classifier, easy):
    train, holdout = easy
    rows = np.concatenate([np.flatnonzero(train.labels == kind)[:2] for kind in ("bar", "column")])
    few = Pictures(train.pictures.pixels[rows], tuple(train.pictures.ids[row] for row in rows))
    found = _predict(classifier, few, train.labels[rows], holdout.pictures)
    assert np.isfinite(found.scores).all()


@_named(ALL)
def test_a_class_of_one_clip_is_kept(classifier, three):
    train, holdout = three
    slopes = np.flatnonzero(train.labels == "slope")[1:]
    rows = np.setdiff1d(np.arange(len(train.labels)), slopes)
    kept = Pictures(train.pictures.pixels[rows], tuple(train.pictures.ids[row] for row in rows))
    found = _predict(classifier, kept, train.labels[rows], holdout.pictures)
    assert found.classes == ("bar", "column", "slope")
    assert np.isfinite(found.scores).all()


@_named(ALL)
@pytest.mark.filterwarnings("error")
def test_pictures_of_one_grey_are_told_apart_no_better_than_by_counting(classifier, easy):
    train, _ = easy
    flat = Pictures(np.full_like(train.pictures.pixels, 90), train.pictures.ids)
    found = _predict(classifier, flat, train.labels, flat)
    assert len(set(found.labels)) == 1
    np.testing.assert_allclose(found.scores, found.scores[:1].repeat(len(flat), axis=0))


@_named(ALL)
def test_features_do_not_depend_on_the_batch_and_are_small(classifier, easy):
    pictures = easy[0].pictures
    whole = classifier.features(pictures)
    singles = [
        classifier.features(Pictures(pictures.pixels[row : row + 1], pictures.ids[row : row + 1]))
        for row in range(5)
    ]
    np.testing.assert_array_equal(np.concatenate(singles), whole[:5])
    assert whole.nbytes / len(whole) <= 8192


@_named(ALL)
def test_features_stay_as_they_were(classifier, easy):
    train, _ = easy
    features = _features(classifier, train.pictures)
    before = features.values.copy()
    classifier.fit(features, train.labels, np.random.default_rng(0)).predict(features)
    np.testing.assert_array_equal(features.values, before)


def test_only_controls_call_themselves_so():
    assert [each.name for each in ALL if each.control] == [
        "bookkeeping",
        "majority",
        "shuffled-labels",
    ]
