"""The weights that ship, and pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from harness import Pictures
from plugins.classifiers.transfer.plugin import Transfer
from plugins.classifiers.transfer.weights import find_weights, read_weights


@pytest.fixture(scope="session")
def weights() -> dict[str, NDArray[Any]]:
    """Give the arrays that ship; skip where they are not installed."""
    missing = Transfer.unavailable()
    if missing:
        pytest.skip(missing)
    return read_weights(find_weights())


@pytest.fixture(scope="session")
def noise() -> Pictures:
    """Give 33 pictures of coloured noise, 40 x 48 pixels."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (33, 40, 48, 3), dtype=np.uint8)
    return Pictures(pixels, tuple(f"{number:02d}" for number in range(len(pixels))))
