"""What a cell gets wrong, in words: the same for the terminal and the report."""

from __future__ import annotations

from harness.analysis.disagreement import Answer, name_record
from harness.analysis.mistakes import Mistakes
from harness.reporting.wording import summary as wording


def headline(found: Mistakes) -> str:
    """Say how many clips a cell gets wrong."""
    wrong, cell = len(found.found), found.record.cell
    where = f" on split {cell.split}" if cell.split else ""
    if not wrong:
        return f"{name_record(found.record)} gets all {found.clips} holdout clips right{where}."
    return (
        f"{name_record(found.record)} gets {wrong} of {found.clips} holdout clips wrong{where} "
        f"({wording.percent(wrong / found.clips)}%)."
    )


def said(answer: Answer) -> str:
    """Write an answer and how sure it was."""
    if answer.label is None:
        return "nothing"
    return answer.label if answer.score is None else f"{answer.label} {answer.score:.2f}"
