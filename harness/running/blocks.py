"""A block of clips becomes chunks of pictures, in a worker; it may be read and drawn in one go."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from harness.clips.blocks import ReadingTask, content_hash, read_clips
from harness.clips.entries import Entries
from harness.clips.readings import Readings
from harness.contracts import Dataset, Plot
from harness.errors import DatasetError, Inapplicable, StoreError, one_line
from harness.measuring.timing import Lap, Stopwatch
from harness.pictures.chunks import Chunk
from harness.pictures.colours import colour_table
from harness.pictures.drawing import BLOCK, Drawing
from harness.pictures.gallery import Gallery
from harness.pictures.planes import Cells, cells_of, planes
from harness.running.beginnings import Beginnings
from harness.running.checks import check_alone, check_jpegs, check_raster
from harness.values import Clip, Entry, Missing, Raster, Scale, Signals

TIMED = 8
"""Of the clips of a block: so many pictures are made to know how long that takes."""


@dataclass(frozen=True, slots=True)
class DrawingTask:
    """Clips that a worker is to draw.

    Parameters
    ----------
    contents
        The content hash of each clip.
    drawings
        The ways that these clips lack, by key.
    """

    dataset: Dataset
    entries: Sequence[Entry]
    contents: Sequence[str]
    drawings: Mapping[str, Drawing]
    gallery: Gallery


Drawn = Mapping[str, Missing | None]
"""What came of drawing one block: for each drawing, by key, None or why it failed."""


def draw_block(task: DrawingTask) -> Drawn:
    """Read some clips once and add their pictures to the gallery, drawing by drawing.

    A drawing that raises fails alone.
    """
    watch = Stopwatch()
    try:
        with watch.stage("load", len(task.entries)):
            clips = [task.dataset.read(entry) for entry in task.entries]
        check_contents(task.entries, clips, task.contents)
    except (Exception, SystemExit) as error:  # a stranger's reader, or clips that changed
        return dict.fromkeys(task.drawings, _failure(error))
    block = Block(task.entries, clips, task.contents, watch.laps["load"])
    return _add(block, task.drawings, task.gallery)


@dataclass(frozen=True, slots=True)
class Block:
    """Clips that were read, with the content hash of each, and what reading them took."""

    entries: Sequence[Entry]
    clips: Sequence[Clip]
    contents: Sequence[str]
    load: Sequence[Lap]


def _add(block: Block, drawings: Mapping[str, Drawing], gallery: Gallery) -> Drawn:
    """Draw clips in several ways and add the pictures to the gallery."""
    drawn: dict[str, Missing | None] = {}
    begun = Beginnings.of(drawings.values())
    for key, drawing in drawings.items():
        try:
            for chunk in _chunks(drawing, block, begun):
                gallery.add(key, chunk)
            drawn[key] = None
        except StoreError:  # no place for pictures is nobody's failure: it is told at once
            raise
        except (Exception, SystemExit) as error:  # a stranger's plugin: its cells fail, no other
            drawn[key] = _failure(error)
    return drawn


def check_contents(
    entries: Sequence[Entry], clips: Sequence[Clip], contents: Sequence[str]
) -> None:
    """Refuse clips that hold other samples than when they were read first.

    Raises
    ------
    DatasetError
        Their pictures would be kept under another clip's name.
    """
    for entry, clip, content in zip(entries, clips, contents, strict=True):
        if content_hash(clip) != content:
            raise DatasetError(
                f"{entry.where or entry.id} changed while the run was under way. Start it again."
            )


def _failure(error: BaseException) -> Missing:
    trace = "".join(traceback.format_exception(error))
    return Missing(f"drawing failed: {one_line(error)}", trace)


def _chunks(drawing: Drawing, block: Block, begun: Beginnings) -> Iterator[Chunk]:
    """Draw clips in batches of one shape and rate; one chunk for each colour table."""
    entries, clips, contents = block.entries, block.clips, block.contents
    watch = Stopwatch({"load": list(block.load)})
    if isinstance(drawing.representation, Plot):
        yield _plotted(drawing, drawing.representation, block, watch)
        return
    with _naming(entries, clips, [0]):
        drawing.planes(Signals(clips[0].samples[None], clips[0].rate))  # imports: nobody's time
    kept: dict[Scale, list[Cells]] = {}
    owners: dict[Scale, list[str]] = {}
    for rows in batches(clips):
        signals = Signals(np.stack([clips[row].samples for row in rows]), clips[rows[0]].rate)
        with begun.timed(watch, len(rows)), _naming(entries, clips, rows):
            raster = drawing.improve(begun.raster(drawing.representation, signals, rows[0]))
        check_raster(drawing.title, raster, signals)
        if not kept:
            check_alone(drawing, raster, signals)
            few = Raster(raster.values[:TIMED], raster.rows, raster.columns, raster.scale)
            with watch.stage("draw", len(few)):  # whole pictures, though less of them is kept
                planes(few, drawing.settings)
        kept.setdefault(raster.scale, []).extend(cells_of(raster, drawing.settings))
        owners.setdefault(raster.scale, []).extend(contents[row] for row in rows)
    size = (drawing.settings.height, drawing.settings.width)
    for scale, each in kept.items():
        table = colour_table(scale, drawing.settings)
        yield Chunk(tuple(owners[scale]), tuple(each), table, (), watch.laps, size)


def _plotted(drawing: Drawing, plot: Plot, block: Block, watch: Stopwatch) -> Chunk:
    entries, clips, contents = block.entries, block.clips, block.contents
    jpegs: dict[str, bytes] = {}
    for rows in batches(clips):
        signals = Signals(np.stack([clips[row].samples for row in rows]), clips[rows[0]].rate)
        with watch.stage("draw", len(rows)), _naming(entries, clips, rows):
            drawn = plot.jpegs(signals)
        check_jpegs(plot.name, drawn, signals)
        jpegs.update((contents[row], jpeg) for row, jpeg in zip(rows, drawn, strict=True))
    size = (drawing.settings.height, drawing.settings.width)
    return Chunk(tuple(jpegs), None, None, tuple(jpegs.values()), watch.laps, size)


@contextmanager
def _naming(entries: Sequence[Entry], clips: Sequence[Clip], rows: Sequence[int]) -> Iterator[None]:
    """Name the clips that are refused, where the others of their block are of other shapes."""
    try:
        yield
    except (Exception, SystemExit) as error:
        alike = len({(clip.samples.shape, clip.rate) for clip in clips}) == 1
        if alike and len(clips) > 1:
            raise
        first = entries[rows[0]]
        more = f", and {len(rows) - 1} more of its shape" if len(rows) > 1 else ""
        why = one_line(error).rstrip(".")
        raise Inapplicable(f"{why}. The clip is {first.where or first.id}{more}.") from error


def batches(clips: Sequence[Clip]) -> Iterator[list[int]]:
    """Group rows by shape and rate, at most `BLOCK` at a time."""
    alike: dict[tuple[tuple[int, ...], float], list[int]] = {}
    for row, clip in enumerate(clips):
        alike.setdefault((clip.samples.shape, clip.rate), []).append(row)
    for rows in alike.values():
        for start in range(0, len(rows), BLOCK):
            yield rows[start : start + BLOCK]


@dataclass(frozen=True, slots=True)
class SketchingTask:
    """Clips that a worker is to read for the first time, and to draw while it has them.

    Parameters
    ----------
    drawings
        The ways that no clip was drawn in before, by key.
    """

    reading: ReadingTask
    drawings: Mapping[str, Drawing]
    gallery: Gallery


def read_and_draw(task: SketchingTask) -> Readings:
    """Read some clips, say of each what it holds, and add pictures of them to the gallery.

    What cannot be drawn is left out: whoever needs it draws it again, and hears why it fails.
    """
    readings, clips = read_clips(task.reading)
    sound: dict[str, int] = {}
    for row, content in enumerate(readings.texts()):
        if clips[row] is not None:
            sound.setdefault(content, row)
    kept = [clip for row in sound.values() if (clip := clips[row]) is not None]
    if kept and task.drawings:
        entries = Entries.of(task.reading.entries).take(list(sound.values()))
        load = [Lap(float(readings.table["seconds"].sum()), len(readings))]
        _add(Block(entries, kept, list(sound), load), task.drawings, task.gallery)
    return readings
