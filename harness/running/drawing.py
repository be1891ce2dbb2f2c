"""Draw what the gallery lacks: clips of a block become chunks of pictures, in workers."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.clips.blocks import BLOCK as CLIPS_A_TASK
from harness.errors import StoreError
from harness.pictures.drawing import Drawing
from harness.pictures.gallery import Gallery
from harness.pictures.keys import drawing_key
from harness.pictures.stacks import AnyAlbum, drawings_of, gather
from harness.pictures.storeroom import Found
from harness.planning.plan import Cell
from harness.planning.ways import Way
from harness.registry.resolution import Resolved
from harness.running.blocks import DrawingTask, Drawn, draw_block
from harness.running.options import Session
from harness.running.parts import needs_pictures, parts_of, size_bytes, ways_drawn
from harness.running.preparation import Ready
from harness.running.room import Growth, make_room, warn_of_excess
from harness.running.workers import Lost
from harness.values import Missing


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
    whole: dict[str, Found] = {}
    failures = _draw_all(list(_tasks(ready, gallery, by_key, anew, whole)), session)
    ids = ready.collection.ids.take(ready.rows)
    contents = ready.collection.readings.contents[ready.rows]
    albums: dict[Way, AnyAlbum | Missing] = {}
    for way, made in ways.items():
        failed = [key for part in drawings_of(made) if (key := drawing_key(part)) in failures]
        albums[way] = failures[failed[0]] if failed else gather(gallery, made, ids, contents, whole)
    return albums


def _ways_looked_at(resolved: Resolved, cells: Collection[Cell]) -> set[Way]:
    return {
        cell.representation
        for cell in cells
        if needs_pictures(resolved.classifiers[cell.classifier])
    }


def _draw_all(tasks: Sequence[DrawingTask], session: Session) -> dict[str, Missing]:
    """Draw every block; return the drawings that failed, by key."""
    session.begin(tasks)
    session.observer.stage("drawing pictures", sum(len(task.entries) for task in tasks))
    gallery, failures = session.options.gallery, dict[str, Missing]()
    make_room(gallery, sum(map(_needs_bytes, tasks)), session.observer)
    growth = Growth(gallery)
    for number, result in session.workers.each(draw_block, tasks, session.options.timeout_s):
        session.observer.advance(len(tasks[number].entries))
        drawn = _isolate(tasks[number], result, session)
        failures.update({key: why for key, why in drawn.items() if why is not None})
        growth.add(_needs_bytes(tasks[number]))
    warn_of_excess(gallery, session.observer)
    return failures


def _needs_bytes(task: DrawingTask) -> int:
    return size_bytes(len(task.entries), task.drawings.values())


def _tasks(
    ready: Ready,
    gallery: Gallery,
    drawings: Mapping[str, Drawing],
    fresh: bool,
    whole: dict[str, Found],
) -> Iterator[DrawingTask]:
    """Group the clips that lack pictures by the drawings that they lack, in blocks.

    Parameters
    ----------
    whole
        Takes, by key, where pictures lie of which none is lacking.
    """
    contents = ready.collection.readings.contents[ready.rows]
    lacking = np.ones((len(drawings), len(contents)), bool)
    for number, key in enumerate(() if fresh else drawings):
        places = gallery.places(key)
        gallery.pictures.use(key, places.files())
        rows = places.find(contents)
        lacking[number] = rows < 0
        if not lacking[number].any():
            whole[key] = Found(places, rows)
    if len(whole) == len(drawings):
        return
    first = np.zeros(len(contents), bool)
    first[np.unique(contents, return_index=True)[1]] = True
    keys = np.array(list(drawings), object)
    for missing, rows in _alike(lacking, np.flatnonzero(first & lacking.any(axis=0))):
        wanted = {key: drawings[key] for key in keys[missing]}
        for start in range(0, len(rows), CLIPS_A_TASK):
            block = ready.rows[rows[start : start + CLIPS_A_TASK]]
            yield DrawingTask(
                dataset=ready.resolved.dataset,
                entries=ready.collection.entries.take(block),
                contents=ready.collection.readings.take(block).texts(),
                drawings=wanted,
                gallery=gallery,
            )


def _alike(
    lacking: NDArray[np.bool_], rows: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.intp]]]:
    """Put clips together that lack the same drawings, in the order of their first ones."""
    together: dict[bytes, list[int]] = defaultdict(list)
    for row in rows.tolist():
        together[lacking[:, row].tobytes()].append(row)
    for found in together.values():
        yield lacking[:, found[0]], np.array(found)


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
