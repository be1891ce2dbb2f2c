"""What made a picture becomes its key."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from harness import levels
from harness.pictures import colours, drawing, encoding, planes
from harness.pictures.drawing import Drawing
from harness.sources.digests import plugin_key
from harness.sources.libraries import library_version

SIGNAL_KEY = "signal 1"
"""What stands for a drawing where signals are looked at: clips as they are read, by content."""

LIBRARIES = ("numpy", "scipy", "cv2", "simplejpeg")
"""What our own drawing stands on: a new version of one of these may draw other pixels."""


def drawing_key(way: Drawing) -> str:
    """Name a drawing by all that its pictures depend on but the clip.

    Plugins (`harness.sources.digests`); picture settings; the source of what turns rasters into
    pictures; versions of the libraries underneath.
    """
    parts = [plugin_key(plugin) for plugin in (way.representation, *way.improvements)]
    parts += [repr(way.settings), _own_source(), *map(library_version, LIBRARIES)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def raster_key(way: Drawing) -> str:
    """Name the rasters of a drawing by all that they depend on but the clip: no size, no colours.

    Plugins (`harness.sources.digests`); versions of the libraries underneath.
    """
    parts = ["raster", *(plugin_key(plugin) for plugin in (way.representation, *way.improvements))]
    parts += map(library_version, LIBRARIES)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


@cache
def _own_source() -> str:
    files = [str(module.__file__) for module in (drawing, planes, colours, encoding, levels)]
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()
