"""The clips that two cells judge differently: who was right, how sure, what both would reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.analysis.rows import Row
from harness.errors import StoreError
from harness.results.predictions import PredictionTable
from harness.results.record import Record
from harness.results.store import Run
from harness.statistics.agreement import Agreement, compare_predictions


@dataclass(frozen=True, slots=True)
class Answer:
    """What one cell said of a clip; `score` is the probability that it gave its answer."""

    label: str | None
    score: float | None
    right: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One holdout clip, its class, and what both cells said."""

    id: str
    label: str
    first: Answer
    second: Answer


@dataclass(frozen=True, slots=True, eq=False)
class Disagreement:
    """Two cells on the same holdout clips.

    Parameters
    ----------
    first, second
        The records compared: of the same split, and of the first seed of each.
    agreement
        Counts, kappa, what an oracle would reach.
    only_first, only_second, neither
        The clips that these got right, the surest mistakes first.
    """

    run: Run
    first: Record
    second: Record
    agreement: Agreement
    clips: int
    only_first: tuple[Judged, ...]
    only_second: tuple[Judged, ...]
    neither: tuple[Judged, ...]

    def sections(self) -> Iterator[tuple[str, tuple[Judged, ...]]]:
        """Go through the three kinds of clips, each with its title."""
        yield f"only {name_record(self.first)} is right", self.only_first
        yield f"only {name_record(self.second)} is right", self.only_second
        yield "neither is right", self.neither


def name_record(record: Record) -> str:
    """Name representation and classifier of a record."""
    return f"{record.cell.representation} × {record.cell.classifier}"


def find_disagreement(run: Run, first: Row, second: Row, split: int = 0) -> Disagreement:
    """Sort the holdout clips of a split by which of two cells got them right.

    Raises
    ------
    StoreError
        A cell has no result on this split, or both are one and the same.
    """
    if (first.representation, first.classifier) == (second.representation, second.classifier):
        raise StoreError(f"{first.title} agrees with itself: name two cells.")
    one, other = find_record(first, split), find_record(second, split)
    a, b = (run.predictions(record.cell).side("holdout") for record in (one, other))
    if a.predictions.ids != b.predictions.ids:
        raise StoreError(f"{first.title} and {second.title} were asked about different clips.")
    found = compare_predictions(a.true, a.predictions.labels, b.predictions.labels)
    return Disagreement(
        run=run,
        first=one,
        second=other,
        agreement=found,
        clips=len(a.true),
        only_first=_judged(a, b, found.only_first),
        only_second=_judged(a, b, found.only_second),
        neither=_judged(a, b, found.neither),
    )


def answers(run: Run, record: Record) -> list[tuple[str, str, Answer]]:
    """List each holdout clip, its class, and what a cell said of it."""
    table = run.predictions(record.cell).side("holdout")
    return [
        (id, table.true[row], _answer(table, row)) for row, id in enumerate(table.predictions.ids)
    ]


def find_record(row: Row, split: int) -> Record:
    """Return the record of a row on a split, of its first seed.

    Raises
    ------
    StoreError
        There is none.
    """
    done = [r for r in row.records if r.status == "ok" and r.cell.split == split]
    if not done:
        raise StoreError(
            f"{row.title} has no result on split {split}: "
            + (f"{row.status}, {row.reason}" if row.reason else "there is no such split.")
        )
    return min(done, key=lambda record: record.cell.seed)


def _judged(
    first: PredictionTable, second: PredictionTable, rows: NDArray[np.intp]
) -> tuple[Judged, ...]:
    clips = [
        Judged(
            first.predictions.ids[row], first.true[row], _answer(first, row), _answer(second, row)
        )
        for row in rows.tolist()
    ]
    return tuple(sorted(clips, key=_surest_mistake))


def _answer(table: PredictionTable, row: int) -> Answer:
    said = table.predictions
    label = said.labels[row]
    score = float(said.scores[row, said.classes.index(label)]) if label in said.classes else None
    return Answer(label, score, label == table.true[row])


def _surest_mistake(clip: Judged) -> float:
    wrong: Sequence[Answer] = [each for each in (clip.first, clip.second) if not each.right]
    return -sum(each.score or 0.0 for each in wrong) / max(len(wrong), 1)
