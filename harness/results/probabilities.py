"""Scores of the probabilities behind predictions: ROC-AUC and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.statistics.calibration import Reliability, brier_score, log_loss, reliability
from harness.statistics.classification import roc_auc
from harness.values import Predictions


@dataclass(frozen=True, slots=True)
class ProbabilityScores:
    """As in `harness.results.scores.Scores`; None where undefined."""

    roc_auc: float | None
    roc_auc_reason: str
    brier: float | None
    log_loss: float | None
    reliability: Reliability | None


def score_probabilities(
    truth: NDArray[np.int64],
    predicted: NDArray[np.int64],
    predictions: Predictions,
    labels: Sequence[str],
) -> ProbabilityScores:
    """Score the probabilities of the completed predictions.

    Parameters
    ----------
    truth, predicted : array [shape=(clips,)]
        The true and predicted class as positions in `labels`; -1 for a failed prediction.
    labels
        Every class that occurs, is predicted, or was seen in training, sorted.
    """
    area, reason = _roc_auc(truth, predicted, predictions, labels)
    return ProbabilityScores(area, reason, *_calibrate(truth, predicted, predictions, labels))


def _spread_scores(
    predictions: Predictions, labels: Sequence[str], kept: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Give every label a column of probabilities; what the classifier does not know gets zero."""
    table = np.zeros((int(kept.sum()), len(labels)))
    columns = [labels.index(name) for name in predictions.classes]
    table[:, columns] = predictions.scores[kept]
    return table


def _have_scores(predictions: Predictions, predicted: NDArray[np.int64]) -> NDArray[np.bool_]:
    finite = np.isfinite(predictions.scores).all(axis=1)
    known = predictions.scores.shape[1] > 0
    return np.asarray((predicted >= 0) & finite & known)


def _roc_auc(
    truth: NDArray[np.int64],
    predicted: NDArray[np.int64],
    predictions: Predictions,
    labels: Sequence[str],
) -> tuple[float | None, str]:
    kept = _have_scores(predictions, predicted)
    completed = int((predicted >= 0).sum())
    if completed == 0:
        return None, "no prediction was completed"
    if kept.sum() < completed:
        return None, f"{completed - kept.sum()} of {completed} predictions have no probabilities"
    present = np.unique(truth[kept])
    if len(present) < 2:
        return None, f"all clips with a prediction are {labels[present[0]]!r}"
    table = _spread_scores(predictions, labels, kept)
    if len(labels) == 2:
        return roc_auc(truth[kept] == 1, table[:, 1]), ""
    areas = [roc_auc(truth[kept] == each, table[:, each]) for each in present]
    absent = [label for number, label in enumerate(labels) if number not in present]
    reason = f"left out, for no clip is of them: {', '.join(absent)}" if absent else ""
    return float(np.mean(areas)), reason


def _calibrate(
    truth: NDArray[np.int64],
    predicted: NDArray[np.int64],
    predictions: Predictions,
    labels: Sequence[str],
) -> tuple[float | None, float | None, Reliability | None]:
    kept = _have_scores(predictions, predicted)
    if not kept.any():
        return None, None, None
    table = _spread_scores(predictions, labels, kept)
    confidence = table[np.arange(len(table)), predicted[kept]]
    right = truth[kept] == predicted[kept]
    return (
        brier_score(table, truth[kept]),
        log_loss(table, truth[kept]),
        reliability(confidence, right),
    )
