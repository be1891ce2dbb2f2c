"""A cell of a run, or several, become a bundle: read the clips, draw, learn, write down, try."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from harness.applying.bundle import Bundle
from harness.applying.deciding import decided
from harness.applying.describing import described
from harness.applying.learning import Lesson, Taught, learn
from harness.applying.probes import choose_probes, together
from harness.applying.wishes import Wish
from harness.clips.collection import Collection
from harness.clips.splits import Split
from harness.columns.strings import Strings
from harness.contracts import Classifier, LocalClassifier, RasterClassifier
from harness.errors import ClassifierError, DatasetError, PlanError, StoreError
from harness.pictures.drawing import Drawing
from harness.pictures.stacks import AnyDrawing, plugins_of
from harness.planning.plan import make_plan, with_path
from harness.planning.ways import SIGNAL
from harness.registry.discovery import Plugins
from harness.registry.resolution import Resolved, resolve
from harness.results.record import Record
from harness.results.store import Run
from harness.running.drawing import draw
from harness.running.looking import LookedAt, Recordings, cannot_see
from harness.running.options import Session
from harness.running.preparation import Ready, sees_bookkeeping
from harness.running.reading import collect_clips
from harness.running.workers import Lost
from harness.values import Missing


def keep(wish: Wish, plugins: Plugins, session: Session) -> Bundle:
    """Train a cell of a run, or each member of an ensemble, on its clips and return all that it is.

    Raises
    ------
    SightbenchError
        The cell cannot be kept, or the clips are not those of the run any more.
    """
    records = [record for record, _ in wish.members]
    resolved = [_resolved(wish, record, plugins) for record in records]
    made = [_made(each, record) for each, record in zip(resolved, records, strict=True)]
    split = wish.run.split(wish.record.cell.split)
    decision = decided(wish)
    session.observer.stage("listing clips", None)
    collection = collect_clips(resolved[0].dataset, session)
    _expect_same_clips(wish.run, split, collection)
    ready = [Ready(each, collection, (split,), wish.run, {}) for each in resolved]
    lessons = []
    for own, record, (classifier, drawing) in zip(ready, records, made, strict=True):
        lesson = _lesson(own, record, classifier, drawing, session)
        lessons.append(_of_side(lesson, split) if wish.training_side else lesson)
    session.observer.stage("learning", None)
    taught = _taught(lessons, session)
    detector = described(wish, ready[0], lessons, taught[0], decision)
    samples = tuple(clip.samples for clip in taught[0].clips)
    probes = together([each.probes for each in taught], detector.times)
    return Bundle(detector, tuple(each.knowledge for each in taught), probes, samples)


def _of_side(lesson: Lesson, split: Split) -> Lesson:
    side = set(split.train)
    rows = tuple(row for row in lesson.rows if lesson.entries[row].id in side)
    return dataclasses.replace(lesson, rows=rows)


def _taught(lessons: Sequence[Lesson], session: Session) -> list[Taught]:
    found = []
    results = session.workers.in_order(learn, lessons, session.options.timeout_s)
    for lesson, taught in zip(lessons, results, strict=True):
        if isinstance(taught, Lost):
            raise ClassifierError(f"{lesson.classifier.name} could not learn: {taught.reason}")
        found.append(taught)
    return found


def _resolved(wish: Wish, record: Record, plugins: Plugins) -> Resolved:
    """Make the dataset, the drawing and the classifier of one cell of a run."""
    plan = make_plan(wish.run.plan().choices(), plugins.catalogue.is_improvement)
    cell = record.cell
    ways = plan.representations if cell.representation == SIGNAL else (cell.representation,)
    plan = dataclasses.replace(plan, representations=ways[:1], classifiers=(cell.classifier,))
    return resolve(plan if wish.path is None else with_path(plan, wish.path), plugins)


def _made(resolved: Resolved, record: Record) -> tuple[LocalClassifier, AnyDrawing | None]:
    """Return the plugins of the cell, if it can be kept at all.

    Raises
    ------
    PlanError
        It is a service, or its classifier cannot write down what it learns.
    StoreError
        A plugin is of another version than in the run, or not to be had here.
    """
    (classifier,), (drawing,) = resolved.classifiers.values(), resolved.drawings.values()
    if isinstance(classifier, Missing):
        raise StoreError(f"{record.cell.classifier}: {classifier.reason}")
    if not isinstance(classifier, LocalClassifier):
        raise PlanError(
            f"{classifier.name} is a service: what it has learnt lies there, and cannot be kept."
        )
    if sees_bookkeeping(classifier):
        raise PlanError(
            f"{classifier.name} looks at no signal, so it can be benchmarked but not kept."
        )
    if type(classifier).made_again is LocalClassifier.made_again:
        raise PlanError(
            f"{classifier.name} can be benchmarked but not kept: it has no made_again(), which "
            "makes what it learnt again from arrays and plain values (docs/detector.md)."
        )
    if record.cell.representation == SIGNAL:
        return classifier, None
    if isinstance(drawing, Missing):
        raise StoreError(f"{record.cell.representation}: {drawing.reason}")
    blind = cannot_see(classifier, drawing)
    if blind is not None:
        raise PlanError(blind.reason)
    for plugin in (*plugins_of(drawing), classifier):
        then = record.versions.get(plugin.name, plugin.version)
        if then != plugin.version:
            raise StoreError(
                f"The run had {plugin.name} version {then}, here is {plugin.version}: its figures "
                "are not those of what would be kept. Run it again."
            )
    return classifier, drawing


def _expect_same_clips(run: Run, split: Split, collection: Collection) -> None:
    contents = collection.contents
    other = [id for id, content in split.contents.items() if contents.get(id) != content]
    if other:
        raise DatasetError(
            f"{len(other)} of {len(split.contents)} clips are not those of {run.name} any more "
            f"({other[0]!r}): they changed, or another path was named. Run it again, or name "
            "where the clips are: --path."
        )


def _lesson(
    ready: Ready,
    record: Record,
    classifier: LocalClassifier,
    drawing: AnyDrawing | None,
    session: Session,
) -> Lesson:
    collection = ready.collection
    entries = collection.entries.take(ready.rows)
    contents = Strings.of_bytes(collection.readings.contents[ready.rows])
    if isinstance(classifier, Classifier):
        album = next(iter(draw(ready, session).values()))
        if isinstance(album, Missing):
            raise StoreError(album.reason)
        seen: LookedAt = album
    else:
        shown = drawing if isinstance(classifier, RasterClassifier) else None
        assert shown is None or isinstance(shown, Drawing)
        seen = Recordings(ready.resolved.dataset, entries, contents, shown)
    sizes = [r.length * r.channels for r in collection.readings]
    probes = choose_probes(entries, max(sizes))
    by_id = entries.ids.order().tolist()
    dataset, seed = ready.resolved.dataset, record.cell.seed
    return Lesson(drawing, classifier, seen, entries, tuple(by_id), seed, dataset, tuple(probes))
