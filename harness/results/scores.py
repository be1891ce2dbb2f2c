"""From true labels and predictions to scores; a failed prediction is a wrong one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.results.probabilities import score_probabilities
from harness.statistics.calibration import Reliability
from harness.statistics.classification import precision_recall_f1
from harness.statistics.intervals import wilson
from harness.values import Predictions

FAILED = "none"
"""The confusion table's extra column, of clips without a prediction."""


@dataclass(frozen=True, slots=True)
class ClassScores:
    """One class against all others; `support` is how many clips are of it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class ConfusionTable:
    """Clips by true class (rows, as `labels`) and predicted class (columns, as `columns`).

    The columns are the labels, and with failed predictions a last one, `FAILED`.
    """

    labels: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """What the predictions of some clips are worth.

    Parameters
    ----------
    n, completed, coverage
        Clips, those among them with a prediction, and their share.
    accuracy, low, high
        Share of right predictions with failed ones counted as wrong; its 95% Wilson interval.
    accuracy_completed
        Share of right predictions among those completed; None where none was.
    chance
        Accuracy of always naming the most frequent class.
    balanced_accuracy
        Mean recall of the classes that occur, failed predictions counted as wrong.
    macro_f1
        Mean F1 of the classes that occur or are predicted, failed predictions as misses.
    roc_auc
        Of the completed predictions: for two classes the area under the curve, for more the
        mean over the classes that occur, each against the rest. None where it is undefined.
    roc_auc_reason
        Why `roc_auc` is None, or what it leaves out; empty where nothing is to be said.
    labels
        Every class that occurs, is predicted, or was seen in training, sorted.
    confusion
        Clips by true class and predicted class.
    per_class
        Precision, recall and F1 of each label.
    brier, log_loss, reliability
        Of the completed predictions' probabilities; None without any. A class that the
        classifier does not know has probability zero.
    """

    n: int
    completed: int
    coverage: float
    accuracy: float
    low: float
    high: float
    accuracy_completed: float | None
    chance: float
    balanced_accuracy: float
    macro_f1: float
    roc_auc: float | None
    roc_auc_reason: str
    labels: tuple[str, ...]
    confusion: ConfusionTable
    per_class: tuple[ClassScores, ...]
    brier: float | None
    log_loss: float | None
    reliability: Reliability | None


@dataclass(frozen=True, slots=True)
class FoldScores(Scores):
    """Scores of a cross-validation: of all folds' predictions together, and of each fold.

    Parameters
    ----------
    fold_numbers
        Ascending.
    folds
        Accuracy of each fold, failed predictions counted as wrong.
    mean, deviation
        Of `folds`; the deviation of a single fold is None. Folds share training clips, so the
        deviation says how much they vary, not how sure the mean is.
    """

    fold_numbers: tuple[int, ...]
    folds: tuple[float, ...]
    mean: float
    deviation: float | None


def correctness(true_labels: Sequence[str], predicted: Sequence[str | None]) -> NDArray[np.bool_]:
    """Say which predictions are right [shape=(clips,)]; a failed one (None) is wrong."""
    pairs = zip(true_labels, predicted, strict=True)
    return np.array([truth == label for truth, label in pairs], dtype=bool)


def chance(true_labels: Sequence[str]) -> float:
    """Return the share of the most frequent class."""
    counts = Counter(str(label) for label in true_labels)
    return max(counts.values()) / counts.total()


def score(true_labels: Sequence[str], predictions: Predictions) -> Scores:
    """Compute all scores of some predictions.

    Parameters
    ----------
    true_labels
        The class of each clip, in the order of the predictions.

    Raises
    ------
    ValueError
        There are no clips, or not one true label for each prediction.
    """
    truth = [str(label) for label in true_labels]
    if not truth or len(truth) != len(predictions):
        raise ValueError(
            f"needs one true label for each prediction, got {len(truth)} for {len(predictions)}"
        )
    labels = _all_labels(truth, predictions)
    column = {label: number for number, label in enumerate(labels)}
    true_columns = np.array([column[label] for label in truth])
    predicted = np.array([-1 if name is None else column[name] for name in predictions.labels])
    n, completed = len(truth), int((predicted >= 0).sum())
    right = int((true_columns == predicted).sum())
    low, high = wilson(right, n)
    per_class = _score_classes(true_columns, predicted, labels)
    sure = score_probabilities(true_columns, predicted, predictions, labels)
    return Scores(
        n=n,
        completed=completed,
        coverage=completed / n,
        accuracy=right / n,
        low=low,
        high=high,
        accuracy_completed=right / completed if completed else None,
        chance=chance(truth),
        balanced_accuracy=float(np.mean([each.recall for each in per_class if each.support])),
        macro_f1=_average_f1(per_class, predicted),
        roc_auc=sure.roc_auc,
        roc_auc_reason=sure.roc_auc_reason,
        labels=labels,
        confusion=_confuse(true_columns, predicted, labels),
        per_class=per_class,
        brier=sure.brier,
        log_loss=sure.log_loss,
        reliability=sure.reliability,
    )


def score_folds(
    true_labels: Sequence[str], predictions: Predictions, fold_numbers: ArrayLike
) -> FoldScores:
    """Compute the scores of a cross-validation, where each clip was predicted once.

    Parameters
    ----------
    fold_numbers : array of int [shape=(clips,)]
        The fold that held out each clip.
    """
    numbers = np.asarray(fold_numbers, dtype=np.int64)
    if numbers.shape != (len(predictions),):
        raise ValueError(f"needs a fold for each of {len(predictions)} predictions")
    pooled = score(true_labels, predictions)
    right = correctness([str(label) for label in true_labels], predictions.labels)
    folds = tuple(int(fold) for fold in np.unique(numbers))
    accuracies = tuple(float(right[numbers == fold].mean()) for fold in folds)
    deviation = float(np.std(accuracies, ddof=1)) if len(folds) > 1 else None
    return FoldScores(
        **{each.name: getattr(pooled, each.name) for each in fields(pooled)},
        fold_numbers=folds,
        folds=accuracies,
        mean=float(np.mean(accuracies)),
        deviation=deviation,
    )


def score_validated(
    true_labels: Sequence[str], predictions: Predictions, folds: Sequence[int | None]
) -> FoldScores | Scores | None:
    """Compute the scores of cross-validated predictions, by fold where the folds are known.

    None where there are no predictions.
    """
    numbers = [fold for fold in folds if fold is not None]
    if not folds:
        return None
    if len(numbers) < len(folds):
        return score(true_labels, predictions)
    return score_folds(true_labels, predictions, numbers)


def _all_labels(truth: Sequence[str], predictions: Predictions) -> tuple[str, ...]:
    named = {label for label in predictions.labels if label is not None}
    return tuple(sorted({*truth, *named, *predictions.classes}))


def _score_classes(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], labels: Sequence[str]
) -> tuple[ClassScores, ...]:
    columns = precision_recall_f1(truth, predicted, len(labels))
    return tuple(
        ClassScores(label, float(precision), float(recall), float(f1), int(support))
        for label, precision, recall, f1, support in zip(labels, *columns, strict=True)
    )


def _average_f1(per_class: Sequence[ClassScores], predicted: NDArray[np.int64]) -> float:
    named = set(predicted.tolist())
    counted = [each.f1 for number, each in enumerate(per_class) if each.support or number in named]
    return float(np.mean(counted))


def _confuse(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], labels: tuple[str, ...]
) -> ConfusionTable:
    table = np.zeros((len(labels), len(labels) + 1), dtype=np.int64)
    np.add.at(table, (truth, predicted), 1)  # a failed prediction, -1, is the last column
    failures = bool(table[:, -1].any())
    counts = table if failures else table[:, :-1]
    columns = (*labels, FAILED) if failures else labels
    return ConfusionTable(labels, columns, tuple(tuple(row) for row in counts.tolist()))
