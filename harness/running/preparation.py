"""Before any cell: clips read and checked, splits made, pictures rehearsed, a folder opened."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.clips.collection import Collection
from harness.clips.oddities import find_oddities
from harness.clips.split_kinds import parse_split_kind, suggest
from harness.clips.splits import Split, read_split, verify
from harness.clips.telltales import fact_columns
from harness.columns.strings import Strings
from harness.contracts import Classifier, Dataset, Plugin, RasterClassifier
from harness.errors import Inapplicable, PlanError, SplitError, StoreError
from harness.measuring import environment
from harness.pictures.drawing import Drawing
from harness.pictures.keys import SIGNAL_KEY, raster_key
from harness.pictures.stacks import AnyDrawing, way_key
from harness.planning.plan import Cell, Plan
from harness.planning.specs import Spec
from harness.planning.ways import SIGNAL, Way
from harness.registry.resolution import Resolved
from harness.results.asked import Asked
from harness.results.clips import ClipsAbout
from harness.results.identity import Made, folder_name
from harness.results.predictions import clips_text
from harness.results.recordings import Recordings, Window
from harness.results.store import Run, Table, elsewhere, open_table
from harness.running.options import Session
from harness.running.reading import BLOCK_LIMIT_S, collect_clips, collect_drawn
from harness.running.workers import Lost
from harness.sources.digests import plugin_key
from harness.sources.libraries import library_version
from harness.values import Entry, Missing, Signals

LIBRARIES = ("numpy", "scipy")
"""What every classifier stands on, beside what its own source imports."""


@dataclass(frozen=True)
class Ready:
    """Everything that cells need but their pictures."""

    resolved: Resolved
    collection: Collection
    splits: tuple[Split, ...]
    run: Run
    made: Mapping[Cell, Made]

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """The rows of the clips that any split uses."""
        return _used(self.collection, self.splits)


@dataclass(frozen=True)
class Survey:
    """What a plan comes to, before anything is written.

    Parameters
    ----------
    finished
        Cells that have a result already and need not be run.
    """

    resolved: Resolved
    collection: Collection
    splits: tuple[Split, ...]
    made: Mapping[Cell, Made]
    finished: frozenset[Cell] = frozenset()

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """The rows of the clips that any split uses."""
        return _used(self.collection, self.splits)


def _used(collection: Collection, splits: Sequence[Split]) -> NDArray[np.intp]:
    used = np.zeros(len(collection), bool)
    for split in splits:
        used[collection.rows_of(split.contents)] = True
    return np.flatnonzero(used)


def make_splits(plan: Plan, collection: Collection) -> tuple[Split, ...]:
    """Read the saved split that a plan names, or make its splits.

    Raises
    ------
    SplitError
        It cannot be made, or does not fit the data.
    """
    if plan.split.endswith(".json"):
        if plan.splits > 1:
            raise PlanError("A saved split is one split: give a kind to have several (--splits).")
        split = read_split(Path(plan.split).expanduser())
        verify(split, collection)
        return (split,)
    kind = parse_split_kind(plan.split or suggest(collection))
    try:
        own = kind.splits(collection)
        if own is not None and plan.splits not in (1, own):
            raise PlanError(f"{kind.written()} makes {own} splits by itself: leave --splits away.")
        count = plan.splits if own is None else own
        return tuple(kind.make(collection, plan.folds, number) for number in range(count))
    except SplitError as error:
        raise SplitError(f"{error}{_why_perhaps(collection)}") from None


def _why_perhaps(collection: Collection) -> str:
    """Say what is odd in clips that cannot be split: silence makes all of them copies."""
    found = find_oddities(collection)
    told = [f"{len(each.clips)} clips: {each.what}" for each in found.silent]
    told += [f"{found.copies} clips are copies of others"] if found.copies else []
    return f" Odd in these clips: {'; '.join(told)}." if told else ""


def survey(resolved: Resolved, session: Session, collection: Collection | None = None) -> Survey:
    """Make the splits, say what makes each cell; no result is written.

    Parameters
    ----------
    collection
        The clips; they are read if left out.

    Raises
    ------
    SightbenchError
        The data, a split or a picture setting does not fit.
    """
    if collection is None:
        session.observer.stage("listing clips", None)
        collection = collect_clips(resolved.dataset, session)
    session.observer.stage("making splits", None)
    splits = make_splits(resolved.plan, collection)
    plan = dataclasses.replace(resolved.plan, splits=len(splits))  # folds say how many there are
    resolved = dataclasses.replace(resolved, plan=plan)
    made = what_makes(resolved, collection, splits)
    finished = frozenset() if session.options.fresh else _finished(session.options.results, made)
    _rehearse(resolved, collection, {c.representation for c in made if c not in finished}, session)
    return Survey(resolved, collection, splits, made, finished)


def _finished(results: Path, made: Mapping[Cell, Made]) -> frozenset[Cell]:
    """Find the cells that any command has finished: of these it is known that they can be run."""
    names = {folder_name(cell, each): cell for cell, each in made.items()}
    found = elsewhere(results, Path(), names)
    return frozenset(cell for name, cell in names.items() if name in found)


def prepare(resolved: Resolved, session: Session, collection: Collection | None = None) -> Ready:
    """Make the splits, open the run's folder and write down what is known.

    Parameters
    ----------
    collection
        The clips; they are read if left out, and drawn as they are.

    Raises
    ------
    SightbenchError
        The data, a split or a picture setting does not fit; nothing was started.
    """
    options = session.options
    if collection is None:
        collection = collect_drawn(resolved, session)
    found = survey(resolved, session, collection)
    resolved, collection, splits = found.resolved, found.collection, found.splits
    made = found.made
    table = open_folder(resolved, collection, options.results)
    try:
        folders = {cell: folder_name(cell, each) for cell, each in made.items()}
        here = environment.describe(options.jobs)
        marked = mark_recordings(table, collection)
        run = table.ask(Asked.of(resolved.plan, splits, folders, here, marked), splits)
        run.know_labels(collection.labels)
        if not options.fresh:
            _adopt(options.results, run)
    except OSError as error:
        raise StoreError(
            f"{table.folder} cannot be written: {error}. Name another folder: --results."
        ) from None
    return Ready(resolved, collection, splits, run, made)


def open_folder(resolved: Resolved, collection: Collection, results: Path) -> Table:
    """Open the folder of some clips, and write down what they are.

    Raises
    ------
    StoreError
        It cannot be written.
    """
    table = open_table(results, resolved.plan.experiment, collection.digest())
    try:
        table.describe(describe_clips(resolved, collection), _clips_text(collection))
    except OSError as error:
        raise StoreError(
            f"{table.folder} cannot be written: {error}. Name another folder: --results."
        ) from None
    return table


def what_makes(
    resolved: Resolved, collection: Collection, splits: Sequence[Split]
) -> dict[Cell, Made]:
    """Say of every cell of the plan what makes its figures: by it a result is found."""
    classifiers = {
        spec: _missing_key(made)
        if isinstance(made, Missing)
        else classifier_key(made) + (bookkeeping_key(collection) if sees_bookkeeping(made) else "")
        for spec, made in resolved.classifiers.items()
    }
    clips = [collection.digest(split.contents) for split in splits]
    digests = [split.digest() for split in splits]
    seen = _seen_keys(resolved)
    return {
        cell: Made(
            clips=clips[cell.split],
            split=digests[cell.split],
            drawing=seen[(cell.representation, cell.classifier)],
            classifier=classifiers[cell.classifier],
            seed=cell.seed,
            train_size=cell.train_size,
        )
        for cell in resolved.plan.cells()
    }


def _seen_keys(resolved: Resolved) -> dict[tuple[Way, Spec], str]:
    """Name what classifiers look at: pictures, the rasters of a drawing, or signals."""
    rasters = {spec for spec, c in resolved.classifiers.items() if isinstance(c, RasterClassifier)}
    keys: dict[tuple[Way, Spec], str] = {}
    for way, drawing in resolved.drawings.items():
        if isinstance(drawing, Missing):
            keys |= {(way, spec): _missing_key(drawing) for spec in resolved.classifiers}
            continue
        pictures = way_key(drawing)
        values = raster_key(drawing) if rasters and isinstance(drawing, Drawing) else pictures
        for spec in resolved.classifiers:
            keys[(way, spec)] = values if spec in rasters else pictures
    return keys | {(SIGNAL, spec): SIGNAL_KEY for spec in resolved.plan.on_signals}


def _missing_key(missing: Missing) -> str:
    return f"missing: {missing.reason}"


def _adopt(results: Path, run: Run) -> None:
    """Take over cells that a command on other clips finished: its split had just the same ones."""
    lacking = [name for name in run.cells.values() if run.shelf.best(name) is None]
    for name, folder in elsewhere(results, run.folder, lacking).items():
        run.shelf.adopt(name, folder)


def _clips_text(collection: Collection) -> str:
    entries, contents = collection.entries, Strings.of_bytes(collection.readings.contents)
    return clips_text(entries.ids, entries.labels, entries.groups, contents)


def mark_recordings(table: Table, collection: Collection) -> str:
    """Keep where windows lie and what is marked; return its digest, empty for mere clips."""
    if not collection.cut:
        return ""
    windows = tuple(
        Window(entry.id, *entry.span, entry.stands_for_s)
        for entry in collection.entries
        if entry.span is not None
    )
    return table.mark(Recordings(windows, collection.selections).written())


def describe_clips(resolved: Resolved, collection: Collection) -> ClipsAbout:
    """Say what the clips of a run are."""
    table = collection.readings.table
    lengths = table["length"] / table["rate"]
    return ClipsAbout(
        dataset=str(resolved.plan.dataset),
        summary=(type(resolved.dataset).__doc__ or "").strip().partition("\n")[0],
        digest=collection.digest(),
        synthetic=resolved.dataset.synthetic,
        clips=len(collection),
        classes=collection.counts,
        groups=len(collection.entries.groups.used() - {None}),
        rates_hz=tuple(np.unique(table["rate"]).tolist()),
        shortest_s=float(lengths.min()),
        longest_s=float(lengths.max()),
        left_out=collection.left_out,
        odd=find_oddities(collection),
    )


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One clip, to be drawn in every way before anything is started."""

    dataset: Dataset
    entry: Entry
    drawings: Sequence[AnyDrawing]


def rehearse(task: Rehearsal) -> list[Missing | None]:
    """Draw one clip in every way; say of each way why it is refused, or None.

    What a plugin raises otherwise is no refusal: its cells will fail, and say so.
    """
    clip = task.dataset.read(task.entry)
    signals = Signals(clip.samples[None], clip.rate)
    refusals: list[Missing | None] = []
    for drawing in task.drawings:
        try:
            drawing.jpegs(signals)
            refusals.append(None)
        except Inapplicable as error:
            refusals.append(Missing(str(error)))
        except (Exception, SystemExit):  # a stranger's plugin: this is told when its cells run
            refusals.append(None)
    return refusals


def _rehearse(resolved: Resolved, collection: Collection, used: Set[Way], session: Session) -> None:
    """Draw the first clip in the ways that are used, so that a refusal comes before all work."""
    made = {
        way: drawing
        for way, drawing in resolved.drawings.items()
        if way in used and not isinstance(drawing, Missing)
    }
    if not made:
        return
    task = Rehearsal(resolved.dataset, collection.entries[0], list(made.values()))
    session.begin([task])
    session.observer.stage("drawing one clip in every way", None)
    (result,) = session.workers.in_order(rehearse, [task], BLOCK_LIMIT_S)
    if isinstance(result, Lost):
        return
    refused = [f"{chain}: {why.reason}" for chain, why in zip(made, result, strict=True) if why]
    if refused:
        first = collection.entries[0]
        refused.append(f"That was tried on the first clip, {first.where or first.id}.")
        raise Inapplicable("\n".join(refused))


def sees_bookkeeping(classifier: Plugin | Missing) -> bool:
    """Say whether a classifier learns from what is not the signal."""
    return isinstance(classifier, Classifier) and classifier.sees == "bookkeeping"


def bookkeeping_key(collection: Collection) -> str:
    """Name what such a control sees of some clips, which their samples do not tell."""
    table = fact_columns(collection.readings)
    return "-" + hashlib.sha256(table[collection.ids.order()].tobytes()).hexdigest()[:16]


def classifier_key(classifier: Plugin) -> str:
    """Name a classifier by all that its figures depend on but the pictures and the clips."""
    made = [plugin_key(classifier), *map(library_version, LIBRARIES)]
    return hashlib.sha256("\n".join(made).encode()).hexdigest()[:24]
