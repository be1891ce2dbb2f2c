"""Where there are more training clips than a classifier can hold, lots are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.clips.splitting import Rows
from harness.columns.values import Coded

_LOTS = 0x107


def drawn_by_lot(rows: Rows, labels: Coded[str], most: int | None, seed: Sequence[int]) -> Rows:
    """Return at most so many rows, in the order given, each class in its share, none left out.

    Parameters
    ----------
    labels
        The class of every row that there is.
    most
        None for all.
    seed
        The same gives the same rows.
    """
    if most is None or len(rows) <= most:
        return rows
    order = np.random.default_rng([*seed, _LOTS]).permutation(len(rows))
    numbers = labels.numbers[rows[order]]
    sizes = np.bincount(numbers)
    by_class = np.argsort(numbers, kind="stable")
    turns = np.empty(len(rows))
    turns[by_class] = np.arange(len(rows)) - np.repeat(sizes.cumsum() - sizes, sizes)
    # Clips of every class are spread evenly over one line, the first of each at its beginning.
    line = np.where(turns == 0, 0.0, (turns + 0.5) / sizes[numbers])
    return rows[np.sort(order[np.argsort(line, kind="stable")[:most]])]
