"""From the service's answers to rows of scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness import Predictions

Row = tuple[str | None, list[float]]


def score(answer: Mapping[str, Any] | None, names: Mapping[str, str]) -> Row:
    """Return label and scores of one answer; None and NaN where it is of no use.

    Where the confidences of all classes are given, they are scaled to sum to one. Where only
    the predicted class has one, the others share the rest evenly; with two classes that is
    exact. An answer that names an unknown label, or whose confidences contradict its label, is
    of no use.

    Parameters
    ----------
    names
        The class of each label name on the service, in the order of the score columns.
    """
    failed: Row = (None, [float("nan")] * len(names))
    if answer is None or answer.get("labelName") not in names:
        return failed
    label = str(answer["labelName"])
    each = {
        entry["labelName"]: entry["confidence"]
        for entry in answer.get("labelConfidences") or ()
        if "labelName" in entry and "confidence" in entry
    }
    if all(name in each for name in names):
        row = np.array([each[name] for name in names], dtype=np.float64)
    else:
        spread = _spread(answer.get("confidence"), label, list(names))
        if spread is None:
            return failed
        row = spread
    top = row[list(names).index(label)]
    if not row.sum() > 0 or top < row.max():
        return failed
    return names[label], list(row / row.sum())


def _spread(
    confidence: object, label: str, names: Sequence[str]
) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    if not isinstance(confidence, (int, float)):
        return None
    # The predicted class is never less likely than the others.
    sure = max(float(confidence), 1.0 / len(names))
    rest = min(sure, (1.0 - sure) / max(1, len(names) - 1))
    return np.array([sure if name == label else rest for name in names])


def table(
    ids: Sequence[str], answers: Sequence[Mapping[str, Any] | None], names: Mapping[str, str]
) -> Predictions:
    """Return the predictions of some clips, in the order given."""
    rows = [score(answer, names) for answer in answers]
    scores = np.array([row for _, row in rows], dtype=np.float64).reshape(len(rows), len(names))
    labels = tuple(label for label, _ in rows)
    return Predictions(tuple(ids), labels, tuple(names.values()), scores)
