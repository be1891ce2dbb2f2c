"""Many cells: draw what they look at, run them, skip what cannot be had, go on where it stopped."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from harness.contracts import (
    Estimate,
    LocalClassifier,
    RasterClassifier,
    RemoteClassifier,
    SignalClassifier,
)
from harness.pictures.drawing import Drawing
from harness.pictures.encoding import encode_jpeg
from harness.pictures.stacks import AnyAlbum, plugins_of
from harness.planning.plan import Cell
from harness.planning.specs import Spec
from harness.planning.ways import SIGNAL, Way
from harness.results.record import Record, Status
from harness.running.cell import Bundle, run_bundle
from harness.running.looking import LookedAt, Recordings, cannot_see
from harness.running.options import Observer, Options, Session
from harness.running.preparation import Ready
from harness.running.workers import Lost
from harness.values import Missing


def run_cells(
    ready: Ready, albums: Mapping[Way, AnyAlbum | Missing], session: Session
) -> Iterator[Record]:
    """Run every cell of the plan that is not done; yield records as they come."""
    fresh = session.options.fresh
    todo = [cell for cell in ready.run.cells if fresh or not _done(ready.run.record(cell))]
    session.observer.stage("running cells", len(todo))
    bundles = []
    for cells in _bundled(todo, session.options):
        missing = _missing(ready, albums, cells[0])
        if missing is not None:
            yield from _finish_without(ready, cells, missing, session)
        else:
            bundles.append(_bundle(ready, albums, cells, session.options))
    bundles.sort(key=lambda bundle: -_weight(bundle))
    for group in _one_service_at_a_time(bundles):
        for record in _run_bundles(group, session):
            yield record
            if record.status == "failed" and session.options.fail_fast:
                session.observer.tell("Stopped at the first failure (--fail-fast).")
                return


def _one_service_at_a_time(bundles: Sequence[Bundle]) -> Iterator[list[Bundle]]:
    """Services limit the rate of an account, not of a cell: their cells run one after another."""
    yield [each for each in bundles if not isinstance(each.classifier, RemoteClassifier)]
    yield from ([each] for each in bundles if isinstance(each.classifier, RemoteClassifier))


def _done(record: Record | None) -> bool:
    return record is not None and record.status == "ok"


def _bundled(cells: Sequence[Cell], options: Options) -> Iterator[tuple[Cell, ...]]:
    """Put cells of one representation and classifier together, unless each has its own limit."""
    together: dict[tuple[Way, Spec], list[Cell]] = defaultdict(list)
    for cell in cells:
        together[(cell.representation, cell.classifier)].append(cell)
    for group in together.values():
        if options.timeout_s is None:
            yield tuple(group)
        else:
            yield from ((cell,) for cell in group)


def _missing(
    ready: Ready, albums: Mapping[Way, AnyAlbum | Missing], cell: Cell
) -> tuple[Status, Missing] | None:
    """Say why a cell cannot run at all: a plugin is not to be had here, or drawing failed."""
    classifier = ready.resolved.classifiers[cell.classifier]
    if cell.representation == SIGNAL:
        return ("skipped", classifier) if isinstance(classifier, Missing) else None
    drawing = ready.resolved.drawings[cell.representation]
    for made in (drawing, classifier):
        if isinstance(made, Missing):
            return "skipped", made
    assert not isinstance(drawing, Missing)
    if isinstance(classifier, RasterClassifier):
        blind = cannot_see(classifier, drawing)
        return ("skipped", blind) if blind else None
    album = albums[cell.representation]
    return ("failed", album) if isinstance(album, Missing) else None


def _finish_without(
    ready: Ready, cells: Sequence[Cell], why: tuple[Status, Missing], session: Session
) -> Iterator[Record]:
    status, missing = why
    for cell in cells:
        made = ready.made[cell]
        record = Record(cell=cell, status=status, reason=missing.reason, made=made)
        known = ready.run.record(cell)
        if known is None or (known.status, known.reason) != (status, missing.reason):
            record = ready.run.finish(record, traceback=missing.traceback)
        yield _told(record, session)


def _told(record: Record, session: Session) -> Record:
    """Let plugins and the observer hear of a record."""
    session.hook.harness_cell_finished(record=record)
    session.observer.advance()
    return record


def _bundle(
    ready: Ready,
    albums: Mapping[Way, AnyAlbum | Missing],
    cells: tuple[Cell, ...],
    options: Options,
) -> Bundle:
    way, resolved = cells[0].representation, ready.resolved
    classifier = resolved.classifiers[cells[0].classifier]
    assert not isinstance(classifier, Missing)
    seen = _looked_at(ready, albums, way, classifier)
    labels = ready.collection.labels
    drawing = resolved.drawings.get(way)
    drawn = () if drawing is None or isinstance(drawing, Missing) else plugins_of(drawing)
    plugins = (resolved.dataset, *drawn, classifier)
    return Bundle(
        cells=cells,
        classifier=classifier,
        seen=seen,
        labels=tuple(labels[id] for id in seen.ids),
        splits={cell.split: ready.splits[cell.split] for cell in cells},
        run=ready.run,
        versions={plugin.name: plugin.version for plugin in plugins},
        made={cell: ready.made[cell] for cell in cells},
        max_calls=options.max_calls,
        fresh=options.fresh,
    )


def _looked_at(
    ready: Ready,
    albums: Mapping[Way, AnyAlbum | Missing],
    way: Way,
    classifier: LocalClassifier | RemoteClassifier,
) -> LookedAt:
    """Return what a classifier looks at: an album, or the clips to be read again."""
    if not isinstance(classifier, (SignalClassifier, RasterClassifier)):
        album = albums[way]
        assert not isinstance(album, Missing)
        return album
    drawing = ready.resolved.drawings[way] if isinstance(classifier, RasterClassifier) else None
    assert drawing is None or isinstance(drawing, Drawing)
    collection = ready.collection
    return Recordings(
        collection.dataset,
        tuple(collection.entries[row] for row in ready.rows),
        tuple(collection.readings[row].content for row in ready.rows),
        drawing,
    )


def _weight(bundle: Bundle) -> int:
    """Longest first: what is started last then ends soon."""
    return len(bundle.cells) * (0 if bundle.classifier.control else 1)


def _run_bundles(bundles: Sequence[Bundle], session: Session) -> Iterator[Record]:
    for bundle in bundles:
        for cell in bundle.cells:
            bundle.run.unmark_start(cell)
            session.hook.harness_cell_started(cell=cell)
    before = {cell: b.run.attempts(cell) for b in bundles for cell in b.cells}
    watch = _watch(bundles, session.observer)
    timeout_s = session.options.timeout_s
    for number, result in session.workers.each(run_bundle, bundles, timeout_s, watch):
        if isinstance(result, Lost):
            yield from _bury(bundles[number], before, result.reason, session)
        else:
            yield from (_told(record, session) for record in result)


def _bury(
    bundle: Bundle, before: Mapping[Cell, int], reason: str, session: Session
) -> Iterator[Record]:
    """Blame the cell whose process died; what was finished before counts, the rest goes on."""
    left = [cell for cell in bundle.cells if bundle.run.attempts(cell) == before[cell]]
    done = [cell for cell in bundle.cells if cell not in left]
    for cell in done:
        record = bundle.run.record(cell)
        if record is not None:
            yield _told(record, session)
    culprit = next((cell for cell in left if bundle.run.was_started(cell)), left[0])
    yield _told(_lose(bundle, culprit, reason), session)
    rest = tuple(cell for cell in left if cell != culprit)
    if rest:
        yield from _run_bundles([dataclasses.replace(bundle, cells=rest)], session)


def _lose(bundle: Bundle, cell: Cell, reason: str) -> Record:
    record = Record(
        cell=cell,
        status="failed",
        reason=reason,
        control=bundle.classifier.control,
        remote=isinstance(bundle.classifier, RemoteClassifier),
        versions=bundle.versions,
        made=bundle.made[cell],
    )
    return bundle.run.finish(record)


def _watch(bundles: Iterable[Bundle], observer: Observer) -> Callable[[], None]:
    """Return what looks, now and then, how far services are."""
    asked = [
        (bundle.run, cell)
        for bundle in bundles
        if isinstance(bundle.classifier, RemoteClassifier)
        for cell in bundle.cells
    ]

    def look() -> None:
        for run, cell in asked:
            progress = run.progress(cell)
            if progress is not None:
                observer.remote(str(cell), *progress)

    return look


def estimate(ready: Ready, albums: Mapping[Way, AnyAlbum | Missing]) -> dict[Cell, Estimate]:
    """Say what every remote cell is about to spend; the size of a picture is measured on some."""
    found = {}
    for cell in ready.resolved.plan.cells():
        classifier = ready.resolved.classifiers[cell.classifier]
        album = albums.get(cell.representation)
        if not isinstance(classifier, RemoteClassifier) or album is None:
            continue
        if isinstance(album, Missing):
            continue
        some = album.pictures(range(0, len(album), max(1, len(album) // 64)))
        size = sum(len(encode_jpeg(picture)) for picture in some.pixels) / len(some)
        split = ready.splits[cell.split]
        train = min(cell.train_size or len(split.train), len(split.train))
        found[cell] = classifier.estimate(train, len(split.holdout), size)
    return found
