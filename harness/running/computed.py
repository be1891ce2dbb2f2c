"""Features that were computed before the cells that need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.measuring.timing import Lap, Stopwatch
from harness.running.features import space


@dataclass(frozen=True, slots=True)
class Computed:
    """Where the features of an album's pictures lie, in its order, and what computing them took."""

    files: Sequence[Path]
    laps: Sequence[Lap]

    def read(self, count: int, watch: Stopwatch, scratch: Path) -> NDArray[Any] | None:
        """Read the features of so many pictures [shape=(count, ...)]; None where they are gone."""
        values: NDArray[Any] | None = None
        done = 0
        try:
            for path in self.files:
                part = np.load(path, allow_pickle=False)
                if values is None:
                    values = space((count, *part.shape[1:]), part.dtype, scratch)
                values[done : done + len(part)] = part
                done += len(part)
        except (OSError, ValueError):  # a folder that another machine does not see
            return None
        if values is None or done != count:
            return None
        for lap in self.laps:
            watch.add("features", lap)
        return values
