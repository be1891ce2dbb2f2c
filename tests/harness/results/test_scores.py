from __future__ import annotations

import json
import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from harness.files.documents import checked, plain
from harness.results.scores import FoldScores, Scores, chance, correctness, score, score_folds
from harness.values import Predictions

CLASSES = ("cat", "dog", "owl")


def draw(seed: int, n: int, classes: tuple[str, ...]) -> tuple[list[str], Predictions]:
    rng = np.random.default_rng(seed)
    truth = [classes[i] for i in rng.integers(0, len(classes), n)]
    table = rng.dirichlet(np.ones(len(classes)), n)
    table[np.arange(n), [classes.index(label) for label in truth]] += 0.4
    table /= table.sum(axis=1, keepdims=True)
    return truth, Predictions.from_scores(tuple(map(str, range(n))), classes, table)


def fail(predictions: Predictions, rows: list[int]) -> Predictions:
    labels = [None if i in rows else name for i, name in enumerate(predictions.labels)]
    table = np.array(predictions.scores)
    table[rows] = np.nan
    return Predictions(predictions.ids, tuple(labels), predictions.classes, table)


@pytest.mark.parametrize("classes", [("no", "yes"), CLASSES])
def test_scores_agree_with_scikit_learn(classes: tuple[str, ...]) -> None:
    truth, predictions = draw(3, 200, classes)
    found, named = score(truth, predictions), list(predictions.labels)
    table = predictions.scores
    assert found.accuracy == pytest.approx(metrics.accuracy_score(truth, named))
    assert found.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(truth, named))
    assert found.macro_f1 == pytest.approx(metrics.f1_score(truth, named, average="macro"))
    assert found.log_loss == pytest.approx(metrics.log_loss(truth, table, labels=classes))
    np.testing.assert_array_equal(found.confusion.counts, metrics.confusion_matrix(truth, named))
    if len(classes) == 2:
        area = metrics.roc_auc_score(truth, table[:, 1])
        brier = metrics.brier_score_loss(truth, table[:, 1], pos_label="yes")
    else:
        area = metrics.roc_auc_score(truth, table, multi_class="ovr", average="macro")
        onehot = np.array([[label == name for name in classes] for label in truth])
        brier = np.mean(np.sum((table - onehot) ** 2, axis=1))
    assert found.roc_auc == pytest.approx(area)
    assert found.brier == pytest.approx(brier)
    assert found.roc_auc_reason == ""
    assert found.completed == found.n == 200


def test_the_blog_post_holdout() -> None:
    """TP 866, FP 157, TN 843, FN 134: 85.45%, interval 83.8 to 86.9."""
    truth = ["whale"] * 1000 + ["not"] * 1000
    named = ["whale"] * 866 + ["not"] * 134 + ["whale"] * 157 + ["not"] * 843
    table = np.array([[label == "not", label == "whale"] for label in named], dtype=float)
    ids = tuple(map(str, range(2000)))
    found = score(truth, Predictions(ids, tuple(named), ("not", "whale"), table))
    assert found.accuracy == pytest.approx(0.8545)
    assert (round(found.low, 3), round(found.high, 3)) == (0.838, 0.869)
    assert found.confusion.counts == ((843, 157), (134, 866))
    whale = found.per_class[1]
    assert (whale.label, whale.support) == ("whale", 1000)
    assert whale.precision == pytest.approx(866 / 1023)
    assert whale.recall == pytest.approx(0.866)


def test_failed_predictions_are_wrong_ones() -> None:
    truth, predictions = draw(5, 100, CLASSES)
    whole = score(truth, predictions)
    right = np.flatnonzero(correctness(truth, predictions.labels))
    lost = [int(row) for row in right[:10]]
    found = score(truth, fail(predictions, lost))
    assert (found.completed, found.coverage) == (90, 0.9)
    assert found.accuracy == pytest.approx(whole.accuracy - 0.1)
    assert found.accuracy_completed == pytest.approx((len(right) - 10) / 90)
    assert found.confusion.columns == (*CLASSES, "none")
    assert sum(row[-1] for row in found.confusion.counts) == 10
    assert found.balanced_accuracy < whole.balanced_accuracy
    assert found.macro_f1 < whole.macro_f1
    kept = [i for i in range(100) if i not in lost]
    rest = score(
        [truth[i] for i in kept],
        Predictions.from_scores(tuple(map(str, kept)), CLASSES, predictions.scores[kept]),
    )
    assert (found.roc_auc, found.brier, found.log_loss, found.reliability) == (
        rest.roc_auc,
        rest.brier,
        rest.log_loss,
        rest.reliability,
    )


def test_nothing_completed_leaves_undefined_what_is_undefined() -> None:
    truth, predictions = draw(1, 8, CLASSES)
    found = score(truth, fail(predictions, list(range(8))))
    assert (found.accuracy, found.completed, found.balanced_accuracy) == (0.0, 0, 0.0)
    assert found.accuracy_completed is None
    assert found.roc_auc is None
    assert found.roc_auc_reason == "no prediction was completed"
    assert found.brier is found.log_loss is found.reliability is None
    json.dumps(plain(found), allow_nan=False)


def test_one_class_among_the_clips_has_no_curve() -> None:
    _, predictions = draw(1, 8, ("no", "yes"))
    found = score(["yes"] * 8, predictions)
    assert found.roc_auc is None
    assert "all clips with a prediction are 'yes'" in found.roc_auc_reason


def test_a_class_that_the_classifier_does_not_know_is_scored_as_zero() -> None:
    truth, predictions = draw(2, 60, ("cat", "dog"))
    truth[:20] = ["owl"] * 20
    found = score(truth, predictions)
    onehot = np.array([[label == name for name in CLASSES] for label in truth])
    table = np.column_stack([predictions.scores, np.zeros(60)])
    areas = [metrics.roc_auc_score(onehot[:, i], table[:, i]) for i in range(3)]
    assert areas[2] == 0.5
    assert found.roc_auc == pytest.approx(np.mean(areas))
    assert found.labels == CLASSES
    assert found.log_loss is not None
    assert math.isfinite(found.log_loss)
    assert found.brier == pytest.approx(np.mean(((table - onehot) ** 2).sum(axis=1)))


def test_a_class_without_clips_is_named_and_left_out() -> None:
    truth, predictions = draw(2, 60, CLASSES)
    truth = ["cat" if label == "owl" else label for label in truth]
    found = score(truth, predictions)
    assert found.roc_auc_reason == "left out, for no clip is of them: owl"
    assert found.per_class[2].support == 0
    areas = [
        metrics.roc_auc_score([label == name for label in truth], predictions.scores[:, i])
        for i, name in enumerate(CLASSES[:2])
    ]
    assert found.roc_auc == pytest.approx(np.mean(areas))


def test_labels_without_probabilities_say_so() -> None:
    truth, predictions = draw(2, 10, CLASSES)
    table = np.array(predictions.scores)
    table[:3] = np.nan
    found = score(truth, Predictions(predictions.ids, predictions.labels, CLASSES, table))
    assert found.roc_auc is None
    assert found.roc_auc_reason == "3 of 10 predictions have no probabilities"
    assert found.completed == 10


def test_a_class_may_be_called_none() -> None:
    table = np.array([[0.9, 0.1], [0.2, 0.8], [np.nan, np.nan]])
    predictions = Predictions(("1", "2", "3"), ("none", "whale", None), ("none", "whale"), table)
    found = score(["none", "whale", "none"], predictions)
    assert found.confusion.counts == ((1, 0, 1), (0, 1, 0))
    assert found.accuracy == pytest.approx(2 / 3)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.lists(st.integers(0, 29), max_size=10))
def test_any_scores_are_consistent_and_survive_json(seed: int, n: int, lost: list[int]) -> None:
    truth, predictions = draw(seed, n, CLASSES)
    found = score(truth, fail(predictions, [row for row in lost if row < n]))
    assert 0 <= found.low <= found.accuracy <= found.high <= 1
    assert sum(map(sum, found.confusion.counts)) == n
    assert sum(found.confusion.counts[i][i] for i in range(3)) == round(found.accuracy * n)
    assert sum(each.support for each in found.per_class) == n
    if found.reliability is not None:
        assert sum(each.count for each in found.reliability.bins) == found.completed
    assert checked(Scores, plain(found), "here") == found


def test_folds_are_scored_together_and_each() -> None:
    truth, predictions = draw(8, 50, CLASSES)
    numbers = np.arange(50) % 5
    found = score_folds(truth, predictions, numbers)
    right = correctness(truth, predictions.labels)
    pooled = score(truth, predictions)
    assert all(getattr(found, each.name) == getattr(pooled, each.name) for each in fields(pooled))
    assert found.fold_numbers == (0, 1, 2, 3, 4)
    assert found.folds == tuple(right[numbers == fold].mean() for fold in range(5))
    assert found.mean == pytest.approx(pooled.accuracy)
    assert found.deviation == pytest.approx(np.std(found.folds, ddof=1))
    assert checked(FoldScores, plain(found), "here") == found


def test_a_single_fold_has_no_deviation() -> None:
    truth, predictions = draw(8, 5, CLASSES)
    assert score_folds(truth, predictions, np.zeros(5, dtype=int)).deviation is None


def test_chance_is_the_share_of_the_most_frequent_class() -> None:
    assert chance(["a", "b", "b", "b"]) == 0.75


def test_scores_refuse_what_does_not_fit() -> None:
    truth, predictions = draw(8, 5, CLASSES)
    with pytest.raises(ValueError, match="one true label for each prediction, got 4 for 5"):
        score(truth[:4], predictions)
    empty = Predictions((), (), CLASSES, np.zeros((0, 3)))
    with pytest.raises(ValueError, match="got 0 for 0"):
        score([], empty)
    with pytest.raises(ValueError, match="a fold for each of 5"):
        score_folds(truth, predictions, [0, 1])


def test_scores_do_not_change() -> None:
    truth, predictions = draw(8, 5, CLASSES)
    found = score(truth, predictions)
    assert isinstance(found, Scores)
    with pytest.raises(AttributeError):
        found.accuracy = 1.0  # type: ignore[misc]
