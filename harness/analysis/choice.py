"""Which cell is chosen, and by what: inside training where there are folds, else on the holdout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.analysis.evidence import Evidence
from harness.analysis.rows import Measured, Row
from harness.results.predictions import PredictionTable
from harness.results.record import Record
from harness.statistics.calibration import SMALLEST_PROBABILITY
from harness.statistics.choosing import (
    DRAWS,
    AreaFigures,
    BalancedFigures,
    Corrected,
    Figures,
    MeanFigures,
    correct_choice,
)
from harness.statistics.power import fewest_to_tell
from harness.statistics.ties import Comparisons

MOST_WORK = 200_000_000
"""Draws times clips times classes times cells that areas under the curve may take: about ten
seconds."""


class Criterion(StrEnum):
    """What a choice can be made by."""

    accuracy = "accuracy"
    balanced = "balanced-accuracy"
    area = "auc"
    log_loss = "log-loss"

    @property
    def figure(self) -> Literal["accuracy", "balanced_accuracy", "roc_auc", "log_loss"]:
        """The name of the figure in `Scores`."""
        return _FIGURES[self]

    def better(self, value: float) -> float:
        """Return what is the higher, the better."""
        return -value if self is Criterion.log_loss else value


_FIGURES: dict[Criterion, Literal["accuracy", "balanced_accuracy", "roc_auc", "log_loss"]] = {
    Criterion.accuracy: "accuracy",
    Criterion.balanced: "balanced_accuracy",
    Criterion.area: "roc_auc",
    Criterion.log_loss: "log_loss",
}


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The cell that is chosen.

    Parameters
    ----------
    row
        The chosen one; the first of the plan where several are equal.
    by, value
        The figure that it was chosen by, and what that is.
    side
        "cv": chosen inside training, and the holdout confirms; "holdout": there are no folds, so
        the choice was made by looking at the holdout.
    highest
        What has the highest accuracy on the holdout.
    ties
        Cells whose holdout accuracy cannot be told from that of the choice.
    others
        How many cells it was compared with.
    unjudged
        Cells that were no candidates, for they lack the figure.
    corrected
        What choosing on the holdout is worth on clips that did not choose; None where the choice
        was made inside training, or where there was nothing to choose from.
    clips, fewest
        Independent holdout clips (or groups), and from how many on a difference could show.
    """

    row: Row
    by: Criterion
    value: float
    side: Measured
    highest: Row
    ties: tuple[Row, ...] = ()
    others: int = 0
    unjudged: int = 0
    corrected: Corrected | None = None
    clips: int = 0
    fewest: int = 0

    @property
    def telling(self) -> bool:
        """Say whether there are clips enough for any difference to show."""
        return self.clips >= self.fewest


def choose(
    rows: Sequence[Row],
    records: Sequence[Sequence[Record]],
    comparisons: Comparisons | None,
    evidence: Evidence,
    by: Criterion = Criterion.accuracy,
) -> Choice | None:
    """Choose one of some rows; None where none has a figure to choose by.

    Cross-validation counts, that of a service too. With several splits a figure is the mean over
    them, and the holdout of one split is training in another: the choice is then not wholly blind.

    Parameters
    ----------
    rows
        Rows that can be compared: whole, and no controls.
    records
        Those of each row, of the same splits and seeds.
    comparisons
        Of these rows with each other.
    """
    counted = [replace(row, records=tuple(own)) for row, own in zip(rows, records, strict=True)]
    blind = any(row.mean("cv", by.figure) is not None for row in counted)
    side: Measured = "cv" if blind else "holdout"
    figures = {place: row.mean(side, by.figure) for place, row in enumerate(counted)}
    known = {place: value for place, value in figures.items() if value is not None}
    if not known:
        return None
    place = max(known, key=lambda each: by.better(known[each]))
    highest = max(range(len(rows)), key=lambda each: (rows[each].accuracy or 0.0, each == place))
    return Choice(
        row=rows[place],
        by=by,
        value=known[place],
        side=side,
        highest=rows[highest],
        ties=tuple(_ties(rows, place, comparisons)),
        others=len(rows) - 1,
        unjudged=len(rows) - len(known),
        corrected=None if blind else _corrected([records[each] for each in known], evidence, by),
        clips=evidence.independent(records[place]),
        fewest=fewest_to_tell(len(rows) * (len(rows) - 1) // 2),
    )


def _ties(rows: Sequence[Row], place: int, comparisons: Comparisons | None) -> Sequence[Row]:
    if comparisons is None:
        return []
    return [
        row
        for other, row in enumerate(rows)
        if other != place and not comparisons.different[place, other]
    ]


def _corrected(
    records: Sequence[Sequence[Record]], evidence: Evidence, by: Criterion
) -> Corrected | None:
    """Correct for having looked; None for a single row, and for clips too few to leave any out."""
    table = np.stack([evidence.correct(each) for each in records])
    if len(table) < 2 or table.shape[1] < 2:
        return None
    figures, draws = _figures(records, table, evidence, by)
    return correct_choice(table, figures, evidence.groups(records[0]), draws=draws)


def _figures(
    records: Sequence[Sequence[Record]],
    correct: NDArray[np.bool_],
    evidence: Evidence,
    by: Criterion,
) -> tuple[Figures, int]:
    """Return what works out the figure of each draw, and how many draws there is time for."""
    if by is Criterion.accuracy:
        return MeanFigures(correct.astype(np.float64)), DRAWS
    tables = [[evidence.table(record) for record in row] for row in records]
    classes = sorted({name for row in tables for each in row for name in _names(each)})
    column = {name: number for number, name in enumerate(classes)}
    truth = np.array([column[name] for each in tables[0] for name in each.true])
    if by is Criterion.balanced:
        return BalancedFigures(correct.astype(np.float64), truth), DRAWS
    scores = np.stack([np.concatenate([_scores(each, column) for each in row]) for row in tables])
    if by is Criterion.log_loss:
        given = scores[:, np.arange(len(truth)), truth]
        return MeanFigures(np.log(np.clip(given, SMALLEST_PROBABILITY, 1.0))), DRAWS
    draws = int(np.clip(MOST_WORK / scores.size, 100, DRAWS))
    return AreaFigures(scores, truth), draws


def _names(table: PredictionTable) -> tuple[str, ...]:
    return (*table.true, *table.predictions.classes)


def _scores(table: PredictionTable, column: dict[str, int]) -> NDArray[np.float64]:
    """Give every class a column; a clip without probabilities has none."""
    said = table.predictions
    scores = np.zeros((len(said), len(column)))
    scores[:, [column[name] for name in said.classes]] = np.nan_to_num(said.scores)
    return scores
