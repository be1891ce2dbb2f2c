from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from harness import Axis, Improvement, Raster, Representation, Signals
from harness.errors import PluginError
from harness.pictures.drawing import Drawing
from harness.running.checks import check_alone


class Plain(Representation):
    """The samples, in rows of ten."""

    name = "plain"
    size: float = 1.0

    def raster(self, signals: Signals) -> Raster:
        values = self.size * signals.samples.reshape(len(signals), 10, -1).astype(np.float64)
        rows, columns = (Axis("level", "", np.arange(n, dtype=float)) for n in values.shape[1:])
        return Raster(values, rows, columns, "power")


class Centred(Improvement):
    """Takes away what the clips of a batch have in common."""

    name = "centred"

    def improve(self, raster: Raster) -> Raster:
        return dataclasses.replace(raster, values=raster.values - raster.values.mean(axis=0))


def look(size: float, *improvements: Improvement) -> None:
    rng = np.random.default_rng(5)
    signals = Signals(rng.normal(size=(4, 1, 200)).astype(np.float32), 1000.0)
    drawing = Drawing(Plain(size=size), improvements)
    check_alone(drawing, drawing.raster(signals), signals)


@pytest.mark.parametrize("size", [1e-12, 1e-6, 1.0, 1e6])
def test_a_look_at_neighbours_is_seen_whatever_the_unit(size: float) -> None:
    with pytest.raises(PluginError, match=r"plain\+centred draws a clip otherwise"):
        look(size, Centred())


@pytest.mark.parametrize("size", [0.0, 1e-12, 1.0, 1e6])
def test_who_looks_at_one_clip_at_a_time_passes(size: float) -> None:
    look(size)
