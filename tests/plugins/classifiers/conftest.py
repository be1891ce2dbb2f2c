"""Easy pictures whose classes anybody can tell apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from harness import Features, Pictures

SIDE = 48


@dataclass(frozen=True)
class Labelled:
    """Pictures and the class of each."""

    pictures: Pictures
    labels: NDArray[np.str_]


def _mask(kind: str, place: int) -> NDArray[np.bool_]:
    row, column = np.mgrid[:SIDE, :SIDE]
    distance = {
        "bar": row - place,
        "column": column - place,
        "slope": (row + column - SIDE + 24 - place) / np.sqrt(2),
    }[kind]
    return np.abs(distance) <= 3


def draw(kinds: tuple[str, ...], per_class: int, seed: int, prefix: str) -> Labelled:
    """Draw light lines of some kinds at random places in noise."""
    rng = np.random.default_rng(seed)
    labels = np.array([kind for kind in kinds for _ in range(per_class)])
    pixels = rng.integers(0, 60, size=(len(labels), SIDE, SIDE))
    for picture, label in zip(pixels, labels, strict=True):
        picture[_mask(str(label), int(rng.integers(12, 36)))] += 150
    order = rng.permutation(len(labels))
    ids = tuple(f"{prefix}-{number}" for number in rng.permutation(len(labels)))
    rgb = np.repeat(pixels[order, :, :, None], 3, axis=3).astype(np.uint8)
    return Labelled(Pictures(rgb, ids), labels[order])


@pytest.fixture(scope="session")
def easy() -> tuple[Labelled, Labelled]:
    """Two classes: pictures to learn from, and others to be asked about."""
    kinds = ("bar", "column")
    return draw(kinds, 40, 1, "train"), draw(kinds, 40, 2, "holdout")


@pytest.fixture(scope="session")
def three() -> tuple[Labelled, Labelled]:
    """The same with three classes."""
    kinds = ("bar", "column", "slope")
    return draw(kinds, 40, 3, "train"), draw(kinds, 20, 4, "holdout")


@pytest.fixture(scope="session")
def row_features() -> Callable[[NDArray[np.float32]], Features]:
    """Make features of plain rows, with ids that sort like their numbers."""

    def features(values: NDArray[np.float32]) -> Features:
        return Features(values, tuple(f"{row:05d}" for row in range(len(values))))

    return features
