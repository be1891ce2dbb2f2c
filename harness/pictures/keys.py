"""What made a picture becomes its key."""

from __future__ import annotations

import hashlib
import importlib.metadata
from dataclasses import fields
from functools import cache
from pathlib import Path

from harness import levels
from harness.contracts import Plugin
from harness.pictures import colours, drawing, encoding, planes
from harness.pictures.drawing import Drawing
from harness.sources.digests import source_digest

LIBRARIES = ("numpy", "scipy", "librosa", "opencv-python-headless", "matplotlib", "pillow")
"""A new version of one of these may draw other pixels."""


def drawing_key(way: Drawing) -> str:
    """Name a drawing by all that its pictures depend on but the clip.

    Plugins with their versions, parameters and source; picture settings; the source of what turns
    rasters into pictures; versions of the libraries underneath.
    """
    parts = [_identity(plugin) for plugin in (way.representation, *way.improvements)]
    parts += [repr(way.settings), _own_source(), *_library_versions()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _identity(plugin: Plugin) -> str:
    values = ",".join(f"{each.name}={getattr(plugin, each.name)!r}" for each in fields(plugin))
    return f"{plugin.name} {plugin.version} [{values}] {source_digest(type(plugin))}"


@cache
def _own_source() -> str:
    files = [str(module.__file__) for module in (drawing, planes, colours, encoding, levels)]
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()


@cache
def _library_versions() -> tuple[str, ...]:
    found = {d.metadata["Name"].lower(): d.version for d in map(_distribution, LIBRARIES) if d}
    return tuple(f"{name} {version}" for name, version in sorted(found.items()))


def _distribution(name: str) -> importlib.metadata.Distribution | None:
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None
