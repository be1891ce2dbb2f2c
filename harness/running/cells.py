"""Many cells: draw what they look at, run them, skip what cannot be had, go on where it stopped."""

from __future__ import annotations

import dataclasses
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.clips.telltales import fact_columns
from harness.columns.strings import Strings
from harness.contracts import (
    ONE_CORE,
    Classifier,
    LocalClassifier,
    RasterClassifier,
    RemoteClassifier,
    SignalClassifier,
)
from harness.errors import Spoilt
from harness.files.documents import get_ready
from harness.pictures.drawing import Drawing
from harness.pictures.stacks import AnyAlbum, plugins_of, way_key
from harness.planning.plan import Cell
from harness.planning.resources import Wishes
from harness.planning.specs import Spec
from harness.planning.ways import SIGNAL, Way
from harness.results.asked import Asked
from harness.results.clips import ClipsAbout
from harness.results.record import Record, Status, WrittenRecord
from harness.results.store import Run
from harness.running.ahead import import_ahead, slow_imports
from harness.running.cell import Bundle, run_bundle
from harness.running.drawing import draw
from harness.running.features import Shelf, compute_block, features_key, features_tasks
from harness.running.listeners import tell_listeners
from harness.running.looking import LookedAt, Recordings, cannot_see
from harness.running.needs import needs_of, wishes_of
from harness.running.options import Observer, Options, Session
from harness.running.preparation import Ready, sees_bookkeeping
from harness.running.room import SHARE_UNSEEN, warn_of_excess
from harness.running.scratch import scratch_folder
from harness.running.sharing import look_together
from harness.running.workers import Lost
from harness.values import Missing, Resources

Without = tuple[tuple[Cell, ...], tuple[Status, Missing]]
"""Cells that cannot run, and why."""

LOOK_EVERY_S = 1.0
"""Which cells are under way is looked up so often, at most."""


def unfinished(ready: Ready, fresh: bool) -> list[Cell]:
    """Return the cells of the plan that have no result, or all where they are to run again."""
    return [cell for cell in ready.run.cells if fresh or not _done(ready.run.record(cell))]


def run_cells(
    ready: Ready,
    albums: Mapping[Way, AnyAlbum | Missing],
    session: Session,
    todo: Sequence[Cell] | None = None,
) -> Iterator[Record]:
    """Run cells, by default every one that is not done; yield records as they come."""
    if todo is None:
        todo = unfinished(ready, session.options.fresh)
    options, bundles = session.options, list[Bundle]()
    without: list[Without] = []
    for cells in _bundled(todo, options):
        missing = _missing(ready, albums, cells[0])
        if missing is not None:
            without.append((cells, missing))
        else:
            bundles.append(_bundle(ready, albums, cells, options))
    bundles, lacking = _with_resources(
        bundles, session, wishes_of(options.resources, ready.resolved)
    )
    without += lacking
    bundles = compute_features(bundles, session)
    bundles.sort(key=lambda bundle: -_weight(bundle))
    with scratch_folder(options.scratch) as folder:
        bundles = look_together(bundles, session, folder)
        yield from _run_all(bundles, without, session, ready, len(todo))


def _run_all(
    bundles: Sequence[Bundle],
    without: Sequence[Without],
    session: Session,
    ready: Ready,
    count: int,
) -> Iterator[Record]:
    """Run cells that can run, put down those that cannot, `count` in all."""
    total = len(ready.run.cells)
    session.begin(bundles)
    session.observer.stage("running cells", total, total - count)
    for cells, missing in without:
        yield from _finish_without(ready, cells, missing, session)
    for group in _one_service_at_a_time(bundles):
        for record in _run_bundles(group, session, ready):
            yield record
            if record.status == "failed" and session.options.fail_fast:
                session.observer.tell("Stopped at the first failure (--fail-fast).")
                return


def _one_service_at_a_time(bundles: Sequence[Bundle]) -> Iterator[list[Bundle]]:
    """Services limit the rate of an account, not of a cell: their cells run one after another."""
    yield [each for each in bundles if not _is_service(each)]
    yield from ([each] for each in bundles if _is_service(each))


def _is_service(bundle: Bundle) -> bool:
    return isinstance(bundle.classifier, RemoteClassifier)


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
    tell_listeners(session, "harness_cell_finished", record=record)
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
    drawing = resolved.drawings.get(way)
    drawn = () if drawing is None or isinstance(drawing, Missing) else plugins_of(drawing)
    plugins = (resolved.dataset, *drawn, classifier)
    entries = ready.collection.entries.take(ready.rows)
    return Bundle(
        cells=cells,
        classifier=classifier,
        seen=_looked_at(ready, albums, way, classifier),
        labels=entries.labels,
        groups=entries.groups,
        positions=entries.column("position"),
        splits={cell.split: ready.splits[cell.split] for cell in cells},
        # A plugin may change the current folder; its cells are kept where they belong.
        run=dataclasses.replace(ready.run, folder=ready.run.folder.absolute()),
        versions={plugin.name: plugin.version for plugin in plugins},
        made={cell: ready.made[cell] for cell in cells},
        bookkeeping=_bookkeeping(ready) if sees_bookkeeping(classifier) else None,
        max_calls=options.max_calls,
        fresh=options.fresh,
        shelf=_shelf(ready, way, classifier, options),
        imports=slow_imports([classifier]),
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
        collection.entries.take(ready.rows),
        Strings.of_bytes(collection.readings.contents[ready.rows]),
        drawing,
    )


def _shelf(
    ready: Ready, way: Way, classifier: LocalClassifier | RemoteClassifier, options: Options
) -> Shelf | None:
    """Say where features are kept, if the classifier wants them kept."""
    if not isinstance(classifier, Classifier) or not classifier.keep_features:
        return None
    drawing = ready.resolved.drawings[way]
    assert not isinstance(drawing, Missing)
    key = features_key(way_key(drawing), classifier)
    return Shelf(options.gallery.features, key, ready.collection.readings.contents[ready.rows])


def _with_resources(
    bundles: Sequence[Bundle], session: Session, wishes: Wishes
) -> tuple[list[Bundle], list[Without]]:
    """Give bundles what they need of a machine; those that no machine can have are left out."""
    found: list[Bundle] = []
    without: list[Without] = []
    for bundle in bundles:
        needs = needs_of(bundle.classifier, wishes)
        offered = ONE_CORE if needs == ONE_CORE else _offered(needs, bundles, session)
        if isinstance(offered, Missing):
            why = dataclasses.replace(offered, reason=f"{bundle.classifier.name} {offered.reason}")
            without.append((bundle.cells, ("skipped", why)))
            continue
        if offered.cores < needs.cores:
            session.observer.tell(
                f"{bundle.classifier.name} asks for {needs.cores} cores and gets {offered.cores}, "
                "the most that there are: it takes longer, the figures are the same."
            )
        found.append(dataclasses.replace(bundle, resources=offered))
    return found, without


def _offered(needs: Resources, bundles: Sequence[Bundle], session: Session) -> Resources | Missing:
    session.begin(bundles)
    return session.workers.crew.offer(needs)


def compute_features(bundles: Sequence[Bundle], session: Session) -> list[Bundle]:
    """Compute the features that are to be kept and are not, in all workers.

    Where that fails the cells compute theirs themselves, and say what is wrong.
    """
    gallery, fresh = session.options.gallery, session.options.fresh
    by_key = {bundle.shelf.key: bundle for bundle in bundles if bundle.shelf is not None}
    failed = {key for key, bundle in by_key.items() if not _compute_features(bundle, session)}
    if by_key:
        warn_of_excess(gallery, session.observer)
    # What was kept by an earlier start is not to be used in place of what failed now.
    return [
        dataclasses.replace(bundle, shelf=None)
        if fresh and bundle.shelf is not None and bundle.shelf.key in failed
        else bundle
        for bundle in bundles
    ]


def _compute_features(bundle: Bundle, session: Session) -> bool:
    """Compute and keep the features that a bundle lacks; say whether it went well."""
    classifier, shelf, album = bundle.classifier, bundle.shelf, bundle.seen
    options = session.options
    assert isinstance(classifier, Classifier)
    assert shelf is not None
    assert not isinstance(album, Recordings)
    title = f"{bundle.cells[0].representation} | {classifier.name}"
    options.gallery.features.name(shelf.key, title)
    tasks = features_tasks(classifier, album, shelf, options.fresh)
    session.begin(tasks)
    session.observer.stage(f"computing features: {title}", sum(len(each.rows) for each in tasks))
    often = max(1, len(tasks) // SHARE_UNSEEN)
    went = session.workers.each(
        compute_block, tasks, options.timeout_s, needs=lambda task: bundle.resources
    )
    for number, went_well in went:
        session.observer.advance(len(tasks[number].rows))
        if went_well is not True:
            return False
        if number % often == 0:
            options.gallery.shrink()
    return True


def _bookkeeping(ready: Ready) -> NDArray[np.float64]:
    """Return what is known of the clips without their signal, in the order of `Ready.rows`."""
    table = fact_columns(ready.collection.readings)
    return table[ready.rows]


def _weight(bundle: Bundle) -> int:
    """Longest first: what is started last then ends soon."""
    return len(bundle.cells) * (0 if bundle.classifier.control else 1)


def _run_bundles(
    bundles: Sequence[Bundle], session: Session, ready: Ready | None
) -> Iterator[Record]:
    """Run bundles; those whose pictures are damaged once more, unless `ready` is None."""
    for bundle in bundles:
        for cell in bundle.cells:
            bundle.run.unmark_start(cell)
            tell_listeners(session, "harness_cell_started", cell=cell)
    before = {cell: b.run.attempts(cell) for b in bundles for cell in b.cells}
    if session.elsewhere:
        bundles = [_counted(bundle, before) for bundle in bundles]
    watch = _watch(bundles, session.observer)
    timeout_s = session.options.timeout_s
    spoilt: list[Bundle] = []
    workers = session.workers
    if session.services is not None and any(map(_is_service, bundles)):
        workers = session.services
    session.begin(bundles, workers)
    if bundles:
        import_ahead(session.options.imports, _documents_ready)
    for number, result in workers.each(
        run_bundle, bundles, timeout_s, watch, lambda bundle: bundle.resources
    ):
        bundle = bundles[number]
        if isinstance(result, Lost):
            yield from _bury(bundle, before, result.reason, session, ready)
        elif not isinstance(result, Spoilt):
            yield from (_told(record, session) for record in result)
        elif ready is None:
            yield from (_told(_lose(bundle, c, str(result)), session) for c in bundle.cells)
        else:
            spoilt.append(bundle)
    if spoilt and ready is not None:
        yield from _run_again(spoilt, session, ready)


def _documents_ready() -> None:
    """Make what checks the documents that a table is made of."""
    get_ready(Asked, ClipsAbout, WrittenRecord)


def _counted(bundle: Bundle, before: Mapping[Cell, int]) -> Bundle:
    return dataclasses.replace(bundle, attempts={cell: before[cell] for cell in bundle.cells})


def _run_again(bundles: Sequence[Bundle], session: Session, ready: Ready) -> Iterator[Record]:
    """Draw damaged pictures anew, and run the cells that looked at them once more."""
    for bundle in bundles:
        if not isinstance(bundle.seen, Recordings):
            bundle.seen.sift()
    home = session.options.gallery.folder
    session.observer.tell(f"Pictures in {home} were damaged or gone; they are drawn anew.")
    albums = draw(ready, session, [c for each in bundles for c in each.cells], fresh=False)
    mended = []
    for bundle in bundles:
        album = albums[bundle.cells[0].representation]
        if isinstance(album, Missing):
            yield from _finish_without(ready, bundle.cells, ("failed", album), session)
        else:
            mended.append(dataclasses.replace(bundle, seen=album))
    yield from _run_bundles(mended, session, None)


def _bury(
    bundle: Bundle,
    before: Mapping[Cell, int],
    reason: str,
    session: Session,
    ready: Ready | None,
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
        yield from _run_bundles([dataclasses.replace(bundle, cells=rest)], session, ready)


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
    """Return what looks, now and then, which cells are under way and how far services are."""
    cells = [(bundle.run, cell) for bundle in bundles for cell in bundle.cells]
    asked = [
        (bundle.run, cell)
        for bundle in bundles
        if isinstance(bundle.classifier, RemoteClassifier)
        for cell in bundle.cells
    ]

    looked = 0.0

    def look() -> None:
        nonlocal looked
        if time.monotonic() - looked >= LOOK_EVERY_S:
            looked = time.monotonic()
            observer.busy([_at_work(run, cell) for run, cell in cells if run.was_started(cell)])
        for run, cell in asked:
            progress = run.progress(cell)
            if progress is not None:
                observer.remote(str(cell), *progress)

    return look


def _at_work(run: Run, cell: Cell) -> str:
    """Name a cell that is being worked on, and the other machine if it is on one."""
    host = run.started_on(cell)
    return f"{cell} on {host}" if host else str(cell)
