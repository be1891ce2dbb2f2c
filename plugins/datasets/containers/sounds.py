"""Samples as they come out of a decoder."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


class Sound(NamedTuple):
    """What a file holds.

    Parameters
    ----------
    samples : array [shape=(channels, n)], float32
        1.0 is full scale.
    rate
        Samples per second (Hz).
    notes
        What a person should know of how it was read.
    """

    samples: Samples
    rate: float
    notes: tuple[str, ...] = ()
