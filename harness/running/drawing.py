"""Draw what the gallery lacks: clips of a block become chunks of pictures, in workers."""

from __future__ import annotations

import traceback
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.clips.collection import BLOCK as CLIPS_A_TASK
from harness.contracts import Dataset, Plot
from harness.measuring.timing import Lap, Stopwatch
from harness.pictures.album import Album
from harness.pictures.chunks import Chunk
from harness.pictures.colours import colour_table
from harness.pictures.drawing import BLOCK, Drawing
from harness.pictures.gallery import Gallery
from harness.pictures.keys import drawing_key
from harness.pictures.planes import planes
from harness.planning.specs import Chain
from harness.running.options import Observer, Options
from harness.running.preparation import Ready
from harness.running.workers import Lost, Workers
from harness.values import Clip, Entry, Scale, Signals


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of drawing one block: for each drawing, by key, None or why it failed."""

    failures: Mapping[str, str | None]


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
    drawn: dict[Scale, list[NDArray[np.uint8]]] = {}
    owners: dict[Scale, list[str]] = {}
    for rows in _batches(clips):
        signals = Signals(np.stack([clips[row].samples for row in rows]), clips[rows[0]].rate)
        with watch.stage("represent", len(rows)):
            raster = drawing.raster(signals)
        with watch.stage("draw", len(rows)):
            drawn.setdefault(raster.scale, []).append(planes(raster, drawing.settings))
        owners.setdefault(raster.scale, []).extend(contents[row] for row in rows)
    for scale, parts in drawn.items():
        table = colour_table(scale, drawing.settings)
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


def draw(
    ready: Ready, options: Options, workers: Workers, observer: Observer
) -> dict[Chain, Album | str]:
    """Draw what the gallery does not have yet; each way comes back as an album or a failure."""
    made = {c: d for c, d in ready.resolved.drawings.items() if isinstance(d, Drawing)}
    keys = {chain: drawing_key(drawing) for chain, drawing in made.items()}
    by_key = {keys[chain]: drawing for chain, drawing in made.items()}
    for chain, key in keys.items():
        options.gallery.title(key, str(chain))
    failures: dict[str, str] = {}
    tasks = list(_drawing_tasks(ready, options.gallery, by_key))
    observer.stage("drawing pictures", sum(len(task[1]) for task in tasks))
    for number, result in workers.each(draw_block, tasks, options.timeout_s):
        observer.advance(len(tasks[number][1]))
        found = _isolate(tasks[number], result, options, workers)
        failures.update({key: why for key, why in found.items() if why is not None})
    options.gallery.shrink()
    entries = [ready.collection.entries[row] for row in ready.rows]
    contents = [ready.collection.readings[row].content for row in ready.rows]
    ids = [entry.id for entry in entries]
    albums: dict[Chain, Album | str] = {}
    for chain, key in keys.items():
        failed = failures.get(key)
        albums[chain] = failed if failed else options.gallery.album(key, ids, contents)
    return albums


def _drawing_tasks(
    ready: Ready, gallery: Gallery, drawings: Mapping[str, Drawing]
) -> Iterator[tuple[Any, ...]]:
    """Group the clips that lack pictures by the drawings that they lack, in blocks."""
    there = {key: gallery.places(key) for key in drawings}
    lacking: dict[tuple[str, ...], dict[str, Entry]] = defaultdict(dict)
    for row in ready.rows:
        content = ready.collection.readings[row].content
        missing = tuple(key for key in drawings if content not in there[key])
        if missing:
            lacking[missing].setdefault(content, ready.collection.entries[row])
    for missing, entries in lacking.items():
        wanted = {key: drawings[key] for key in missing}
        for block in _cut(entries):
            yield (
                ready.resolved.dataset,
                [entry for _, entry in block],
                [content for content, _ in block],
                wanted,
                gallery,
            )


def _cut(entries: Mapping[str, Entry]) -> Iterator[list[tuple[str, Entry]]]:
    pairs = list(entries.items())
    for start in range(0, len(pairs), CLIPS_A_TASK):
        yield pairs[start : start + CLIPS_A_TASK]


def _isolate(
    task: tuple[Any, ...], result: Drawn | Lost, options: Options, workers: Workers
) -> Mapping[str, str | None]:
    """Say how each drawing of a block went; where the process died, find out whose fault it is."""
    if isinstance(result, Drawn):
        return result.failures
    dataset, entries, contents, drawings, gallery = task
    if len(drawings) == 1:
        return dict.fromkeys(drawings, result.reason)
    alone = [(dataset, entries, contents, {key: d}, gallery) for key, d in drawings.items()]
    found: dict[str, str | None] = {}
    for number, each in workers.each(draw_block, alone, options.timeout_s):
        key = next(iter(alone[number][3]))
        found[key] = each.reason if isinstance(each, Lost) else each.failures[key]
    return found
