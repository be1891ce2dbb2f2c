"""A run judged by events, for other programs: JSON, CSV, Markdown, LaTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from harness.analysis.judging import RECALLS, Confirmed, Judged, Judgement
from harness.files.documents import plain, written
from harness.reporting.exports.latex import latex_table
from harness.reporting.exports.markdown import escape_markdown, pipe_row
from harness.reporting.wording import events as wording
from harness.results.predictions import shield
from harness.statistics.drawn import Estimate


def to_json(found: Judgement) -> str:
    """Write all figures as JSON: the schema is in docs/results-format.md."""
    values = plain(found)
    values["promise"] = None if found.promise is None else str(found.promise)
    values["recalls"] = list(RECALLS)
    values["rows"] = [_row(row) for row in found.rows]
    values["left_out"] = [{"cell": name, "reason": why} for name, why in found.left_out]
    return written({"schema": 1, **values})


def _row(row: Judged) -> dict[str, Any]:
    values: dict[str, Any] = plain(row)
    if not isinstance(row.at, Confirmed):
        values["at"] = {"reason": row.at.reason}
        return values
    for each, threshold in zip(values["at"]["thresholds"], row.at.thresholds, strict=True):
        each["calibrated"] = threshold.calibrated
        each["promise"] = None if threshold.promise is None else str(threshold.promise)
    return values


_HEADS = (
    *("representation", "classifier", "class", "control"),
    *("average_precision", "average_precision_low", "average_precision_high"),
    *(
        f"alarms_per_hour_at_recall_{recall:g}{end}"
        for recall in RECALLS
        for end in ("", "_low", "_high")
    ),
    *("precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high"),
    *("alarms_per_hour", "alarms_per_hour_low", "alarms_per_hour_high", "verdict", "reason"),
)


def to_csv(found: Judgement) -> str:
    """Write a row a cell and class as CSV; text that a spreadsheet would obey is shielded."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = to_columns(found)
    writer.writerow(columns)
    for values in zip(*columns.values(), strict=True):
        writer.writerow([shield(each) if isinstance(each, str) else each for each in values])
    return text.getvalue()


def to_columns(found: Judgement) -> dict[str, list[Any]]:
    """Give the figures as columns, a row a cell and class; None where there is none."""
    rows = [_figures(row) for row in found.rows]
    return {name: [row[place] for row in rows] for place, name in enumerate(_HEADS)}


def _figures(row: Judged) -> list[Any]:
    at = row.at if isinstance(row.at, Confirmed) else None
    reason = "" if isinstance(row.at, Confirmed) else row.at.reason
    return [
        *(row.representation, row.classifier, row.label, row.control),
        *_ends([row.average_precision, *row.per_hour]),
        *_ends([at.precision, at.recall, at.per_hour] if at else [None] * 3),
        (at.verdict or "") if at else "",
        reason,
    ]


def _ends(figures: Iterable[Estimate | None]) -> list[float | None]:
    return [
        value
        for each in figures
        for value in ((None,) * 3 if each is None else (each.value, each.low, each.high))
    ]


def to_markdown(found: Judgement) -> str:
    """Write the tables as Markdown, with the sentences of the terminal."""
    lines = [*(escape_markdown(line) + "  " for line in wording.heading(found)), ""]
    for each in found.listened:
        rows = found.of(each.label)
        lines += [f"**{escape_markdown(wording.alarm_title(each.label))}**", ""]
        lines += [*_table(wording.ALARM_HEADS, rows, wording.alarm_figures), ""]
        if any(any(wording.threshold_figures(row)) for row in rows):
            title = wording.threshold_title(found, each.label)
            lines += [f"**{escape_markdown(title)}**", ""]
            lines += [*_table(wording.THRESHOLD_HEADS, rows, wording.threshold_figures), ""]
    lines += [escape_markdown(line) + "  " for line in wording.remarks(found)]
    return "\n".join(lines) + "\n"


def _table(
    heads: Sequence[str], rows: Sequence[Judged], figures: Callable[[Judged], tuple[str, ...]]
) -> list[str]:
    lines = [pipe_row(["representation", "classifier", *heads])]
    lines.append(pipe_row(["---", "---", *["---:"] * len(heads)]))
    for row in rows:
        cells = (*_named(row), *figures(row))
        lines.append(pipe_row(map(escape_markdown, cells)))
    return lines


def to_latex(found: Judgement) -> str:
    """Write a LaTeX table (booktabs) a class, with false alarms and what thresholds come to."""
    heads = ("representation", "classifier", *wording.ALARM_HEADS, *wording.THRESHOLD_HEADS)
    tables = []
    for each in found.listened:
        titles = (wording.alarm_title(each.label), wording.threshold_title(found, each.label))
        caption = "; ".join(titles) + ". " + " ".join(wording.heading(found))
        rows = [
            [*_named(row), *wording.alarm_figures(row), *wording.threshold_figures(row)]
            for row in found.of(each.label)
        ]
        tables.append(latex_table(caption, heads, rows))
    return "\n".join(tables)


def _named(row: Judged) -> tuple[str, str]:
    return row.representation, row.classifier


EXPORTS: Mapping[str, Callable[[Judgement], str]] = {
    "json": to_json,
    "csv": to_csv,
    "markdown": to_markdown,
    "latex": to_latex,
}
