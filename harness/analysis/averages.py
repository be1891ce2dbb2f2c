"""Cells averaged: what they say together of each clip, from their saved predictions alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.analysis.cell_names import cell_name
from harness.measuring.timing import StageTime
from harness.planning.plan import Cell
from harness.planning.specs import Spec
from harness.planning.ways import Averaged
from harness.results.predictions import PredictionTable
from harness.results.record import Record
from harness.results.scores import score, score_validated
from harness.results.shelf import table_digest
from harness.statistics.ensembles import average
from harness.values import Predictions

MEAN = Spec("mean")
"""What stands for the classifier of an average: the mean of its members' probabilities."""
DRAWING = ("load", "represent", "draw")
"""Stages that members with one picture share."""


@dataclass(frozen=True, slots=True)
class Member:
    """A cell and its share of an average."""

    representation: str
    classifier: str
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """What some cells say together, on one split and seed.

    Parameters
    ----------
    record, table
        As those of a cell that was run; nothing of them is on disk.
    members
        The heaviest first.
    counted
        The record of each member, and how often it counts.
    """

    record: Record
    table: PredictionTable
    members: tuple[Member, ...]
    counted: tuple[tuple[Record, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """A row that averages cells.

    Parameters
    ----------
    name
        What stands for its representation: "ensemble", "average(mel/pca-svm, waveform/hog-svm)".
    averages
        One a split and seed.
    candidates
        Cells that were chosen from; 0 where a person named the members.
    left_out
        Cells that could not be candidates, each with the reason.
    flattered
        Cross-validated accuracy, had the clips that judge it also chosen its members; None where
        nothing was chosen.
    missing
        Why there is no ensemble; empty where there is one.
    """

    name: str
    averages: tuple[Average, ...] = ()
    candidates: int = 0
    left_out: tuple[str, ...] = ()
    flattered: float | None = None
    missing: str = ""

    def members(self) -> tuple[Member, ...]:
        """Return all members with their mean weight over splits and seeds, the heaviest first."""
        weights: dict[tuple[str, str], float] = {}
        for each in self.averages:
            for member in each.members:
                key = member.representation, member.classifier
                weights[key] = weights.get(key, 0.0) + member.weight / len(self.averages)
        ordered = sorted(weights.items(), key=lambda pair: -pair[1])
        return tuple(Member(*key, weight) for key, weight in ordered)


@dataclass(frozen=True, slots=True)
class Witness:
    """A cell and what it predicted."""

    record: Record
    table: PredictionTable

    @property
    def name(self) -> str:
        """The cell as it is typed."""
        return cell_name(str(self.record.cell.representation), str(self.record.cell.classifier))


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """What several cells said of the same clips.

    Parameters
    ----------
    ids, true, folds
        One a clip.
    classes
        All that any of them knows, and those of the clips.
    scores : array [shape=(cells, clips, classes)]
    """

    ids: tuple[str, ...]
    true: tuple[str, ...]
    folds: tuple[int | None, ...]
    classes: tuple[str, ...]
    scores: NDArray[np.float64]

    def given(self) -> NDArray[np.float64]:
        """Return the probability of each clip's true class [shape=(cells, clips)]."""
        column = {name: number for number, name in enumerate(self.classes)}
        return self.scores[:, np.arange(len(self.ids)), [column[name] for name in self.true]]

    def said(self, times: NDArray[np.intp]) -> Predictions:
        """Average the cells, each so many times."""
        return Predictions.from_scores(self.ids, self.classes, average(self.scores, times))


def side_of(witnesses: Sequence[Witness], name: str) -> Side:
    """Put what cells said of one side ("cv", "holdout") in the order of the first of them.

    All of them must have been asked about the same clips.
    """
    tables = [witness.table.side(name) for witness in witnesses]
    first = tables[0]
    ids = first.predictions.ids
    known = {each for table in tables for each in (*table.predictions.classes, *table.true)}
    classes = tuple(sorted(known))
    scores = np.zeros((len(tables), len(ids), len(classes)))
    for table, wide in zip(tables, scores, strict=True):
        place = {id: row for row, id in enumerate(table.predictions.ids)}
        columns = [classes.index(each) for each in table.predictions.classes]
        wide[:, columns] = table.predictions.scores[[place[id] for id in ids]]
    return Side(ids, first.true, first.folds, classes, scores)


def put_together(
    written: Averaged,
    witnesses: Sequence[Witness],
    times: NDArray[np.intp],
    sides: Sequence[tuple[str, Side, Predictions]],
) -> Average:
    """Make of what members say together what a cell that was run has.

    Parameters
    ----------
    times
        How often each of the witnesses counts [shape=(cells,)].
    sides
        Name, clips, and what was said of them.
    """
    table = _table(sides)
    held = table.side("holdout")
    validated = table.side("cv")
    counted = [
        (each.record, count) for each, count in zip(witnesses, times.tolist(), strict=True) if count
    ]
    first = witnesses[0].record
    record = Record(
        cell=Cell(written, MEAN, first.cell.split, first.cell.seed),
        status="ok",
        cv=score_validated(validated.true, validated.predictions, validated.folds),
        holdout=score(held.true, held.predictions),
        seconds=_taken([each for each, _ in counted]),
        clips=first.clips,
        versions={k: v for each, _ in counted for k, v in each.versions.items()},
        predictions=table_digest(table),
    )
    return Average(record, table, _members(witnesses, times), tuple(counted))


def _members(witnesses: Sequence[Witness], times: NDArray[np.intp]) -> tuple[Member, ...]:
    cells = [each.record.cell for each in witnesses]
    shares = (times / times.sum()).tolist()
    members = [
        Member(str(cell.representation), str(cell.classifier), share)
        for cell, share in zip(cells, shares, strict=True)
        if share
    ]
    return tuple(sorted(members, key=lambda member: -member.weight))


def _table(sides: Sequence[tuple[str, Side, Predictions]]) -> PredictionTable:
    classes = tuple(sorted({name for _, _, said in sides for name in said.classes}))
    scores = []
    for _, _, said in sides:
        wide = np.zeros((len(said), len(classes)))
        wide[:, [classes.index(name) for name in said.classes]] = said.scores
        scores.append(wide)
    return PredictionTable(
        sides=tuple(name for name, side, _ in sides for _ in side.ids),
        folds=tuple(fold for _, side, _ in sides for fold in side.folds),
        true=tuple(label for _, side, _ in sides for label in side.true),
        predictions=Predictions(
            tuple(id for _, side, _ in sides for id in side.ids),
            tuple(label for _, _, said in sides for label in said.labels),
            classes,
            np.concatenate(scores),
        ),
    )


def _taken(records: Sequence[Record]) -> Mapping[str, StageTime]:
    """Add up what members take, one after another; those with one picture share its drawing."""
    total: dict[str, StageTime] = {}
    drawn: set[tuple[str, str]] = set()
    for record in records:
        for stage, time in record.seconds.items():
            shared = stage, str(record.cell.representation)
            if stage in DRAWING and shared in drawn:
                continue
            drawn.add(shared)
            total[stage] = _sum(total[stage], time) if stage in total else time
    return {stage: dataclasses.replace(t, p95_ms=None) for stage, t in total.items()}


def _sum(first: StageTime, second: StageTime) -> StageTime:
    known = first.median_ms is not None and second.median_ms is not None
    each_ms = (first.median_ms or 0.0) + (second.median_ms or 0.0) if known else None
    hosts = tuple(sorted({*first.hosts, *second.hosts}))
    total_s = first.total_s + second.total_s
    return StageTime(total_s, max(first.clips, second.clips), each_ms, hosts=hosts)
