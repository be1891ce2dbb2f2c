"""Before any cell: clips read and checked, splits made, pictures rehearsed, a folder opened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.clips.collection import Collection, Reading, ReadingTask, collect, read_block
from harness.clips.split_kinds import parse_split_kind, suggest
from harness.clips.splits import Split, read_split, verify
from harness.contracts import Dataset, Plugin
from harness.errors import Inapplicable, PlanError
from harness.measuring import environment
from harness.pictures.drawing import Drawing
from harness.pictures.keys import drawing_key
from harness.planning.plan import Plan
from harness.registry.resolution import Resolved
from harness.results.clips import ClipsAbout
from harness.results.predictions import write_clips
from harness.results.store import Run, open_run
from harness.running.options import Observer, Session
from harness.running.workers import Lost, Workers
from harness.sources.digests import source_digest
from harness.values import Entry, Missing, Signals


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything that cells need but their pictures."""

    resolved: Resolved
    collection: Collection
    splits: tuple[Split, ...]
    run: Run

    @property
    def rows(self) -> list[int]:
        """The rows of the clips that any split uses."""
        used = set().union(*(split.contents for split in self.splits))
        return [row for row, e in enumerate(self.collection.entries) if e.id in used]


def collect_clips(
    dataset: Dataset, skip_bad: bool, workers: Workers, observer: Observer
) -> Collection:
    """Read and check every clip, in workers."""

    def read(tasks: Sequence[ReadingTask]) -> Iterator[list[Reading]]:
        observer.stage("reading clips", sum(len(task.entries) for task in tasks))
        for task, result in zip(tasks, workers.in_order(read_block, tasks), strict=True):
            observer.advance(len(task.entries))
            if isinstance(result, Lost):
                fault = f"reading it failed: {result.reason}"
                yield [Reading(fault=fault)] * len(task.entries)
            else:
                yield result

    return collect(dataset, skip_bad, read)


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
    return tuple(kind.make(collection, plan.folds, number) for number in range(plan.splits))


def prepare(resolved: Resolved, session: Session) -> Ready:
    """Read the clips, make the splits, open the run's folder and write down what is known.

    Raises
    ------
    SightbenchError
        The data, a split or a picture setting does not fit; nothing was started.
    """
    options, workers = session.options, session.workers
    collection = collect_clips(resolved.dataset, options.skip_bad, workers, session.observer)
    splits = make_splits(resolved.plan, collection)
    _rehearse(resolved, collection, workers)
    key = _run_key(resolved, collection, splits)
    run = open_run(options.results, resolved.plan.experiment, key, options.fresh)
    run.keep("plan.json", resolved.plan.written())
    run.keep("environment.json", environment.describe(options.jobs))
    run.keep("data.json", describe_clips(resolved, collection))
    for number, split in enumerate(splits):
        run.keep(f"splits/{number}.json", split.to_json())
    contents = collection.contents
    write_clips(
        run.folder / "clips.csv",
        ((e.id, e.label, e.group or "", contents[e.id]) for e in collection.entries),
    )
    return Ready(resolved, collection, splits, run)


def describe_clips(resolved: Resolved, collection: Collection) -> ClipsAbout:
    """Say what the clips of a run are."""
    lengths = [reading.length / reading.rate for reading in collection.readings]
    return ClipsAbout(
        dataset=str(resolved.plan.dataset),
        summary=(type(resolved.dataset).__doc__ or "").strip().partition("\n")[0],
        digest=collection.digest(),
        synthetic=resolved.dataset.synthetic,
        note=resolved.plan.note,
        clips=len(collection),
        classes=collection.counts,
        groups=len({entry.group for entry in collection.entries} - {None}),
        rates_hz=tuple(sorted({float(reading.rate) for reading in collection.readings})),
        shortest_s=min(lengths),
        longest_s=max(lengths),
        left_out=collection.left_out,
    )


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One clip, to be drawn in every way before anything is started."""

    dataset: Dataset
    entry: Entry
    drawings: Sequence[Drawing]


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
        except Exception:  # a stranger's plugin: this is told when its cells run
            refusals.append(None)
    return refusals


def _rehearse(resolved: Resolved, collection: Collection, workers: Workers) -> None:
    made = {c: d for c, d in resolved.drawings.items() if isinstance(d, Drawing)}
    task = Rehearsal(resolved.dataset, collection.entries[0], list(made.values()))
    (result,) = workers.in_order(rehearse, [task])
    if isinstance(result, Lost):
        return
    refused = [f"{chain}: {why.reason}" for chain, why in zip(made, result, strict=True) if why]
    if refused:
        raise Inapplicable("\n".join(refused))


def _run_key(resolved: Resolved, collection: Collection, splits: Sequence[Split]) -> str:
    """Hash all that the figures of a run depend on."""
    plan = {"schema": 1, **resolved.plan.written().choices()}
    plan.pop("dataset"), plan.pop("split")
    made = {
        "plan": plan,
        "data": collection.digest(),
        "splits": [split.digest() for split in splits],
        "drawings": [
            d.reason if isinstance(d, Missing) else drawing_key(d)
            for d in resolved.drawings.values()
        ],
        "classifiers": [_classifier_key(c) for c in resolved.classifiers.values()],
    }
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:8]


def _classifier_key(classifier: Plugin | Missing) -> str:
    if isinstance(classifier, Missing):
        return ""
    return f"{classifier!r} {classifier.version} {source_digest(type(classifier))}"
