"""Precision, recall, F1 and ROC-AUC: to the last bit what scikit-learn gives.

Its module of scores takes longer to import than a small comparison to run, and every cell asks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Columns = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]


def precision_recall_f1(truth: ArrayLike, predicted: ArrayLike, classes: int) -> Columns:
    """Return precision, recall, F1 and support of each class against all others.

    Parameters
    ----------
    truth, predicted : arrays [shape=(clips,)], int
        Numbers of classes; a negative prediction is of no class.

    Returns
    -------
    arrays [shape=(classes,)]
        0 where a share would be of nothing.
    """
    true, said = np.asarray(truth, np.int64), np.asarray(predicted, np.int64)
    hits = np.bincount(true[true == said], minlength=classes)
    named = np.bincount(said[said >= 0], minlength=classes)
    support = np.bincount(true, minlength=classes)
    return _share(hits, named), _share(hits, support), _share(2.0 * hits, support + named), support


def _share(parts: NDArray[np.generic], wholes: NDArray[np.int64]) -> NDArray[np.float64]:
    shares = np.zeros(len(wholes))
    np.divide(parts, wholes, out=shares, where=wholes > 0)
    return shares


def roc_auc(positive: ArrayLike, scores: ArrayLike) -> float:
    """Return the area under the curve of hits against false alarms, by trapezoids.

    Parameters
    ----------
    positive : array [shape=(clips,)], bool
        Holds both.
    scores : array [shape=(clips,)]
        Higher for what is thought to be positive.
    """
    hit, score = np.asarray(positive, bool), np.asarray(scores, np.float64)
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    hits = np.cumsum(hit[order], dtype=np.float64)[ends]
    alarms = 1 + ends - hits
    if len(hits) > 2:  # points on a straight line change the area in the last bit alone
        corners = (np.diff(alarms, 2) != 0) | (np.diff(hits, 2) != 0)
        kept = np.concatenate(([True], corners, [True]))
        hits, alarms = hits[kept], alarms[kept]
    x, y = (np.concatenate(([0.0], each)) / each[-1] for each in (alarms, hits))
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2.0))
