"""Many cells: draw what they look at, run them, skip what cannot be had, go on where it stopped."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from harness.contracts import Estimate, RemoteClassifier
from harness.pictures.album import Album
from harness.pictures.drawing import Drawing
from harness.pictures.encoding import encode_jpeg
from harness.planning.plan import Cell
from harness.planning.specs import Chain, Spec
from harness.results.record import Record
from harness.results.store import Run
from harness.running.cell import Bundle, run_bundle
from harness.running.options import Observer, Options
from harness.running.preparation import Ready
from harness.running.workers import Lost, Workers


def run_cells(
    ready: Ready,
    albums: Mapping[Chain, Album | str],
    options: Options,
    workers: Workers,
    observer: Observer,
    hook: Any,
) -> Iterator[Record]:
    """Run every cell of the plan that is not done; yield records as they come."""
    todo = [cell for cell in ready.resolved.plan.cells() if not _done(ready.run.record(cell))]
    observer.stage("running cells", len(todo))
    bundles = []
    for cells in _bundled(todo, options):
        hopeless = _hopeless(ready, albums, cells)
        if hopeless is not None:
            yield from _finish_without(ready.run, cells, *hopeless, observer, hook)
        else:
            bundles.append(_bundle(ready, albums, cells, options))
    bundles.sort(key=lambda bundle: -_weight(bundle))
    failed = False
    remote = [bundle for bundle in bundles if isinstance(bundle.classifier, RemoteClassifier)]
    # Services limit the rate of an account, not of a cell: their cells run one after another.
    groups = [[b for b in bundles if b not in remote], *([bundle] for bundle in remote)]
    for group in groups:
        for record in _run_bundles(group, options, workers, observer, hook):
            yield record
            failed = failed or record.status == "failed"
            if failed and options.fail_fast:
                observer.tell("Stopped at the first failure (--fail-fast).")
                return


def _done(record: Record | None) -> bool:
    return record is not None and record.status == "ok"


def _bundled(cells: Sequence[Cell], options: Options) -> Iterator[tuple[Cell, ...]]:
    """Put cells of one representation and classifier together, unless each has its own limit."""
    together: dict[tuple[Chain, Spec], list[Cell]] = defaultdict(list)
    for cell in cells:
        together[(cell.representation, cell.classifier)].append(cell)
    for group in together.values():
        if options.timeout_s is None:
            yield tuple(group)
        else:
            yield from ((cell,) for cell in group)


def _hopeless(
    ready: Ready, albums: Mapping[Chain, Album | str], cells: Sequence[Cell]
) -> tuple[str, str, str] | None:
    """Return status, reason and traceback where cells cannot run at all."""
    chain, spec = cells[0].representation, cells[0].classifier
    for made in (ready.resolved.drawings[chain], ready.resolved.classifiers[spec]):
        if isinstance(made, str):
            return "skipped", made, ""
    album = albums[chain]
    if isinstance(album, str):
        return "failed", f"drawing failed: {album.strip().splitlines()[-1]}", album
    return None


def _finish_without(
    run: Run,
    cells: Sequence[Cell],
    status: str,
    reason: str,
    traceback: str,
    observer: Observer,
    hook: Any,
) -> Iterator[Record]:
    for cell in cells:
        record = Record(cell=cell, status=cast(Any, status), reason=reason)
        known = run.record(cell)
        if known is None or (known.status, known.reason) != (status, reason):
            run.finish(record, traceback=traceback)
        hook.harness_cell_finished(record=record)
        observer.advance()
        yield record


def _bundle(
    ready: Ready, albums: Mapping[Chain, Album | str], cells: tuple[Cell, ...], options: Options
) -> Bundle:
    album = albums[cells[0].representation]
    drawing = ready.resolved.drawings[cells[0].representation]
    classifier = ready.resolved.classifiers[cells[0].classifier]
    assert isinstance(album, Album)
    assert isinstance(drawing, Drawing)
    assert not isinstance(classifier, str)
    labels = ready.collection.labels
    plugins = (ready.resolved.dataset, drawing.representation, *drawing.improvements, classifier)
    return Bundle(
        cells=cells,
        classifier=classifier,
        album=album,
        labels=tuple(labels[id] for id in album.ids),
        splits={cell.split: ready.splits[cell.split] for cell in cells},
        run=ready.run,
        versions={plugin.name: plugin.version for plugin in plugins},
        max_calls=options.max_calls,
    )


def _weight(bundle: Bundle) -> int:
    """Longest first: what is started last then ends soon."""
    return len(bundle.cells) * (0 if bundle.classifier.control else 1)


def _run_bundles(
    bundles: Sequence[Bundle],
    options: Options,
    workers: Workers,
    observer: Observer,
    hook: Any,
) -> Iterator[Record]:
    for bundle in bundles:
        for cell in bundle.cells:
            (bundle.run.work(cell) / "started").unlink(missing_ok=True)
            hook.harness_cell_started(cell=cell)
    before = {cell: b.run.attempts(cell) for b in bundles for cell in b.cells}
    watch = _watch(bundles, observer)
    for number, result in workers.each(
        run_bundle, [(b,) for b in bundles], options.timeout_s, watch
    ):
        bundle = bundles[number]
        if isinstance(result, Lost):
            left = [c for c in bundle.cells if bundle.run.attempts(c) == before[c]]
            done = [c for c in bundle.cells if c not in left]
            records = [r for c in done if (r := bundle.run.record(c)) is not None]
            culprit = _culprit(bundle, left)
            records.append(_lose(bundle, culprit, result.reason))
            rest = tuple(cell for cell in left if cell != culprit)
            if rest:
                again = dataclasses.replace(bundle, cells=rest)
                yield from _run_bundles([again], options, workers, observer, hook)
        else:
            records = result
        for record in records:
            hook.harness_cell_finished(record=record)
            observer.advance()
            yield record


def _culprit(bundle: Bundle, left: Sequence[Cell]) -> Cell:
    """Say which cell was being worked on when its process died."""
    started = [cell for cell in left if (bundle.run.work(cell) / "started").exists()]
    return (started or list(left))[0]


def _lose(bundle: Bundle, cell: Cell, reason: str) -> Record:
    record = Record(
        cell=cell,
        status="failed",
        reason=reason,
        control=bundle.classifier.control,
        remote=isinstance(bundle.classifier, RemoteClassifier),
        versions=bundle.versions,
    )
    bundle.run.finish(record)
    return record


def _watch(bundles: Iterable[Bundle], observer: Observer) -> Callable[[], None]:
    """Return what looks, now and then, how far services are."""
    boards = [
        (cell, bundle.run.folder / "work" / cell.slug / "progress.txt")
        for bundle in bundles
        if isinstance(bundle.classifier, RemoteClassifier)
        for cell in bundle.cells
    ]

    def look() -> None:
        for cell, board in boards:
            try:
                done, total, what = board.read_text(encoding="utf-8").split(" ", 2)
                observer.remote(str(cell), int(done), int(total), what)
            except (OSError, ValueError):
                continue

    return look


def estimate(ready: Ready, albums: Mapping[Chain, Album | str]) -> dict[Cell, Estimate]:
    """Say what every remote cell is about to spend; the size of a picture is measured on some."""
    found = {}
    for cell in ready.resolved.plan.cells():
        classifier = ready.resolved.classifiers[cell.classifier]
        album = albums.get(cell.representation)
        if not isinstance(classifier, RemoteClassifier) or not isinstance(album, Album):
            continue
        some = album.pictures(range(0, len(album), max(1, len(album) // 64)))
        size = sum(len(encode_jpeg(picture)) for picture in some.pixels) / len(some)
        split = ready.splits[cell.split]
        train = min(cell.train_size or len(split.train), len(split.train))
        found[cell] = classifier.estimate(train, len(split.holdout), size)
    return found
