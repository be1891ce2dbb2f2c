"""The plugin under examination."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.conformance.asking import draw, usual_rate
from harness.conformance.elsewhere import Elsewhere, run_elsewhere
from harness.contracts import Plugin
from harness.planning.parameters import spec_of
from harness.values import Raster, Signals


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
        return usual_rate(self.plugin)

    @cached_property
    def elsewhere(self) -> Elsewhere:
        """What came of the plugin's task in a new process; it is run once for all checks."""
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
