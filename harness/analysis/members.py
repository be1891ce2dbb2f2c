"""Whom to average: chosen greedily inside training, or named by a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.analysis.averages import (
    Average,
    Ensemble,
    Side,
    Witness,
    put_together,
    side_of,
)
from harness.analysis.cell_names import average_name, find_row, named_average
from harness.analysis.rows import Row
from harness.clips.splits import Split
from harness.errors import StoreError
from harness.planning.plan import Cell
from harness.planning.specs import Spec
from harness.planning.ways import AVERAGE, ENSEMBLE, Averaged
from harness.results.predictions import PredictionTable
from harness.results.record import Record
from harness.results.scores import correctness
from harness.results.store import Run
from harness.statistics.ensembles import average, choose_members, choose_without_each
from harness.values import Predictions

Repetition = tuple[int, int]
"""Split and seed."""


def choose_ensemble(run: Run, records: Sequence[Record]) -> Ensemble:
    """Choose members inside training, on each split and seed by itself.

    What it is worth in cross-validation is worked out with members that were chosen without the
    fold in question; for the holdout, all folds choose.
    """
    left_out: dict[str, None] = {}
    averages, flattered, most = [], [], 0
    for number, seed in dict.fromkeys((r.cell.split, r.cell.seed) for r in records):
        split = run.split(number)
        if not split.folds:
            continue
        witnesses = []
        for record in _candidates(records, (number, seed)):
            witness = _witness(run, record)
            reason = _unfit(witness, split)
            if reason:
                left_out[f"{witness.name}: {reason}"] = None
            else:
                witnesses.append(witness)
        most = max(most, len(witnesses))
        if len(witnesses) > 1:
            found, seeming = _chosen(witnesses)
            averages.append(found)
            flattered.append(seeming)
    worth = float(np.mean(flattered)) if flattered else None
    missing = "" if averages else _why_none(run, most)
    return Ensemble(ENSEMBLE, tuple(averages), most, tuple(left_out), worth, missing)


def _candidates(records: Sequence[Record], at: Repetition) -> Iterable[Record]:
    for record in records:
        here = (record.cell.split, record.cell.seed) == at
        if here and record.status == "ok" and not record.control:
            yield record


def _witness(run: Run, record: Record) -> Witness:
    return Witness(record, run.predictions(record.cell))


def _unfit(witness: Witness, split: Split) -> str:
    """Say why a cell cannot be chosen inside training; empty where it can."""
    table = witness.table.side("cv")
    if not table.sides:
        return "it has no cross-validated predictions"
    if any(fold is None for fold in table.folds):
        return "it was cross-validated on folds of its own"
    folds = dict(zip(table.predictions.ids, table.folds, strict=True))
    if folds != dict(zip(split.train, split.folds, strict=True)):
        return "it was cross-validated on other folds than those of the split"
    return _unsure(witness.table)


def _unsure(table: PredictionTable) -> str:
    scores = table.predictions.scores
    lacking = int(np.isnan(scores).any(axis=1).sum()) if scores.shape[1] else len(scores)
    return f"it gave no probabilities for {lacking} of {len(scores)} clips" if lacking else ""


def _why_none(run: Run, candidates: int) -> str:
    if not any(split.folds for split in run.splits()):
        return (
            "members are chosen by cross-validated predictions, and this run has none: run it "
            "with folds (--folds 5)"
        )
    some = f"{candidates or 'no'} cell{'s' * (candidates != 1)}"
    return f"{some} could be averaged, and two are needed"


def _chosen(witnesses: Sequence[Witness]) -> tuple[Average, float]:
    """Choose members; return their average, and the accuracy that their choice flatters."""
    inside, outside = side_of(witnesses, "cv"), side_of(witnesses, "holdout")
    given = inside.given()
    folds = np.unique(np.array(inside.folds, np.int64), return_inverse=True)[1]
    times = choose_members(given)
    said = _said_by_fold(inside, choose_without_each(given, folds), folds)
    sides = [("cv", inside, said), ("holdout", outside, outside.said(times))]
    found = put_together(Averaged(Spec(ENSEMBLE), (), ENSEMBLE), witnesses, times, sides)
    return found, float(correctness(inside.true, inside.said(times).labels).mean())


def _said_by_fold(side: Side, times: NDArray[np.intp], folds: NDArray[np.intp]) -> Predictions:
    """Ask about each fold the members that were chosen without it."""
    scores = np.empty(side.scores.shape[1:])
    for fold, counted in enumerate(times):
        rows = folds == fold
        scores[rows] = average(side.scores[:, rows], counted)
    return Predictions.from_scores(side.ids, side.classes, scores)


def rows_of(records: Sequence[Record]) -> list[Row]:
    """Put the records of each cell together."""
    found: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        key = str(record.cell.representation), str(record.cell.classifier)
        found.setdefault(key, []).append(record)
    return [Row(*key, tuple(own)) for key, own in found.items()]


def name_ensemble(run: Run, rows: Sequence[Row], written: str) -> Ensemble:
    """Average the cells that a person named, "average(mel/pca-svm, waveform/hog-svm)".

    Raises
    ------
    SpecError
        The text names no average.
    StoreError
        A cell is not there, or has nothing to average.
    """
    members = [find_row(rows, each, run.name) for each in named_average(written)]
    for row in members:
        if row.status != "ok":
            raise StoreError(f"{row.title} has no result to average: {row.status}, {row.reason}")
    name = average_name([(row.representation, row.classifier) for row in members])
    by_place = [
        {(r.cell.split, r.cell.seed): r for r in row.records if r.status == "ok"} for row in members
    ]
    shared = [place for place in by_place[0] if all(place in each for each in by_place)]
    if not shared:
        raise StoreError(f"{name}: no split and seed is shared by all of these cells.")
    places = [[each[place] for each in by_place] for place in shared]
    return Ensemble(name, tuple(_averaged(run, name, records) for records in places))


def _averaged(run: Run, name: str, records: Sequence[Record]) -> Average:
    """Average some cells on one split and seed; who is named twice counts twice."""
    times: dict[Cell, int] = {}
    for record in records:
        times[record.cell] = times.get(record.cell, 0) + 1
    witnesses = [_witness(run, record) for record in {r.cell: r for r in records}.values()]
    for witness in witnesses:
        if reason := _unsure(witness.table):
            raise StoreError(f"{witness.name} cannot be averaged: {reason}.")
    counts = np.array(list(times.values()))
    sides = [(each, side_of(witnesses, each)) for each in _shared_sides(witnesses)]
    return put_together(
        Averaged(Spec(AVERAGE), (), name),
        witnesses,
        counts,
        [(each, side, side.said(counts)) for each, side in sides],
    )


def _shared_sides(witnesses: Sequence[Witness]) -> Iterable[str]:
    """Name the sides on which all were asked about the same clips, in the same folds."""
    validated = [witness.table.side("cv") for witness in witnesses]
    asked = [dict(zip(each.predictions.ids, each.folds, strict=True)) for each in validated]
    if asked[0] and all(each == asked[0] for each in asked):
        yield "cv"
    yield "holdout"
