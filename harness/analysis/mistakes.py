"""The clips that one cell gets wrong, the surest mistakes first."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.disagreement import Answer, answers, find_record
from harness.analysis.rows import Row
from harness.results.record import Record
from harness.results.store import Run


@dataclass(frozen=True, slots=True)
class Mistake:
    """One holdout clip that was judged wrong, its class, and what was said of it."""

    id: str
    label: str
    answer: Answer


@dataclass(frozen=True, slots=True, eq=False)
class Mistakes:
    """What a cell gets wrong.

    Parameters
    ----------
    record
        The cell: on one split, with its first seed.
    clips
        Holdout clips.
    found
        Those judged wrong, the surest first; at the end, those without an answer.
    """

    run: Run
    record: Record
    clips: int
    found: tuple[Mistake, ...]


def find_mistakes(run: Run, row: Row, split: int = 0) -> Mistakes:
    """List the holdout clips of a split that a cell got wrong.

    Raises
    ------
    StoreError
        The cell has no result on this split.
    """
    record = find_record(row, split)
    said = answers(run, record)
    wrong = [Mistake(id, label, answer) for id, label, answer in said if not answer.right]
    ordered = sorted(wrong, key=lambda each: (each.answer.label is None, -_sureness(each.answer)))
    return Mistakes(run, record, len(said), tuple(ordered))


def _sureness(answer: Answer) -> float:
    return answer.score or 0.0
