"""One way to ask any kind of plugin that draws for its output, and to compare what came."""

from __future__ import annotations

import hashlib

import numpy as np

from harness.conformance import examples
from harness.contracts import Improvement, Plot, Plugin, Representation
from harness.errors import Inapplicable, SightbenchError
from harness.values import Raster, Signals


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


def usual_rate(plugin: Plugin) -> float:
    """Return the first of a few usual rates (Hz) at which a plugin draws at all.

    Raises
    ------
    Inapplicable
        It refuses all of them.
    """
    refusals = []
    for rate in examples.RATES:
        try:
            draw(plugin, examples.noise(1, rate=rate))
        except Inapplicable as error:
            refusals.append(f"{rate:g} Hz: {error}")
        else:
            return rate
    raise Inapplicable(f"It refuses clips of 2 s at every usual rate ({'; '.join(refusals)})")
