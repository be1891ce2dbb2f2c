"""Every clip is read and checked once, in workers; where nothing is drawn yet, it is drawn at once.

Drawing while a clip is there saves reading it twice. It is done ahead of knowing whether all is
well, so it stops as soon as something is not: a clip is bad, or drawing cost a process. What is
not drawn then is drawn later, when it is known to be wanted (`harness.running.drawing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.clips.blocks import Blocks, ReadingTask, read_block
from harness.clips.collection import Collection, collect
from harness.clips.faults import are_all_named
from harness.clips.readings import Reading, Readings
from harness.clips.remembering import Memory
from harness.contracts import Dataset
from harness.errors import BadClips
from harness.files.whole import write_whole
from harness.pictures.drawing import Drawing
from harness.pictures.gallery import Gallery
from harness.planning.parameters import spec_of
from harness.registry.resolution import Resolved
from harness.running.ahead import LATER, import_ahead
from harness.running.blocks import SketchingTask, read_and_draw
from harness.running.options import Options, Session
from harness.running.parts import parts_of, size_bytes, ways_drawn
from harness.running.room import Growth, make_room
from harness.running.workers import Lost
from harness.values import Fault

BLOCK_LIMIT_S, CLIP_LIMIT_S = 600.0, 60.0
"""Reading a block of clips, or one clip, that takes longer is stopped, unless --timeout says so."""
NOTHING: Mapping[str, Drawing] = {}


def collect_drawn(resolved: Resolved, session: Session) -> Collection:
    """Read and check every clip of a plan whose cells are to be run, and draw it as it is read."""
    session.observer.stage("listing clips", None)
    return collect_clips(resolved.dataset, session, _wanted(resolved))


def _wanted(resolved: Resolved) -> Mapping[str, Drawing]:
    """Return what is drawn of every clip, by key: nothing where the split leaves clips out."""
    split = resolved.plan.split
    if split.endswith(".json"):
        return NOTHING
    if split:
        from harness.clips.split_kinds import parse_split_kind

        if getattr(parse_split_kind(split), "train", None) is not None:
            return NOTHING
    parts = parts_of(ways_drawn(resolved))
    return {key: drawing for key, (_, drawing) in parts.items()}


def collect_clips(
    dataset: Dataset, session: Session, drawings: Mapping[str, Drawing] = NOTHING
) -> Collection:
    """Read and check every clip, in workers; a clip that hangs or kills its process is bad.

    Clips whose files are as they were when they were read before are not read again.

    Parameters
    ----------
    drawings
        Ways, by key, in which all clips will be looked at: those in which nothing is drawn yet
        are drawn as they are read.
    """
    options, title = session.options, str(spec_of(dataset))

    def read(tasks: Blocks) -> Iterator[Readings]:
        session.begin(tasks)
        yield from _read(tasks, session, _undrawn(drawings, options) if tasks else {})

    try:
        room, kept = options.gallery.readings, options.remember
        memory = Memory.of(room, dataset, title, fresh=options.fresh, kept=kept)
        if memory.is_empty():
            session.workers.prepare()
        return collect(dataset, options.skip_bad, read, memory)
    except BadClips as error:
        where = _write_faults(options.results, error.faults)
        raise BadClips(f"{error}{where}", error.faults) from None


def _undrawn(drawings: Mapping[str, Drawing], options: Options) -> dict[str, Drawing]:
    """Return the ways of which no picture is kept."""
    room = options.gallery.pictures
    lacking = {key: way for key, way in drawings.items() if room.is_empty(key)}
    for key in drawings.keys() - lacking:  # what will be read must not make room for these
        room.use(key, room.names(key))
    return {} if options.fresh else lacking


class _Sketches(Sequence[SketchingTask]):
    """The blocks of clips, made as they are asked for: with what is to be drawn by then."""

    def __init__(self, tasks: Blocks, drawings: dict[str, Drawing], gallery: Gallery) -> None:
        self.tasks, self.drawings, self.gallery = tasks, drawings, gallery

    def __len__(self) -> int:
        return len(self.tasks)

    def __getitem__(self, number: int) -> SketchingTask:  # type: ignore[override]
        return SketchingTask(self.tasks[number], dict(self.drawings), self.gallery)


def _read(tasks: Blocks, session: Session, drawings: dict[str, Drawing]) -> Iterator[Readings]:
    """Read blocks of clips, and draw them as long as all is well."""
    options, gallery = session.options, session.options.gallery
    clips = len(tasks.entries)
    if drawings:
        make_room(gallery, size_bytes(clips, drawings.values()), session.observer)
    session.observer.stage("reading and drawing clips" if drawings else "reading clips", clips)
    limit_s = options.timeout_s or BLOCK_LIMIT_S
    growth = Growth(gallery)
    sketches = _Sketches(tasks, drawings, gallery)
    results = session.workers.in_order(read_and_draw, sketches, limit_s)
    import_ahead(LATER, lambda: tasks.memory and tasks.memory.key)
    for task, result in zip(tasks, results, strict=True):
        session.observer.advance(len(task.entries))
        readings = _read_again(task, session, drawings) if isinstance(result, Lost) else result
        if readings.faults() and not options.skip_bad:
            drawings.clear()
        if drawings:
            growth.add(size_bytes(len(task.entries), drawings.values()))
        yield readings


def _read_again(task: ReadingTask, session: Session, drawings: dict[str, Drawing]) -> Readings:
    """Read a block that was lost: without drawing, if that may have been why; else one by one."""
    if drawings:
        drawings.clear()
        limit_s = session.options.timeout_s or BLOCK_LIMIT_S
        (again,) = session.workers.in_order(read_block, [task], limit_s)
        if not isinstance(again, Lost):
            return again
    return _read_alone(task, session)


def _read_alone(task: ReadingTask, session: Session) -> Readings:
    """Read the clips of a block that was lost one by one, to find out which cost it."""
    alone = [ReadingTask(task.dataset, [entry]) for entry in task.entries]
    limit_s = min(session.options.timeout_s or CLIP_LIMIT_S, CLIP_LIMIT_S)
    return Readings.joined(
        Readings.of([Reading(fault=f"reading it failed: {result.reason}")])
        if isinstance(result, Lost)
        else result
        for result in session.workers.in_order(read_block, alone, limit_s)
    )


def _write_faults(results: Path, faults: Sequence[Fault]) -> str:
    """Write every bad clip to a file where a listing cannot name them all; say where."""
    if are_all_named(faults):
        return ""
    from harness.results.predictions import faults_text

    path = results / "bad-clips.csv"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, faults_text((fault.where, fault.why) for fault in faults))
    except OSError as error:
        return f" The whole list could not be written to {path}: {error}."
    return f" All of them: {path}"
