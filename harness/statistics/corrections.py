"""Corrections for looking at many comparisons at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Correct p-values for the number of comparisons.

    Holm (1979), "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal
    of Statistics 6, 65-70. Written out here, because importing the one of statsmodels takes
    longer than printing a table; it is tested against that one.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def holm_confidences(p_values: ArrayLike, alpha: float = 0.05) -> NDArray[np.float64]:
    """Return the confidence of each comparison's interval that fits Holm's correction.

    A p-value is below its own level, ``1 - confidence``, exactly where `holm` brings it below
    `alpha`: an interval of a test's own kind then leaves out zero exactly where the corrected
    test tells a difference. The levels lie between ``alpha / comparisons`` and ``alpha``.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    times = np.arange(len(p), 0, -1)
    stepped = np.maximum.accumulate(p[order] * times)
    ratios = np.where(p[order] > 0, stepped / np.where(p[order] > 0, p[order], 1.0), times)
    confidences = np.empty_like(p)
    confidences[order] = 1 - alpha / np.clip(ratios, 1.0, max(len(p), 1))
    return confidences
