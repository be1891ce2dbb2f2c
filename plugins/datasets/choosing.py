"""Which selections count: by class and by band."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness import DatasetError
from plugins.datasets.annotations.selections import Selections
from plugins.datasets.annotations.tables import several

if TYPE_CHECKING:
    from plugins.datasets.windowed import Windowed


def wanted_classes(dataset: Windowed, known: Collection[str]) -> frozenset[str]:
    """Return the classes that were asked for; none for all.

    Raises
    ------
    DatasetError
        No selection has one of them.
    """
    wanted = frozenset(each.strip() for each in dataset.classes.split(",") if each.strip())
    if missing := sorted(wanted - set(known)):
        raise DatasetError(
            f"{dataset.name}: no selection is labelled {', '.join(map(repr, missing))}; the "
            f"labels are {several(sorted(map(repr, known)), 12)}."
        )
    return wanted


def counting(
    dataset: Windowed, selections: Selections, wanted: frozenset[str]
) -> NDArray[np.bool_]:
    """Say which selections count; one without frequencies may lie in any band."""
    found = np.ones(len(selections), dtype=bool)
    if wanted:
        found &= np.array([label in wanted for label in selections.labels], dtype=bool)
    if dataset.low is not None:
        found &= ~(selections.high_hz < dataset.low)
    if dataset.high is not None:
        found &= ~(selections.low_hz > dataset.high)
    return found
