"""One cell, start to end.

clips → split → representation → improvements → picture → classifier fit / predict →
predictions → scores → record. Cells that share pictures and a classifier share its features.
"""

from __future__ import annotations

import dataclasses
import tempfile
import traceback as tracebacks
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.clips.splits import Split
from harness.clips.splitting import Rows
from harness.columns.column import Column
from harness.columns.named import Named
from harness.columns.strings import Strings
from harness.columns.values import Coded
from harness.contracts import ONE_CORE, Fitted, Job, LocalClassifier, RemoteClassifier
from harness.errors import Spoilt, Stopped, Unavailable, one_line
from harness.measuring.timing import Stopwatch
from harness.pictures.encoding import encode_jpeg
from harness.planning.plan import Cell
from harness.results.identity import Made
from harness.results.predictions import PredictionTable
from harness.results.record import Record, SideCounts, Status
from harness.results.scores import score, score_validated
from harness.results.store import Run
from harness.running.ahead import import_now
from harness.running.checks import check_predictions, check_same_prediction
from harness.running.computed import Computed
from harness.running.features import Shelf, features_of
from harness.running.leaks import count_twins
from harness.running.looking import LookedAt, Recordings, look_at
from harness.running.lots import drawn_by_lot
from harness.running.needs import threads_of
from harness.running.places import host
from harness.values import Costs, Features, Predictions, Resources

ASKED_AT_ONCE = 65536
_SAID = ("ids", "labels")


@dataclass(frozen=True, slots=True)
class Bundle:
    """Cells of one representation and one classifier, to be run one after another.

    Parameters
    ----------
    seen
        What the classifier looks at: pictures, drawn already, or the clips themselves.
    labels, groups, positions
        Of the clips, in that order.
    splits
        By number.
    versions, made
        Of the plugins; of each cell; for the record.
    bookkeeping
        What is not the signal [shape=(clips, 5)], for a control that sees nothing else.
    max_calls
        What a service may be asked at most, for each cell.
    fresh
        Ask again what another start has finished.
    shelf
        Where features are kept, if the classifier wants them kept.
    computed
        Features that were computed before, with those of other classifiers.
    attempts
        How many results each cell had when it was sent to a machine that may be lost: one more,
        and another has finished it meanwhile. Empty where no machine can be lost.
    resources
        What its cells get of the machine that runs them.
    imports
        Modules that its classifier learns with: imported before anything is timed.
    """

    cells: tuple[Cell, ...]
    classifier: LocalClassifier | RemoteClassifier
    seen: LookedAt
    labels: Coded[str]
    groups: Column[str | None]
    positions: Column[float | None]
    splits: Mapping[int, Split]
    run: Run
    versions: Mapping[str, str]
    made: Mapping[Cell, Made]
    bookkeeping: NDArray[np.float64] | None = None
    max_calls: int | None = None
    fresh: bool = False
    shelf: Shelf | None = None
    computed: Computed | None = None
    attempts: Mapping[Cell, int] = field(default_factory=dict)
    resources: Resources = ONE_CORE
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking at all clips: features, and a hash of what was seen of each, by id."""

    values: NDArray[Any]
    hashes: Named[str]


@dataclass(slots=True)
class Bench:
    """What one cell has before it: what it looked at, its split, a stopwatch.

    Rows are those of the clips that the bundle looks at.
    """

    bundle: Bundle
    cell: Cell
    split: Split
    looked: Looked
    watch: Stopwatch

    @property
    def ids(self) -> Strings:
        """The clips."""
        return self.bundle.seen.ids

    @property
    def labels(self) -> Coded[str]:
        """The class of each clip."""
        return self.bundle.labels

    def rows(self, ids: Sequence[str]) -> Rows:
        """Return the rows of some clips."""
        return self.ids.places(ids)

    def by_id(self, rows: Rows) -> Rows:
        """Sort rows by the ids of their clips."""
        return rows[self.ids.take(rows).order()]

    def take(self, rows: Rows) -> Features:
        """Return the features of some clips, with their groups and positions, to learn from."""
        groups = tuple(self.bundle.groups.take(rows))
        positions = tuple(self.bundle.positions.take(rows))
        return dataclasses.replace(self.ask(rows), groups=groups, positions=positions)

    def ask(self, rows: Rows) -> Features:
        """Return the features of some clips alone, to predict from."""
        return Features(self.looked.values[rows], tuple(self.ids.take(rows)))

    def truth(self, rows: Rows) -> NDArray[np.str_]:
        """Return the labels of some clips."""
        return np.array(list(self.labels.take(rows)), dtype=np.str_)


@dataclass(frozen=True, slots=True)
class Measured:
    """Predictions of one cell and what they cost; `stopped` says why some are missing."""

    table: PredictionTable
    costs: Costs | None
    stopped: str = ""


def run_bundle(bundle: Bundle) -> list[Record] | Spoilt:
    """Run cells one after another; each is on disk when it is done, whatever comes next.

    Pictures that are damaged or gone come back as `Spoilt`: no figures are made of others.
    """
    records: list[Record] = []
    here = host()  # before strangers' code
    import_now(bundle.imports)
    with (
        threads_of(bundle.classifier),
        tempfile.TemporaryDirectory(prefix="sightbench-") as scratch,
    ):
        shared: Looked | None = None
        watch = Stopwatch()
        for cell in bundle.cells:
            with _alone(bundle, cell) as finished:
                if finished is not None:
                    records.append(finished)
                    continue
                bundle.run.mark_start(cell, here)
                try:
                    if shared is None:
                        watch = Stopwatch(bundle.seen.laps())
                        shared = _look(bundle, watch, Path(scratch))
                    records.append(_run_cell(bundle, cell, shared, watch, here))
                except Spoilt as error:
                    return error
                except Unavailable as error:
                    records.append(_put_down(bundle, cell, "skipped", error))
                except Stopped as error:
                    records.append(_put_down(bundle, cell, "partial", error))
                except (Exception, SystemExit) as error:  # a stranger's: this cell fails alone
                    trace = tracebacks.format_exc()
                    records.append(_put_down(bundle, cell, "failed", error, trace))
    return records


@contextmanager
def _alone(bundle: Bundle, cell: Cell) -> Iterator[Record | None]:
    """Let one start at a time talk to a service about a cell; give what another has finished.

    Whatever two starts of a command compute twice costs time; what they ask twice costs money.
    """
    if not isinstance(bundle.classifier, RemoteClassifier):
        yield _finished_meanwhile(bundle, cell)
        return
    with bundle.run.alone_with(cell):
        known = None if bundle.fresh else bundle.run.record(cell)
        yield known if known is not None and known.status == "ok" else None


def _finished_meanwhile(bundle: Bundle, cell: Cell) -> Record | None:
    """Return what another machine, given up as lost, has finished."""
    if cell not in bundle.attempts or bundle.run.attempts(cell) <= bundle.attempts[cell]:
        return None
    return bundle.run.record(cell)


def _look(bundle: Bundle, watch: Stopwatch, scratch: Path) -> Looked:
    """Gather what the classifier learns from, once for all folds and splits."""
    seen, classifier = bundle.seen, bundle.classifier
    if isinstance(seen, Recordings):
        assert isinstance(classifier, LocalClassifier)
        found, hashes = look_at(classifier, seen, watch, scratch)
        return Looked(found.values, hashes)
    if bundle.bookkeeping is not None:
        return Looked(bundle.bookkeeping, seen.hashes())
    if bundle.computed is not None:
        values = bundle.computed.read(len(seen), watch, scratch)
        if values is not None:
            return Looked(values, seen.hashes())
    return Looked(features_of(classifier, seen, bundle.shelf, watch, scratch).values, seen.hashes())


def _run_cell(bundle: Bundle, cell: Cell, looked: Looked, shared: Stopwatch, here: str) -> Record:
    labels = Named(bundle.seen.ids, bundle.labels)
    bench = Bench(
        bundle=bundle,
        cell=cell,
        split=_sized(bundle.splits[cell.split], cell, labels),
        looked=looked,
        watch=Stopwatch({name: list(laps) for name, laps in shared.laps.items()}),
    )
    remote = isinstance(bundle.classifier, RemoteClassifier)
    measure = _measure_remote if remote else _measure_local
    measured = measure(bundle, bench)
    record = dataclasses.replace(_record(bundle, bench, measured), host=here)
    return _finished_meanwhile(bundle, cell) or bundle.run.finish(record, measured.table)


def _measure_local(bundle: Bundle, bench: Bench) -> Measured:
    """Cross-validate inside training, then learn from all of it and predict the holdout."""
    classifier = bundle.classifier
    assert isinstance(classifier, LocalClassifier)
    split = bench.split
    parts: list[tuple[str, int | None, Predictions]] = []
    train, folds = bench.rows(split.train), np.array(split.folds)
    folded = bench.cell.train_size is None and classifier.cross_validates()
    for fold in range(split.fold_count if folded else 0):
        held = folds == fold
        said = _fit_predict(classifier, bench, train[~held], train[held], fold + 1)
        parts.append(("cv", fold, said))
    said = _fit_predict(classifier, bench, train, bench.rows(split.holdout), 0)
    return Measured(_table([*parts, ("holdout", None, said)], bench), None)


def _fit_predict(
    classifier: LocalClassifier, bench: Bench, train: Rows, asked: Rows, draw: int
) -> Predictions:
    rng = np.random.default_rng([bench.cell.seed, draw])
    # By id, as a classifier that must not depend on their order would sort them, by a copy of all.
    train = bench.by_id(train)
    train = drawn_by_lot(train, bench.labels, classifier.most_clips, (bench.cell.seed, draw))
    with bench.watch.stage("fit", len(train)):
        fitted = classifier.fit(bench.take(train), bench.truth(train), rng)
    with bench.watch.stage("predict", len(asked)):
        said = _predict(classifier, fitted, bench, asked)
    if len(asked) > 1:
        row = len(asked) // 2
        one = bench.ask(asked[[row]])
        alone = fitted.predict(one)
        check_predictions(classifier.name, alone, one.ids)
        check_same_prediction(classifier.name, alone, said, row)
    return said


def _predict(classifier: LocalClassifier, fitted: Fitted, bench: Bench, asked: Rows) -> Predictions:
    """Ask for clips, many at a time: the features of all that are held out need not fit."""
    parts = []
    for start in range(0, len(asked), ASKED_AT_ONCE):
        shown = bench.ask(asked[start : start + ASKED_AT_ONCE])
        said = fitted.predict(shown)
        check_predictions(classifier.name, said, shown.ids)
        parts.append(said)
    if len(parts) == 1:
        return parts[0]
    ids, labels = (tuple(chain.from_iterable(getattr(p, n) for p in parts)) for n in _SAID)
    return Predictions(ids, labels, parts[0].classes, np.concatenate([p.scores for p in parts]))


def _measure_remote(bundle: Bundle, bench: Bench) -> Measured:
    """Let a service learn, read its own cross-validation, ask it for the holdout."""
    classifier, split, run = bundle.classifier, bench.split, bundle.run
    assert isinstance(classifier, RemoteClassifier)
    job = Job(
        title=f"{run.folder.parent.name} {bench.cell} {split.digest()[:8]}",
        folder=run.work(bench.cell),
        encode=encode_jpeg,
        contents=split.contents,
        progress=partial(run.post_progress, bench.cell),
        max_calls=bundle.max_calls,
    )
    train = bench.rows(split.train)
    with bench.watch.stage("fit", len(train)):
        fitted = classifier.fit(bench.take(train), bench.truth(train), job)
    validated = fitted.cross_validated()
    asked, stopped = bench.ask(bench.rows(split.holdout)), ""
    with bench.watch.stage("predict", len(split.holdout)):
        try:
            said = fitted.predict(asked)
        except Stopped as error:
            said, stopped = fitted.answered(asked), one_line(error)
    check_predictions(classifier.name, said, asked.ids)
    table = _table([("cv", None, validated), ("holdout", None, said)], bench)
    return Measured(table, fitted.costs(), stopped)


def _sized(split: Split, cell: Cell, labels: Named[str]) -> Split:
    """Cut training down to a size, classes in the same share; smaller sizes are inside larger."""
    if cell.train_size is None or cell.train_size >= len(split.train):
        return split
    order = np.random.default_rng([cell.seed, 0x517E]).permutation(len(split.train))
    clips, classes = tuple(split.train), tuple(labels.pick(split.train))
    members: dict[str, list[str]] = {}
    for place in order.tolist():
        members.setdefault(classes[place], []).append(clips[place])
    # Clips of every class are spread evenly over one line; its first ones are the sample.
    line = sorted(
        ((position + 0.5) / len(ids), name, id)
        for name, ids in members.items()
        for position, id in enumerate(ids)
    )
    kept = {id for _, _, id in line[: cell.train_size]}
    train = Strings.of(id for id in clips if id in kept)
    used = Strings.joined((train, Strings.of(split.holdout)))
    contents = Named(used, Strings.of(split.hashes(used)))
    return Split(split.kind, train, split.holdout, (), contents, split.dropped)


def _table(parts: Sequence[tuple[str, int | None, Predictions]], bench: Bench) -> PredictionTable:
    """Put parts one below the other; a class that a fold never saw gets probability 0 there."""
    classes = tuple(sorted({name for _, _, said in parts for name in said.classes}))
    scores = []
    for _, _, said in parts:
        columns = [classes.index(name) for name in said.classes]
        wide = np.zeros((len(said), len(classes)))
        wide[:, columns] = said.scores
        wide[np.isnan(said.scores).any(axis=1)] = np.nan
        scores.append(wide)
    ids = tuple(chain.from_iterable(said.ids for _, _, said in parts))
    labels = chain.from_iterable(said.labels for _, _, said in parts)
    return PredictionTable(
        sides=tuple(chain.from_iterable(repeat(side, len(said)) for side, _, said in parts)),
        folds=tuple(chain.from_iterable(repeat(fold, len(said)) for _, fold, said in parts)),
        true=tuple(bench.labels.take(bench.rows(ids))),
        predictions=Predictions(ids, tuple(labels), classes, np.concatenate(scores)),
    )


def _record(bundle: Bundle, bench: Bench, measured: Measured) -> Record:
    holdout, cv = measured.table.side("holdout"), measured.table.side("cv")
    return Record(
        cell=bench.cell,
        status="partial" if measured.stopped else "ok",
        reason=measured.stopped,
        control=bundle.classifier.control,
        remote=isinstance(bundle.classifier, RemoteClassifier),
        cv=score_validated(cv.true, cv.predictions, cv.folds),
        holdout=score(holdout.true, holdout.predictions),
        seconds=bench.watch.summary(),
        clips=SideCounts(len(bench.split.train), len(bench.split.holdout)),
        learnt=_learnt(bundle, len(bench.split.train)),
        twins=count_twins(bench.split, bench.looked.hashes),
        costs=measured.costs,
        versions=dict(bundle.versions),
        made=bundle.made[bench.cell],
        resources=bundle.resources,
    )


def _learnt(bundle: Bundle, train: int) -> int | None:
    """Return how many clips were learnt from, where it was not all of training."""
    most = getattr(bundle.classifier, "most_clips", None)
    return most if most is not None and most < train else None


def _put_down(
    bundle: Bundle, cell: Cell, status: Status, error: BaseException, traceback: str = ""
) -> Record:
    """Record why a cell has no figures."""
    record = Record(
        cell=cell,
        status=status,
        reason=one_line(error),
        control=bundle.classifier.control,
        remote=isinstance(bundle.classifier, RemoteClassifier),
        costs=_spent(bundle, cell),
        versions=dict(bundle.versions),
        made=bundle.made[cell],
    )
    return bundle.run.finish(record, traceback=traceback)


def _spent(bundle: Bundle, cell: Cell) -> Costs | None:
    """Say what a service was paid for a cell that came to nothing."""
    if not isinstance(bundle.classifier, RemoteClassifier):
        return None
    return bundle.classifier.spent(bundle.run.work(cell))
