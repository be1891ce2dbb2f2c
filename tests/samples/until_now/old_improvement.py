"""Old improvement: a plugin for sightbench.

Try it:    sightbench run --plugin old_improvement.py -r spectrogram -r spectrogram+old-improvement
Check it:  sightbench check old_improvement.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from harness import Improvement, Raster, hookimpl, parameter


@dataclass(frozen=True, kw_only=True)
class OldImprovement(Improvement):
    """Raise whatever is weaker than the usual level of its row to that level.

    This first line is what `sightbench list` shows. Say below it what the improvement does, with
    the source of its formula, and what its numbers mean physically.
    """

    name: ClassVar[str] = "old-improvement"
    version: ClassVar[str] = "1"  # raise it whenever the output changes
    needs: ClassVar[tuple[str, ...]] = ("frequency", "time")  # axes that the raster must have

    quantile: float = parameter(0.5, "share of a row that counts as usual", low=0.0, high=1.0)

    def improve(self, raster: Raster) -> Raster:
        """Return a new raster; the one given [shape=(clips, rows, columns)] stays as it was.

        Axis 0 is the clip. Work along axes 1 and 2 only: what is computed over axis 0 would let
        one clip change another.
        """
        floor = np.quantile(raster.values, self.quantile, axis=2, keepdims=True)
        values = np.maximum(raster.values, floor)
        return Raster(values, raster.rows, raster.columns, raster.scale)


@hookimpl
def harness_improvements() -> list[type[Improvement]]:
    """Tell sightbench what this module offers."""
    return [OldImprovement]
