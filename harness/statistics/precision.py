"""How pure a ranking is from the top down: average precision, precision and recall."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]

_TABLE_CELLS = 4_000_000
"""Most numbers that a chunk of draws holds at once (32 MB)."""


def average_precision(
    scores: ArrayLike, positive: ArrayLike, weights: ArrayLike | None = None
) -> float | None:
    """Return the mean precision over the positive clips, from the highest score down.

    The sum over thresholds of precision times the recall that the threshold adds, without
    interpolation, as in scikit-learn's `average_precision_score`. None without a positive clip.

    Parameters
    ----------
    scores : array [shape=(clips,)]
        NaN, of a failed prediction, comes last.
    positive : array [shape=(clips,)], bool
    weights : array [shape=(clips,)]
        How many clips each stands for; none for one each.
    """
    count = len(np.asarray(scores))
    whole = np.zeros(count, dtype=np.intp), np.ones((1, 1))
    own = np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64)
    value = draw_average_precision(scores, positive, own, *whole)[0]
    return None if np.isnan(value) else float(value)


def draw_average_precision(
    scores: ArrayLike,
    positive: ArrayLike,
    weights: Numbers,
    units: NDArray[np.intp],
    draws: Numbers,
) -> Numbers:
    """Return the average precision of each draw; NaN where nothing in it is positive.

    Parameters
    ----------
    scores, positive, weights : array [shape=(clips,)]
    units : array [shape=(clips,)]
        What each clip is drawn with.
    draws : array [shape=(draws, units)]
        How often each unit is drawn.
    """
    given = np.nan_to_num(np.asarray(scores, dtype=np.float64), nan=-np.inf)
    order = np.argsort(-given, kind="stable")
    ends = np.flatnonzero(np.append(given[order][1:] != given[order][:-1], True))[: len(order)]
    right, own, drawn = np.asarray(positive, dtype=bool)[order], weights[order], units[order]
    step = max(1, _TABLE_CELLS // max(len(order), 1))
    parts = [
        _areas(draws[start : start + step][:, drawn] * own, right, ends)
        for start in range(0, len(draws), step)
    ]
    return np.concatenate(parts)


def _areas(weights: Numbers, right: NDArray[np.bool_], ends: NDArray[np.intp]) -> Numbers:
    if not len(ends):
        return np.full(len(weights), np.nan)
    hits = np.cumsum(weights * right, axis=1)[:, ends]
    named = np.cumsum(weights, axis=1)[:, ends]
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(named > 0, hits / named, 0.0)
        added = np.diff(hits, axis=1, prepend=0.0)
        return np.asarray((added * precision).sum(axis=1) / hits[:, -1])
