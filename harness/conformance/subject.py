"""The plugin under examination, and one way to ask any kind that draws for its output."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.conformance import examples
from harness.contracts import Improvement, Plot, Plugin, Representation
from harness.errors import Inapplicable, SightbenchError
from harness.parameters import spec_of
from harness.values import Raster, Signals

if TYPE_CHECKING:
    from harness.conformance.processes import Elsewhere


@dataclass(frozen=True)
class Subject:
    """A plugin with the parameters that it is examined with.

    Parameters
    ----------
    plugin
        What is examined.
    store
        The file of stored outputs; None where there is none.
    """

    plugin: Plugin
    store: Path | None = None

    def __str__(self) -> str:
        return str(spec_of(self.plugin))

    @property
    def rate(self) -> float:
        """The first of a few usual rates (Hz) at which the plugin draws at all.

        Raises
        ------
        Inapplicable
            It refuses all of them.
        """
        refusals = []
        for rate in examples.RATES:
            try:
                draw(self.plugin, examples.noise(1, rate=rate))
            except Inapplicable as error:
                refusals.append(f"{rate:g} Hz: {error}")
            else:
                return rate
        raise Inapplicable(f"It refuses clips of 2 s at every usual rate ({'; '.join(refusals)})")

    @cached_property
    def elsewhere(self) -> Elsewhere:
        """What came of the plugin's task in a new process; it is run once for all checks."""
        from harness.conformance.processes import run_elsewhere

        return run_elsewhere(self.plugin)

    def draw(self, signals: Signals) -> Raster | list[bytes]:
        """Return what the plugin makes of signals: a raster, or finished pictures."""
        return draw(self.plugin, signals)

    def raster(self, signals: Signals) -> Raster:
        """Return what the plugin makes of signals, which must be a raster."""
        drawn = draw(self.plugin, signals)
        if not isinstance(drawn, Raster):
            raise TypeError(f"{type(drawn).__name__} is no Raster")
        return drawn


def draw(plugin: Plugin, signals: Signals) -> Raster | list[bytes]:
    """Let a representation draw signals, or an improvement improve a plain spectrogram of them."""
    if isinstance(plugin, Plot):
        return plugin.jpegs(signals)
    if isinstance(plugin, Representation):
        return plugin.raster(signals)
    if isinstance(plugin, Improvement):
        return plugin.improve(examples.spectrogram(signals))
    raise TypeError(f"a {plugin.kind} draws nothing")


def attempt(plugin: Plugin, signals: Signals) -> Raster | list[bytes] | None:
    """Draw, or return None where the plugin refuses with an error of its contract."""
    try:
        return draw(plugin, signals)
    except SightbenchError:
        return None


def clip_bytes(drawn: Raster | list[bytes]) -> list[bytes]:
    """Return what was drawn, clip by clip, as bytes to compare."""
    if isinstance(drawn, Raster):
        return [np.ascontiguousarray(values).tobytes() for values in drawn.values]
    return drawn


def fingerprint(parts: list[bytes]) -> str:
    """Hash bytes, clip by clip."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
