"""Where two cells agree, and what the better of both would reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Two cells' predictions of the same clips.

    Parameters
    ----------
    both, only_first, only_second, neither : array of int
        The positions of the clips that these got right, in the order given; together they
        are all clips.
    agreement
        Share of clips with the same prediction, right or wrong.
    kappa
        Agreement beyond chance; None where chance alone would agree always.
    oracle
        Accuracy of somebody who always picks the cell that is right, if one is.
    """

    both: NDArray[np.intp]
    only_first: NDArray[np.intp]
    only_second: NDArray[np.intp]
    neither: NDArray[np.intp]
    agreement: float
    kappa: float | None
    oracle: float


def compare_predictions(
    true_labels: Sequence[str], first: Sequence[str | None], second: Sequence[str | None]
) -> Agreement:
    """Sort the clips by which of two cells got them right.

    A failed prediction (None) is wrong, and agrees with another failed one.

    Raises
    ------
    ValueError
        The three are not of one length, or there are no clips.
    """
    if not len(true_labels) == len(first) == len(second) or len(true_labels) == 0:
        raise ValueError("needs one true label and two predictions for each of some clips")
    one = np.array([a == b for a, b in zip(true_labels, first, strict=True)])
    other = np.array([a == b for a, b in zip(true_labels, second, strict=True)])
    same = np.array([a == b for a, b in zip(first, second, strict=True)])
    return Agreement(
        both=np.flatnonzero(one & other),
        only_first=np.flatnonzero(one & ~other),
        only_second=np.flatnonzero(~one & other),
        neither=np.flatnonzero(~one & ~other),
        agreement=float(same.mean()),
        kappa=kappa(first, second),
        oracle=oracle_accuracy([one, other]),
    )


def kappa(first: Sequence[str | None], second: Sequence[str | None]) -> float | None:
    """Return Cohen's kappa, or None where both always say the same one thing.

    Cohen (1960), "A Coefficient of Agreement for Nominal Scales", Educational and
    Psychological Measurement 20(1), 37-46.
    """
    from sklearn.metrics import cohen_kappa_score

    names = {name: number for number, name in enumerate(dict.fromkeys([*first, *second]))}
    if len(names) < 2:
        return None
    rows = ([names[name] for name in first], [names[name] for name in second])
    return float(cohen_kappa_score(*rows))


def oracle_accuracy(correct: ArrayLike | Sequence[ArrayLike]) -> float:
    """Return the share of clips that at least one cell got right [shape=(cells, clips)]."""
    return float(np.asarray(correct, dtype=bool).any(axis=0).mean())
