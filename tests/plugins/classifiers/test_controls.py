from __future__ import annotations

import numpy as np

from harness import Features
from plugins.classifiers.bookkeeping import Bookkeeping
from plugins.classifiers.majority import Majority
from plugins.classifiers.shuffled_labels import ShuffledLabels


def _ids(count: int) -> tuple[str, ...]:
    return tuple(f"{number:03d}" for number in range(count))


def test_majority_answers_with_the_most_frequent_class_and_the_shares():
    labels = np.array(["b"] * 3 + ["a"] + ["c"] * 6)
    nothing = np.empty((10, 0), np.uint8)
    fitted = Majority().fit(Features(nothing, _ids(10)), labels, np.random.default_rng(0))
    found = fitted.predict(Features(nothing[:2], _ids(2)))
    assert found.labels == ("c", "c")
    np.testing.assert_allclose(found.scores, [[0.1, 0.3, 0.6]] * 2)


def test_majority_names_the_first_of_equally_frequent_classes():
    nothing = np.empty((4, 0), np.uint8)
    labels = np.array(["b", "a", "b", "a"])
    fitted = Majority().fit(Features(nothing, _ids(4)), labels, np.random.default_rng(0))
    assert fitted.predict(Features(nothing, _ids(4))).labels == ("a",) * 4


def test_majority_keeps_nothing_of_the_pictures(easy):
    assert Majority().features(easy[0].pictures).nbytes == 0


def test_shuffled_labels_deal_the_labels_out_by_the_seed(easy):
    train, holdout = easy
    control = ShuffledLabels()
    learnt = Features(control.features(train.pictures), train.pictures.ids)
    asked = Features(control.features(holdout.pictures), holdout.pictures.ids)
    found = [
        control.fit(learnt, train.labels, np.random.default_rng(seed)).predict(asked)
        for seed in (0, 1)
    ]
    assert (found[0].scores != found[1].scores).any()


def test_bookkeeping_learns_what_lengths_and_rates_tell():
    rng = np.random.default_rng(0)
    labels = np.array(["a", "b", "c"] * 20)
    rows = np.stack([np.array([1.0, 8000.0, 1.0, level, 0.0]) for level in rng.normal(size=60)])
    rows[labels == "b", 0] = 2.0
    rows[labels == "c", 1] = 16000.0
    control = Bookkeeping()
    fitted = control.fit(Features(rows, _ids(60)), labels, np.random.default_rng(0))
    assert fitted.predict(Features(rows, _ids(60))).labels == tuple(labels)


def test_bookkeeping_sees_nothing_of_the_pictures(easy):
    assert Bookkeeping.sees == "bookkeeping"
    assert not Bookkeeping().features(easy[0].pictures).any()
