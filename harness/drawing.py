"""Clips of a block become a chunk of pictures; what made a picture becomes its key."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness import colours, levels, pictures
from harness.chunks import Chunk
from harness.contracts import Dataset, Plot, Plugin
from harness.discovery import source_digest
from harness.gallery import Gallery
from harness.pictures import BLOCK, Drawing
from harness.timing import Lap, Stopwatch
from harness.values import Clip, Entry, Signals

LIBRARIES = ("numpy", "scipy", "librosa", "opencv-python-headless", "matplotlib", "pillow")
"""A new version of one of these may draw other pixels."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of drawing one block: for each drawing, by key, None or why it failed."""

    failures: Mapping[str, str | None]


def drawing_key(drawing: Drawing) -> str:
    """Name a drawing by all that its pictures depend on but the clip.

    Plugins with their versions, parameters and source; picture settings; the source of what turns
    rasters into pictures; versions of the libraries underneath.
    """
    parts = [_identity(plugin) for plugin in (drawing.representation, *drawing.improvements)]
    parts += [repr(drawing.settings), _own_source(), *_library_versions()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _identity(plugin: Plugin) -> str:
    values = ",".join(f"{each.name}={getattr(plugin, each.name)!r}" for each in fields(plugin))
    return f"{plugin.name} {plugin.version} [{values}] {source_digest(type(plugin))}"


@cache
def _own_source() -> str:
    files = [str(module.__file__) for module in (pictures, colours, levels)]
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


def draw_block(
    dataset: Dataset,
    entries: Sequence[Entry],
    contents: Sequence[str],
    drawings: Mapping[str, Drawing],
    gallery: Gallery,
) -> Drawn:
    """Read some clips once and add their pictures to the gallery, drawing by drawing.

    A drawing that raises fails alone.
    """
    watch = Stopwatch()
    with watch.stage("load", len(entries)):
        clips = [dataset.read(entry) for entry in entries]
    load = watch.laps["load"]
    failures: dict[str, str | None] = {}
    for key, drawing in drawings.items():
        try:
            for chunk in _chunks(drawing, clips, contents, load):
                gallery.add(key, chunk)
            failures[key] = None
        except Exception as error:  # a stranger's plugin: its cells fail, no other
            failures[key] = _reason(error)
    return Drawn(failures)


def _reason(error: Exception) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def _chunks(
    drawing: Drawing, clips: Sequence[Clip], contents: Sequence[str], load: Sequence[Lap]
) -> Iterator[Chunk]:
    """Draw clips in batches of one shape and rate; one chunk for each colour table."""
    watch = Stopwatch({"load": list(load)})
    if isinstance(drawing.representation, Plot):
        yield _plotted(drawing, drawing.representation, clips, contents, watch)
        return
    drawing.planes(Signals(clips[0].samples[None], clips[0].rate))  # imports are nobody's time
    drawn: dict[str, list[NDArray[np.uint8]]] = {}
    owners: dict[str, list[str]] = {}
    for rows in _batches(clips):
        signals = Signals(np.stack([clips[row].samples for row in rows]), clips[rows[0]].rate)
        with watch.stage("represent", len(rows)):
            raster = drawing.raster(signals)
        with watch.stage("draw", len(rows)):
            drawn.setdefault(raster.scale, []).append(pictures.planes(raster, drawing.settings))
        owners.setdefault(raster.scale, []).extend(contents[row] for row in rows)
    for scale, parts in drawn.items():
        table = colours.colour_table(scale, drawing.settings)  # type: ignore[arg-type]
        yield Chunk(tuple(owners[scale]), np.concatenate(parts), table, (), watch.laps)


def _plotted(
    drawing: Drawing,
    plot: Plot,
    clips: Sequence[Clip],
    contents: Sequence[str],
    watch: Stopwatch,
) -> Chunk:
    jpegs: dict[str, bytes] = {}
    for rows in _batches(clips):
        signals = Signals(np.stack([clips[row].samples for row in rows]), clips[rows[0]].rate)
        with watch.stage("draw", len(rows)):
            drawn = plot.jpegs(signals)
        jpegs.update((contents[row], jpeg) for row, jpeg in zip(rows, drawn, strict=True))
    size = (drawing.settings.height, drawing.settings.width)
    return Chunk(tuple(jpegs), None, None, tuple(jpegs.values()), watch.laps, size)


def _batches(clips: Sequence[Clip]) -> Iterator[list[int]]:
    """Group rows by shape and rate, at most `BLOCK` at a time."""
    alike: dict[tuple[tuple[int, ...], float], list[int]] = {}
    for row, clip in enumerate(clips):
        alike.setdefault((clip.samples.shape, clip.rate), []).append(row)
    for rows in alike.values():
        for start in range(0, len(rows), BLOCK):
            yield rows[start : start + BLOCK]
