"""Draw what the gallery lacks: clips of a block become chunks of pictures, in workers."""

from __future__ import annotations

import dataclasses
import traceback
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.clips.collection import BLOCK as CLIPS_A_TASK
from harness.clips.collection import content_hash
from harness.contracts import Classifier, Dataset, LocalClassifier, Plot
from harness.errors import DatasetError, Inapplicable, StoreError, one_line
from harness.measuring.timing import Lap, Stopwatch
from harness.pictures.chunks import Chunk
from harness.pictures.colours import colour_table
from harness.pictures.drawing import BLOCK, Drawing
from harness.pictures.gallery import Gallery
from harness.pictures.keys import drawing_key
from harness.pictures.packing import cells_of
from harness.pictures.planes import planes
from harness.pictures.stacks import AnyAlbum, AnyDrawing, drawings_of, gather
from harness.pictures.storeroom import Place
from harness.planning.plan import Cell
from harness.planning.specs import Chain
from harness.planning.ways import Way, chains_of
from harness.registry.resolution import Resolved
from harness.running.checks import check_alone, check_jpegs, check_raster
from harness.running.options import Session
from harness.running.preparation import Ready
from harness.running.room import make_room, warn_of_excess
from harness.running.workers import Lost
from harness.values import Clip, Entry, Missing, Scale, Signals

BYTES_A_PIXEL = 0.3
"""On disk: about the most that a drawing took on recordings of whales, 15 kB for 224 x 224."""
SHARE_UNSEEN = 50
"""The gallery is measured anew whenever a fiftieth of its limit may have come to it."""


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
    load = watch.laps["load"]
    drawn: dict[str, Missing | None] = {}
    for key, drawing in task.drawings.items():
        try:
            for chunk in _chunks(drawing, task.entries, clips, task.contents, load):
                task.gallery.add(key, chunk)
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


def _chunks(
    drawing: Drawing,
    entries: Sequence[Entry],
    clips: Sequence[Clip],
    contents: Sequence[str],
    load: Sequence[Lap],
) -> Iterator[Chunk]:
    """Draw clips in batches of one shape and rate; one chunk for each colour table."""
    watch = Stopwatch({"load": list(load)})
    if isinstance(drawing.representation, Plot):
        yield _plotted(drawing, drawing.representation, entries, clips, contents, watch)
        return
    with _naming(entries, clips, [0]):
        drawing.planes(Signals(clips[0].samples[None], clips[0].rate))  # imports: nobody's time
    drawn: dict[Scale, list[NDArray[np.uint8]]] = {}
    owners: dict[Scale, list[str]] = {}
    cells: dict[Scale, list[NDArray[np.uint16] | None]] = {}
    for rows in batches(clips):
        signals = Signals(np.stack([clips[row].samples for row in rows]), clips[rows[0]].rate)
        with watch.stage("represent", len(rows)), _naming(entries, clips, rows):
            raster = drawing.raster(signals)
        check_raster(drawing.title, raster, signals)
        if not drawn:
            check_alone(drawing, raster, signals)
        with watch.stage("draw", len(rows)):
            drawn.setdefault(raster.scale, []).append(planes(raster, drawing.settings))
        owners.setdefault(raster.scale, []).extend(contents[row] for row in rows)
        small = cells_of(raster, drawing.settings)
        cells.setdefault(raster.scale, []).extend([None] * len(rows) if small is None else small)
    for scale, parts in drawn.items():
        yield Chunk(
            contents=tuple(owners[scale]),
            planes=np.concatenate(parts),
            table=colour_table(scale, drawing.settings),
            jpegs=(),
            laps=watch.laps,
            cells=tuple(cells[scale]),
        )


def _plotted(
    drawing: Drawing,
    plot: Plot,
    entries: Sequence[Entry],
    clips: Sequence[Clip],
    contents: Sequence[str],
    watch: Stopwatch,
) -> Chunk:
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


def draw(
    ready: Ready,
    session: Session,
    cells: Collection[Cell] | None = None,
    fresh: bool | None = None,
) -> dict[Way, AnyAlbum | Missing]:
    """Draw what the gallery does not have yet; each way comes back as an album, or as missing.

    Of a stack its parts are drawn, each as if it stood alone.

    Parameters
    ----------
    cells
        Only what these look at; None for all that the plan names.
    fresh
        Draw all anew; what the options of the session say if left out.

    Raises
    ------
    StoreError
        The disk has no room for the pictures.
    """
    gallery, ways = session.options.gallery, ways_drawn(ready.resolved)
    if cells is not None:
        looked_at = _ways_looked_at(ready.resolved, cells)
        ways = {way: made for way, made in ways.items() if way in looked_at}
    parts = parts_of(ways)
    try:
        for key, (chain, _) in parts.items():
            gallery.title(key, str(chain))
    except OSError as error:
        raise StoreError(
            f"Pictures cannot be kept in {gallery.folder}: {error}. Name another folder: --cache."
        ) from None
    by_key = {key: drawing for key, (_, drawing) in parts.items()}
    anew = session.options.fresh if fresh is None else fresh
    failures = _draw_all(list(_tasks(ready, gallery, by_key, anew)), session)
    ids = [ready.collection.entries[row].id for row in ready.rows]
    contents = [ready.collection.readings.content(row) for row in ready.rows]
    albums: dict[Way, AnyAlbum | Missing] = {}
    for way, made in ways.items():
        failed = [key for part in drawings_of(made) if (key := drawing_key(part)) in failures]
        albums[way] = failures[failed[0]] if failed else gather(gallery, made, ids, contents)
    return albums


def ways_drawn(resolved: Resolved) -> dict[Way, AnyDrawing]:
    """Return the ways whose pictures some classifier looks at; all where there is none."""
    if resolved.classifiers and not any(
        needs_pictures(each) for each in resolved.classifiers.values()
    ):
        return {}
    return {way: made for way, made in resolved.drawings.items() if not isinstance(made, Missing)}


def _ways_looked_at(resolved: Resolved, cells: Collection[Cell]) -> set[Way]:
    return {
        cell.representation
        for cell in cells
        if needs_pictures(resolved.classifiers[cell.classifier])
    }


def parts_of(ways: Mapping[Way, AnyDrawing]) -> dict[str, tuple[Chain, Drawing]]:
    """Return what is drawn for some ways, each once, by key: of a stack its parts."""
    return {
        drawing_key(drawing): (chain, drawing)
        for way, made in ways.items()
        for chain, drawing in zip(chains_of(way), drawings_of(made), strict=True)
    }


def needs_pictures(classifier: object) -> bool:
    """Say whether anything must be drawn for a classifier; for what is missing, it might."""
    return not isinstance(classifier, LocalClassifier) or isinstance(classifier, Classifier)


def _draw_all(tasks: Sequence[DrawingTask], session: Session) -> dict[str, Missing]:
    """Draw every block; return the drawings that failed, by key."""
    session.begin(tasks)
    session.observer.stage("drawing pictures", sum(len(task.entries) for task in tasks))
    gallery, failures = session.options.gallery, dict[str, Missing]()
    make_room(gallery, sum(map(_size_bytes, tasks)), session.observer)
    drawn_bytes = due = 0
    for number, result in session.workers.each(draw_block, tasks, session.options.timeout_s):
        session.observer.advance(len(tasks[number].entries))
        drawn = _isolate(tasks[number], result, session)
        failures.update({key: why for key, why in drawn.items() if why is not None})
        drawn_bytes += _size_bytes(tasks[number])
        if drawn_bytes >= due:
            gallery.shrink()
            due = drawn_bytes + gallery.limit_bytes // SHARE_UNSEEN
    warn_of_excess(gallery, session.observer)
    return failures


def _size_bytes(task: DrawingTask) -> int:
    """Guess the bytes that a block of pictures will take."""
    areas = (way.settings.height * way.settings.width for way in task.drawings.values())
    return int(len(task.entries) * sum(areas) * BYTES_A_PIXEL)


def _tasks(
    ready: Ready, gallery: Gallery, drawings: Mapping[str, Drawing], fresh: bool
) -> Iterator[DrawingTask]:
    """Group the clips that lack pictures by the drawings that they lack, in blocks."""
    there: dict[str, dict[str, Place]] = {key: {} for key in drawings}
    if not fresh:
        there = {key: gallery.places(key) for key in drawings}
    for key, places in there.items():
        gallery.pictures.use(key, sorted({place.chunk for place in places.values()}))
    lacking: dict[tuple[str, ...], dict[str, Entry]] = defaultdict(dict)
    for row in ready.rows:
        content = ready.collection.readings.content(row)
        missing = tuple(key for key in drawings if content not in there[key])
        if missing:
            lacking[missing].setdefault(content, ready.collection.entries[row])
    for missing, entries in lacking.items():
        wanted = {key: drawings[key] for key in missing}
        pairs = list(entries.items())
        for start in range(0, len(pairs), CLIPS_A_TASK):
            block = pairs[start : start + CLIPS_A_TASK]
            yield DrawingTask(
                dataset=ready.resolved.dataset,
                entries=[entry for _, entry in block],
                contents=[content for content, _ in block],
                drawings=wanted,
                gallery=gallery,
            )


def _isolate(task: DrawingTask, result: Drawn | Lost, session: Session) -> Drawn:
    """Say how each drawing of a block went; where the process died, find out whose fault it is."""
    if not isinstance(result, Lost):
        return result
    if len(task.drawings) == 1:
        return dict.fromkeys(task.drawings, _lost(result))
    alone = [dataclasses.replace(task, drawings={key: d}) for key, d in task.drawings.items()]
    found: dict[str, Missing | None] = {}
    for number, each in session.workers.each(draw_block, alone, session.options.timeout_s):
        (key,) = alone[number].drawings
        found[key] = _lost(each) if isinstance(each, Lost) else each[key]
    return found


def _lost(result: Lost) -> Missing:
    return Missing(f"drawing failed: {result.reason}", result.reason)
