"""Candidates on folds inside training: ordinary cells, kept in the ordinary store.

A trial's split is `inside` the training side: its holdout is one fold, so no clip of the real
holdout is drawn, learnt from or asked. What is finished is found again by content.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from harness.analysis.choice import Criterion
from harness.analysis.evidence import Evidence
from harness.clips.collection import Collection
from harness.clips.splits import Split
from harness.contracts import Dataset
from harness.errors import SightbenchError
from harness.measuring import environment
from harness.measuring.environment import Environment
from harness.pictures.stacks import AnyDrawing
from harness.planning.plan import Cell, Plan
from harness.planning.ways import Way
from harness.registry.catalogue import Catalogue
from harness.registry.resolution import Resolved, resolve_drawing
from harness.results.asked import Asked
from harness.results.identity import folder_name
from harness.results.record import Record
from harness.results.store import Run, Table
from harness.running.cells import run_cells
from harness.running.drawing import draw
from harness.running.looking import cannot_see
from harness.running.options import Session
from harness.running.preparation import Ready, what_makes
from harness.running.reading import BLOCK_LIMIT_S, CLIP_LIMIT_S
from harness.running.workers import Lost
from harness.searching.proposals import simpler
from harness.values import Entry, Missing, Signals

REHEARSED = 3
"""Training clips that are drawn in every new way before it is a candidate."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Some clips, to be drawn in some ways."""

    dataset: Dataset
    entries: Sequence[Entry]
    drawings: Sequence[AnyDrawing]


def rehearse(task: Rehearsal) -> list[str | None]:
    """Draw some clips in every way; return what tells the pictures of each way, or None.

    None stands for a way that does not fit these clips, or fails.
    """
    signals = []
    for entry in task.entries:
        clip = task.dataset.read(entry)
        signals.append(Signals(clip.samples[None], clip.rate))
    return [_told(drawing, signals) for drawing in task.drawings]


def _told(drawing: AnyDrawing, signals: Sequence[Signals]) -> str | None:
    digest = hashlib.blake2b(digest_size=12)
    try:
        for each in signals:
            digest.update(drawing.pixels(each).tobytes())
    except (Exception, SystemExit):  # it does not fit, or a stranger's plugin fails
        return None
    return digest.hexdigest()


@dataclass(slots=True)
class Trials:
    """The trials of one search, inside one training side.

    Parameters
    ----------
    resolved
        The plan of the search: its dataset and its one classifier.
    splits
        One a fold: the fold is held out.
    written
        What these splits are called in a plan.
    """

    resolved: Resolved
    catalogue: Catalogue
    collection: Collection
    splits: tuple[Split, ...]
    written: str
    table: Table
    session: Session
    drawings: dict[Way, AnyDrawing | Missing] = field(default_factory=dict)
    folders: dict[Cell, str] = field(default_factory=dict)
    pictures: dict[str, Way] = field(default_factory=dict)
    _evidence: Evidence | None = None
    _known: dict[Cell, Record | None] = field(default_factory=dict)
    _here: Environment = field(init=False)

    def __post_init__(self) -> None:
        self._here = environment.describe(self.session.options.jobs)

    def admit(self, ways: Iterable[Way], count: int) -> list[Way]:
        """Return the first few ways that fit the clips and draw what none did before.

        A parameter that changes nothing is left out of them.
        """
        fitting: dict[Way, AnyDrawing] = {}
        for way in ways:
            made = self._made(way)
            if made is not None and made[0] not in self.drawings:
                fitting[made[0]] = made[1]
        if not fitting:
            return []
        shorter = {way: self._shorter(way) for way in fitting}
        every = fitting | {each: made for found in shorter.values() for each, made in found.items()}
        told = self._told(every)
        admitted: list[Way] = []
        for way in fitting:
            seen = told[way]
            if seen is not None and seen not in self.pictures and len(admitted) < count:
                kept = next((each for each in shorter[way] if told[each] == seen), way)
                self.pictures[seen] = kept
                self.drawings[kept] = every[kept]
                admitted.append(kept)
        return admitted

    def _shorter(self, way: Way) -> dict[Way, AnyDrawing]:
        """Make a way with one parameter left out, for each of them."""
        made = [self._made(each) for each in simpler(way)]
        return {each[0]: each[1] for each in made if each is not None}

    def _told(self, drawings: Mapping[Way, AnyDrawing]) -> dict[Way, str | None]:
        """Draw a few training clips in some ways; say what tells the pictures of each."""
        self.session.observer.stage("drawing a few clips in new ways", None)
        entries, workers = self._rehearsed(), self.session.workers
        task = Rehearsal(self.resolved.dataset, entries, list(drawings.values()))
        (found,) = workers.in_order(rehearse, [task], BLOCK_LIMIT_S)
        if not isinstance(found, Lost):
            return dict(zip(drawings, found, strict=True))
        alone = [dataclasses.replace(task, drawings=[each]) for each in drawings.values()]
        limit_s = self.session.options.timeout_s or CLIP_LIMIT_S
        each = workers.in_order(rehearse, alone, limit_s)
        told = [None if isinstance(one, Lost) else one[0] for one in each]
        return dict(zip(drawings, told, strict=True))

    def run(self, ways: Sequence[Way], folds: Sequence[int]) -> None:
        """Run some ways on some folds; what is finished already is not run again."""
        ready = self._ready(ways, folds)
        self._evidence, self._known = None, {}
        if all(_is_ok(ready.run.record(cell)) for cell in ready.run.cells):
            return
        albums = draw(ready, self.session)
        for _ in run_cells(ready, albums, self.session):
            pass

    def asked(self) -> Run:
        """Return all trials so far as one run, as it would be written down."""
        return Run(self.table.folder, self._asked(self._plan(self._tried()), self.folders))

    def record(self, way: Way, fold: int) -> Record | None:
        """Read what came of a trial."""
        cell = self._cell(way, fold)
        if cell in self.folders and cell not in self._known:
            self._known[cell] = self._read().run.record(cell)
        return self._known.get(cell)

    def why_not(self, way: Way, folds: Sequence[int]) -> str:
        """Say why a way has no figures on all of some folds; empty where it has."""
        for fold in folds:
            record = self.record(way, fold)
            if not _is_ok(record):
                return record.reason if record is not None else "it was not reached"
        return ""

    def correct(self, way: Way, folds: Sequence[int]) -> NDArray[np.bool_]:
        """Say which clips of some folds were judged right."""
        return self._read().correct(self._records(way, folds))

    def groups(self, way: Way, folds: Sequence[int]) -> list[str | None] | None:
        """Say what each of these clips belongs together with."""
        return self._read().groups(self._records(way, folds))

    def figure(self, way: Way, folds: Sequence[int], by: Criterion) -> float:
        """Return what a way is ranked by on some folds: the higher, the better."""
        if by is Criterion.accuracy:
            return float(self.correct(way, folds).mean())
        sides = [record.holdout for record in self._records(way, folds)]
        values = [getattr(side, by.figure) for side in sides if side is not None]
        known = [by.better(value) for value in values if value is not None]
        return float(np.mean(known)) if known else -np.inf

    def _records(self, way: Way, folds: Sequence[int]) -> list[Record]:
        records = [self.record(way, fold) for fold in folds]
        return [record for record in records if record is not None]

    def _made(self, way: Way) -> tuple[Way, AnyDrawing] | None:
        """Make a way; None where its parts do not fit together, or the classifier cannot see it."""
        try:
            canonical, drawing = resolve_drawing(self.catalogue, way, self.resolved.plan)
        except SightbenchError:
            return None
        (classifier,) = self.resolved.classifiers.values()
        if isinstance(drawing, Missing) or cannot_see(classifier, drawing) is not None:
            return None
        return canonical, drawing

    def _rehearsed(self) -> list[Entry]:
        ids = self.splits[0].train
        step = max(1, (len(ids) - 1) // (REHEARSED - 1))
        return list(self.collection.entries.take(self.collection.rows_of(ids[::step][:REHEARSED])))

    def _cell(self, way: Way, fold: int) -> Cell:
        (classifier,) = self.resolved.plan.classifiers
        return Cell(way, classifier, fold, self.resolved.plan.seed)

    def _plan(self, ways: Sequence[Way]) -> Plan:
        return dataclasses.replace(
            self.resolved.plan,
            representations=tuple(ways),
            split=self.written,
            splits=len(self.splits),
            folds=0,
        )

    def _tried(self) -> tuple[Way, ...]:
        return tuple(dict.fromkeys(cell.representation for cell in self.folders))

    def _ready(self, ways: Sequence[Way], folds: Sequence[int]) -> Ready:
        plan = self._plan(ways)
        resolved = dataclasses.replace(
            self.resolved, plan=plan, drawings={way: self.drawings[way] for way in ways}
        )
        wanted = set(folds)
        all_made = what_makes(resolved, self.collection, self.splits)
        made = {cell: each for cell, each in all_made.items() if cell.split in wanted}
        folders = {cell: folder_name(cell, each) for cell, each in made.items()}
        self.folders.update(folders)
        run = self.table.open(self._asked(plan, folders), self.splits)
        return Ready(resolved, self.collection, self.splits, run, made)

    def _asked(self, plan: Plan, folders: dict[Cell, str]) -> Asked:
        return Asked.of(plan, self.splits, folders, self._here)

    def _read(self) -> Evidence:
        if self._evidence is None:
            self._evidence = Evidence(self.asked())
        return self._evidence


def _is_ok(record: Record | None) -> bool:
    return record is not None and record.status == "ok"
