"""What several ways to draw have in common: the raster that they begin with is made once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import xxhash

from harness.contracts import Representation
from harness.measuring.timing import Stopwatch
from harness.pictures.drawing import Drawing
from harness.values import Raster, Signals

SHARED_BYTES = 32_000_000
"""Of a block: so much of what several ways begin with is kept until the last of them is drawn."""


@dataclass(slots=True)
class Beginnings:
    """Rasters that several ways of a block begin with.

    Each is made once, and each way is charged for it as if it had made its own.

    Parameters
    ----------
    makers
        The representations that more than one way begins with.
    spared_s
        Seconds that were saved so far.
    """

    makers: Sequence[Representation]
    spared_s: float = 0.0
    _made: dict[tuple[int, int], _Made] = field(default_factory=dict)
    _room: int = SHARED_BYTES

    @classmethod
    def of(cls, drawings: Iterable[Drawing]) -> Beginnings:
        """Find what some ways have in common."""
        seen, shared = list[Representation](), list[Representation]()
        for drawing in drawings:
            if drawing.representation in seen:
                shared.append(drawing.representation)
            seen.append(drawing.representation)
        return cls(shared)

    @contextmanager
    def timed(self, watch: Stopwatch, clips: int) -> Iterator[None]:
        """Time how long a batch takes to represent, and what was spared of it."""
        before = self.spared_s
        with watch.stage("represent", clips, lambda: self.spared_s - before):
            yield

    def raster(self, maker: Representation, signals: Signals, place: int) -> Raster:
        """Represent the batch at a place of the block, or hand on what another way began with."""
        if maker not in self.makers:
            return maker.raster(signals)
        key = self.makers.index(maker), place
        made = self._made.get(key)
        if made is not None and made.is_as_it_was():
            self.spared_s += made.seconds
            return made.raster
        start = time.perf_counter()
        raster = maker.raster(signals)
        seconds = time.perf_counter() - start
        if made is None and isinstance(raster, Raster) and raster.values.nbytes <= self._room:
            self._room -= raster.values.nbytes
            self._made[key] = _Made(raster, seconds, _digest(raster))
        return raster


@dataclass(frozen=True, slots=True)
class _Made:
    raster: Raster
    seconds: float
    digest: int

    def is_as_it_was(self) -> bool:
        """Say no where a plugin has written the next batch into the same array."""
        return _digest(self.raster) == self.digest


def _digest(raster: Raster) -> int:
    return xxhash.xxh3_64_intdigest(np.ascontiguousarray(raster.values).data)
