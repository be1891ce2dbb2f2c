"""What came of a comparison, as a value: the chosen cell, comparisons, frames."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from harness.analysis.cell_names import find_row
from harness.analysis.comparison import Comparison, compare_cells
from harness.analysis.contrasts import Asking, Contrast, contrast_cells
from harness.analysis.disagreement import Disagreement, find_disagreement
from harness.analysis.ensembles import with_ensembles
from harness.analysis.judging import Judgement, judge
from harness.analysis.rows import Row
from harness.analysis.summary import Summary, summarise
from harness.analysis.thresholds import Promise
from harness.api.frames import Frame
from harness.api.markup import safe, table
from harness.errors import PlanError, StoreError
from harness.reporting.exports.events import to_columns
from harness.results.predictions import PredictionTable
from harness.results.record import Record
from harness.results.store import Run, everything
from harness.statistics.events import Joining

HEADS = ("representation", "classifier", "cv %", "holdout %", "95% interval", "ties", "")
FIGURES = ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "coverage")
SCORE = "score "
"""Begins the name of a column of probabilities."""


class Results:
    """The results of one comparison; what has not been finished yet is missing from them.

    Parameters
    ----------
    run
        What was asked for, on disk.
    """

    def __init__(self, run: Run) -> None:
        self.run = run

    @cached_property
    def summary(self) -> Summary:
        """All that the tables of the command line are made of."""
        return summarise(self.run)

    def all(self) -> Results:
        """Return the results of every command on the same clips and splits."""
        return Results(everything(self.run))

    @property
    def chosen(self) -> Row | None:
        """The cell chosen inside training, as the headline of every table has it.

        None where nothing was cross-validated: a choice by holdout accuracy would flatter itself.
        """
        choice = self.summary.choice
        return choice.row if choice is not None and choice.side == "cv" else None

    def ensemble(self, *averages: str) -> Results:
        """Return the same with a row that averages cells, chosen inside training.

        Parameters
        ----------
        averages
            Averages by name instead, "average(mel/pca-svm, mel/hog-svm)".

        Raises
        ------
        SpecError, StoreError
            A name is no average, or its cells cannot be averaged.
        """
        return Results(with_ensembles(self.run, chosen=not averages, named=averages))

    def row(self, cell: str | Row) -> Row:
        """Return the figures of a cell, "mel/pca-svm".

        Raises
        ------
        SpecError, StoreError
            The text names no cell, or none of these.
        """
        return cell if isinstance(cell, Row) else find_row(self.summary.rows, cell, self.run.name)

    def compare(self, first: str | Row, second: str | Row) -> Comparison:
        """Say what changes from one cell to another, with intervals, clip by clip.

        Raises
        ------
        StoreError
            One of them has no result, or both are the same.
        """
        return compare_cells(self.summary, self.row(first), self.row(second))

    def disagree(self, first: str | Row, second: str | Row, split: int = 0) -> Disagreement:
        """Sort the holdout clips of a split by which of two cells got them right.

        Raises
        ------
        StoreError
            As `compare`.
        """
        return find_disagreement(self.run, self.row(first), self.row(second), split)

    def judge(
        self,
        at: str | None = None,
        *,
        gap_s: float = 0.0,
        shortest: int = 1,
        longest_s: float | None = None,
    ) -> Judgement:
        """Judge the cells as the field does: false alarms an hour against recall, by events.

        Parameters
        ----------
        at
            What thresholds are chosen for inside training: "precision=0.9", "recall=0.8" or
            "false-alarms-per-hour=2"; None for the highest F1 of events.
        gap_s, shortest, longest_s
            Windows are joined across so much time, to events of so many windows or more, which
            are cut where they grow longer (None: five windows).

        Raises
        ------
        PlanError
            Its clips are no windows of recordings, nothing is marked, or `at` cannot be read.
        """
        asking = _asking(at, gap_s, shortest, longest_s)
        return judge(self.run, self.summary.rows, asking.promise, asking.rules)

    def events(
        self,
        at: str | None = None,
        *,
        gap_s: float = 0.0,
        shortest: int = 1,
        longest_s: float | None = None,
    ) -> Frame:
        """Return what `judge` says, one row a cell and class, with intervals.

        Raises
        ------
        PlanError
            As `judge`.
        """
        found = self.judge(at, gap_s=gap_s, shortest=shortest, longest_s=longest_s)
        return Frame(to_columns(found))

    def compare_events(
        self,
        first: str | Row,
        second: str | Row,
        at: str | None = None,
        *,
        gap_s: float = 0.0,
        shortest: int = 1,
    ) -> Contrast:
        """Say what changes from one cell to another by events, drawn from the same sites.

        Raises
        ------
        PlanError
            As `judge`.
        StoreError
            As `compare`.
        """
        asking = _asking(at, gap_s, shortest, None)
        return contrast_cells(self.summary, self.row(first), self.row(second), asking)

    @property
    def cells(self) -> Frame:
        """One row a cell: what it is, its figures, what it cost."""
        rows = [self._cell(record) for record in self.summary.records]
        names = list(rows[0]) if rows else ["representation", "classifier"]
        return Frame({name: [row[name] for row in rows] for name in names})

    def predictions(self, cell: str | Row | None = None) -> Frame:
        """One row a clip and cell: what was said of it, with a column a class of probabilities.

        Parameters
        ----------
        cell
            One cell; all if left out. ``side`` tells cross-validation ("cv") from the holdout.
        """
        records = self.summary.records if cell is None else self.row(cell).records
        done = [r for r in records if r.status in ("ok", "partial") and r.predictions]
        tables = [(record, self.run.predictions(record.cell)) for record in done]
        classes = sorted({name for _, said in tables for name in said.predictions.classes})
        columns: dict[str, list[Any]] = {}
        for record, said in tables:
            for name, values in _said(record, said, classes).items():
                columns.setdefault(name, []).extend(values)
        return Frame(columns)

    def _cell(self, record: Record) -> dict[str, Any]:
        row = self.summary.row(str(record.cell.representation), str(record.cell.classifier))
        seconds, chosen = record.seconds, self.chosen
        return {
            **_names(record),
            "status": record.status,
            "reason": record.reason,
            "control": record.control,
            "chosen": chosen is not None and record in chosen.records,
            "ties": "" if row is None else row.letters,
            **{f"cv_{name}": getattr(record.cv, name, None) for name in FIGURES},
            **{f"holdout_{name}": getattr(record.holdout, name, None) for name in FIGURES},
            "train_clips": None if record.clips is None else record.clips.train,
            "holdout_clips": None if record.clips is None else record.clips.holdout,
            "fit_s": seconds["fit"].total_s if "fit" in seconds else None,
        }

    def __repr__(self) -> str:
        summary = self.summary
        done = f"{summary.finished} of {summary.planned} cells"
        return f"Results of {self.run.name}: {done}. {self._chosen_words()}"

    def _repr_html_(self) -> str:
        ranked = self.summary.ranked()
        chosen = self.chosen
        bold = {number for number, row in enumerate(ranked) if row is chosen}
        summary = self.summary
        heading = (
            f"{summary.data.dataset}: {summary.data.clips} clips, {summary.split.train} train, "
            f"{summary.split.holdout} are held out; {summary.finished} of {summary.planned} cells."
        )
        rows = [_shown(row, row is chosen) for row in ranked]
        return (
            f"<p>{safe(heading)}</p>{table(HEADS, rows, bold)}<p>{safe(self._chosen_words())}</p>"
        )

    def _chosen_words(self) -> str:
        chosen = self.chosen
        if chosen is None:
            return "No cell is chosen: nothing was cross-validated."
        figures = f"{_percent(chosen.mean('cv', 'accuracy'))} % there"
        confirmed = f"{_percent(chosen.accuracy)} % on the holdout"
        return f"Chosen inside training: {chosen.title}, {figures}, {confirmed}."


def _asking(at: str | None, gap_s: float, shortest: int, longest_s: float | None) -> Asking:
    try:
        rules = Joining(gap_s, shortest, longest_s)
    except ValueError as error:
        raise PlanError(f"Events cannot be made so: {error}.") from None
    return Asking(None if at is None else Promise.parse(at), rules)


def _shown(row: Row, chosen: bool) -> list[Any]:
    interval = None if row.low is None else f"{_percent(row.low)} to {_percent(row.high)}"
    note = "chosen" if chosen else "control" if row.control else ""
    if row.status != "ok":
        note = f"{row.status}: {row.reason}"
    cv = _percent(row.mean("cv", "accuracy"))
    names = (row.representation, row.classifier)
    return [*names, cv, _percent(row.accuracy), interval, row.letters, note]


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.1f}"


def _names(record: Record) -> dict[str, Any]:
    cell = record.cell
    return {
        "representation": str(cell.representation),
        "classifier": str(cell.classifier),
        "split": cell.split,
        "seed": cell.seed,
        "train_size": cell.train_size,
    }


def _said(record: Record, said: PredictionTable, classes: Sequence[str]) -> dict[str, list[Any]]:
    """Write the predictions of a cell as columns, one score a class of all cells."""
    answers, count = said.predictions, len(said.sides)
    known = {name: column for column, name in enumerate(answers.classes)}
    if count == 0:
        raise StoreError(f"{record.cell} has predictions of no clip.")
    return {
        **{name: [value] * count for name, value in _names(record).items()},
        "side": list(said.sides),
        "fold": list(said.folds),
        "id": list(answers.ids),
        "label": list(said.true),
        "predicted": list(answers.labels),
        "right": [a == b for a, b in zip(said.true, answers.labels, strict=True)],
        **{
            f"{SCORE}{name}": _scores(answers.scores[:, known[name]]) if name in known
            else [None] * count
            for name in classes
        },
    }  # fmt: skip


def _scores(column: Any) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in column]
