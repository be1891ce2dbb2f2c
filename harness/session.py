"""Many cells: draw what they look at, run them, skip what cannot be had, go on where it stopped."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from harness.album import Album
from harness.cell import Bundle, run_bundle
from harness.collection import BLOCK
from harness.contracts import Estimate, RemoteClassifier
from harness.drawing import Drawn, draw_block, drawing_key
from harness.gallery import Gallery
from harness.pictures import Drawing, encode_jpeg
from harness.plan import Cell
from harness.preparation import Observer, Options, Ready
from harness.record import Record
from harness.specs import Chain, Spec
from harness.store import Run
from harness.values import Entry
from harness.workers import Lost, Workers


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
    for start in range(0, len(pairs), BLOCK):
        yield pairs[start : start + BLOCK]


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
