"""What the tables of the report show, as plain values; the template only places them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.pooling import Confusion, pool_confusion, pool_reliability
from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.measuring.timing import CLIP_STAGES, FIT_STAGES
from harness.reporting.html.charts import Scale, linear
from harness.reporting.wording import glance
from harness.reporting.wording import summary as wording
from harness.statistics.calibration import Reliability
from harness.statistics.gains import Verdict

MATRICES, LARGEST_MATRIX, MOST_CONFUSED = 10, 20, 20
"""Confusion matrices of so many rows; tables above so many classes list the worst mistakes."""

SYMBOLS: Mapping[Verdict, str] = {"better": "▲", "worse": "▼", "no clear difference": "≈"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell of a table: what is written and what it is sorted by."""

    text: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """One row of the ranking; `bar` is its interval on the common axis, in percent."""

    row: Row
    figures: tuple[Figure, ...]
    bar: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class RankingTable:
    """The ranking: columns with their explanations, rows the best first, the bars' axis."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[Ranked, ...]
    axis: Scale | None


_GLUE = "\N{NO-BREAK SPACE}"
_COLUMNS = (
    (f"holdout{_GLUE}%", "share of the holdout clips judged right; a failed prediction is wrong"),
    ("ties", "rows that share a letter cannot be told apart"),
    (f"cv{_GLUE}%", "mean accuracy of cross-validation inside training"),
    ("balanced %", "mean recall of the classes"),
    ("macro F1 %", "mean F1 of the classes"),
    ("AUC", "area under the receiver operating characteristic"),
    ("Brier", "mean squared error of the probabilities; 0 is perfect"),
    ("ms/clip", "median milliseconds to read, draw and classify one clip"),
    (f"fit{_GLUE}s", "seconds to learn, folds included"),
)


def ranking_table(summary: Summary) -> RankingTable:
    """Return all rows, the best first."""
    rows = summary.ranked()
    real = [row for row in rows if not row.control]
    ends = [100 * v for row in real for v in (row.accuracy, row.low, row.high) if v is not None]
    axis = linear("%", ends, floor=0, ceiling=100) if ends else None
    return RankingTable(
        _COLUMNS, tuple(Ranked(row, _figures(row), _bar(row, axis)) for row in rows), axis
    )


def _figures(row: Row) -> tuple[Figure, ...]:
    if row.accuracy is None:
        return tuple(Figure("", None) for _ in _COLUMNS)
    fit, clip = row.total_seconds(*FIT_STAGES), row.milliseconds(*CLIP_STAGES)
    shares = [row.mean("holdout", name) for name in ("balanced_accuracy", "macro_f1")]
    areas = [row.mean("holdout", name) for name in ("roc_auc", "brier")]
    cv = row.mean("cv", "accuracy")
    return (
        Figure(wording.percent(row.accuracy), row.accuracy),
        Figure(row.letters, -_letter_order(row.letters) if row.letters else None),
        Figure(wording.percent(cv), cv),
        *(Figure(wording.percent(value), value) for value in shares),
        *(Figure(wording.share(value), value) for value in areas),
        Figure(wording.number(clip, 2), clip),
        Figure(wording.number(fit, 1), fit),
    )


def _letter_order(letters: str) -> float:
    """Order letters as words are, by their first ones."""
    return sum((ord(c) - ord("a")) / 100.0**place for place, c in enumerate(letters[:4]))


def _bar(row: Row, axis: Scale | None) -> tuple[float, float, float] | None:
    """Yardsticks have none: the axis is for what they are a yardstick of."""
    if axis is None or row.control or row.accuracy is None or row.low is None or row.high is None:
        return None
    return axis.place(100 * row.low), axis.place(100 * row.accuracy), axis.place(100 * row.high)


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of the grid: what is written, its mark, and what the mark is called."""

    text: str
    mark: str = ""
    kind: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class GridTable:
    """Holdout accuracy: a row a representation, a column a classifier, times at the edges."""

    title: str
    classifiers: tuple[str, ...]
    rows: tuple[tuple[str, tuple[GridCell, ...], str], ...]
    fits: tuple[str, ...]
    legend: tuple[GridCell, ...]
    controls: str


_KINDS: Mapping[str, tuple[str, str, str]] = {
    glance.CHOSEN: ("★", "chosen", "chosen"),
    glance.TIED: ("≈", "tied", "cannot be told from it"),
    glance.HIGHEST: ("▲", "highest", "highest on the holdout"),
    glance.HIGHEST + glance.TIED: ("▲≈", "tied", "highest on the holdout, cannot be told apart"),
}
"""What stands beside a figure, its class in the style sheet, and what it is called."""


def grid_table(summary: Summary) -> GridTable:
    """Return the whole grid, best representations first."""
    representations = glance.ranked_names(summary, "representation")
    classifiers = glance.planned_names(summary, glance.ranked_names(summary, "classifier"))
    rows = tuple(
        (
            name,
            tuple(_grid_cell(summary, summary.row(name, each)) for each in classifiers),
            glance.drawing_ms(summary, name),
        )
        for name in representations
    )
    marks = dict.fromkeys(cell.kind for _, cells, _ in rows for cell in cells if cell.kind)
    legend = [
        GridCell("", *_KINDS[mark])
        for mark in (glance.CHOSEN, glance.TIED, glance.HIGHEST)
        if _KINDS[mark][1] in marks
    ]
    fits = tuple(glance.fit_seconds(summary, name) for name in classifiers)
    title = glance.grid_title(summary)
    return GridTable(title, tuple(classifiers), rows, fits, tuple(legend), glance.controls(summary))


def _grid_cell(summary: Summary, row: Row | None) -> GridCell:
    if row is None:
        return GridCell("")
    if row.accuracy is None:
        return GridCell(row.status, kind="status")
    mark = glance.marks(summary, row)
    return GridCell(wording.percent(row.accuracy), *_KINDS.get(mark, ("", "", "")))


@dataclass(frozen=True, slots=True)
class GainCell:
    """One gain in words and figures."""

    points: str
    interval: str
    symbol: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class GainTable:
    """Gains over the baseline: a row a representation, a column a classifier, and the mean."""

    classifiers: tuple[str, ...]
    rows: tuple[tuple[str, tuple[GainCell | None, ...], str], ...]


def gain_table(summary: Summary) -> GainTable | None:
    """Return the two-factor view; None where there is no baseline to compare with."""
    if not summary.overall:
        return None
    classifiers = tuple(dict.fromkeys(gain.classifier for gain in summary.gains))
    by_pair = {(g.representation, g.classifier): g for g in summary.gains}
    rows = []
    for each in summary.overall:
        mean = _gain(each.difference, each.low, each.high, each.verdict)
        cells: list[GainCell | None] = [mean if len(each.classifiers) > 1 else None]
        for name in classifiers:
            gain = by_pair.get((each.representation, name))
            cells.append(
                _gain(gain.comparison.difference, gain.low, gain.high, gain.verdict)
                if gain
                else None
            )
        depends = {True: "yes", False: "not shown", None: "cannot be tested"}[each.depends]
        rows.append((each.representation, tuple(cells), depends))
    return GainTable(classifiers, tuple(rows))


def _gain(difference: float, low: float, high: float, verdict: Verdict) -> GainCell:
    interval = wording.points_interval(low, high)
    return GainCell(wording.points(difference), interval, SYMBOLS[verdict], verdict)


@dataclass(frozen=True, slots=True)
class Matrix:
    """One row's confusion table with shades from 0 to 1; or its worst mistakes if it is large."""

    title: str
    confusion: Confusion
    shades: tuple[tuple[float, ...], ...]
    mistakes: tuple[tuple[str, str, int], ...]


def confusion_matrices(rows: Sequence[Row]) -> tuple[Matrix, ...]:
    """Return the confusion tables of the best rows."""
    found = []
    for row in rows[:MATRICES]:
        confusion = pool_confusion(row)
        if confusion is None:
            continue
        large = len(confusion.labels) > LARGEST_MATRIX
        shades = tuple(
            tuple(round(count / max(sum(line), 1), 3) for count in line)
            for line in confusion.counts
        )
        mistakes = tuple(confusion.confused()[:MOST_CONFUSED]) if large else ()
        found.append(Matrix(row.title, confusion, shades, mistakes))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Calibration figures of one row."""

    title: str
    brier: str
    log_loss: str
    error: str


def calibration_table(rows: Sequence[Row]) -> tuple[Calibrated, ...]:
    """Return Brier score, log loss and expected calibration error of rows that have them."""
    curves = [(row, pool_reliability(row)) for row in rows]
    return tuple(_calibrated(row, curve) for row, curve in curves if curve is not None)


def _calibrated(row: Row, curve: Reliability) -> Calibrated:
    return Calibrated(
        row.title,
        wording.share(row.mean("holdout", "brier")),
        wording.share(row.mean("holdout", "log_loss")),
        wording.share(curve.expected_calibration_error),
    )
