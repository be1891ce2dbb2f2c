"""What a training clip counts where some classes have more clips than others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CLASS_WEIGHTS = ("equal", "balanced")
"""Every clip counts one; or every class counts the same, however many clips it has."""


def clip_weights(numbers: NDArray[np.intp], how: str) -> NDArray[np.float64] | None:
    """Return what each clip counts [shape=(clips,)], one on the mean; None where all count one.

    Balanced, a clip counts ``clips / (classes * clips of its class)``, as in scikit-learn, so that
    a rare class is found as often as a common one is, at the price of more false alarms:
    probabilities are then those of classes of equal size. G. King and L. Zeng, "Logistic
    Regression in Rare Events Data", Political Analysis 9 (2001), 137, section 4.2.

    Parameters
    ----------
    numbers : array [shape=(clips,)]
        Class numbers, from 0 on.
    how
        A word of `CLASS_WEIGHTS`.
    """
    if how == "equal":
        return None
    counts = np.bincount(numbers)
    present = np.count_nonzero(counts)
    return np.asarray(len(numbers) / (present * counts[numbers]))
