"""The comparison for other programs: JSON, CSV, Markdown, LaTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

from harness.analysis.averages import MEAN, Ensemble
from harness.analysis.choice import Choice
from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.files.documents import plain, written
from harness.reporting.exports.latex import latex_table
from harness.reporting.exports.markdown import escape_markdown, pipe_row
from harness.reporting.wording import summary as wording
from harness.results.predictions import shield
from harness.results.record import Record

_HEADS = ("representation", "classifier", *wording.RANKED_HEADS[:-1])
_FIGURES = ("accuracy", "low", "high", "balanced_accuracy", "macro_f1", "roc_auc", "coverage")


def to_json(summary: Summary) -> str:
    """Write a run as JSON: the schema is in docs/results-format.md."""
    values = {
        "schema": 1,
        "run": summary.run.name,
        "dataset": {"schema": 1, **plain(summary.data), "note": summary.plan.note},
        "split": plain(summary.split),
        "environment": {"schema": 1, **plain(summary.environment)},
        "planned": summary.planned,
        "finished": summary.finished,
        "damaged": list(summary.damaged),
        "other_cells": summary.others,
        "choice": _choice(summary.choice),
        "cells": [_cell(record, summary) for record in summary.records],
        "ensembles": [_ensemble(each) for each in summary.ensembles],
        "gains": [
            {
                "representation": gain.representation,
                "classifier": gain.classifier,
                "baseline": summary.baseline,
                "difference": gain.comparison.difference,
                "low": gain.comparison.low,
                "high": gain.comparison.high,
                "p": gain.adjusted,
                "verdict": gain.verdict,
                "corrected_low": gain.low,
                "corrected_high": gain.high,
            }
            for gain in summary.gains
        ],
    }
    return written(values)


def _choice(choice: Choice | None) -> dict[str, Any] | None:
    if choice is None:
        return None
    found = choice.corrected
    return {
        **_named(choice.row),
        "by": choice.by.value,
        "value": choice.value,
        "side": choice.side,
        "holdout_accuracy": choice.row.accuracy,
        "low": choice.row.low,
        "high": choice.row.high,
        "about": choice.row.about,
        "corrected": None if found is None else plain(found),
        "highest": {**_named(choice.highest), "holdout_accuracy": choice.highest.accuracy},
        "cannot_be_told_from_it": [_named(row) for row in choice.ties] if choice.telling else None,
        "compared_with": choice.others,
        "not_judged": choice.unjudged,
        "independent_clips": choice.clips,
        "fewest_independent_clips": choice.fewest,
    }


def _ensemble(found: Ensemble) -> dict[str, Any]:
    return {
        "representation": found.name,
        "classifier": str(MEAN),
        "chosen_from": found.candidates,
        "flattered_cv_accuracy": found.flattered,
        "left_out": list(found.left_out),
        "missing": found.missing,
        "averages": [
            {
                "split": each.record.cell.split,
                "seed": each.record.cell.seed,
                "members": [plain(member) for member in each.members],
            }
            for each in found.averages
        ],
    }


def _named(row: Row) -> dict[str, str]:
    return {"representation": row.representation, "classifier": row.classifier}


def _cell(record: Record, summary: Summary) -> dict[str, Any]:
    row = summary.row(str(record.cell.representation), str(record.cell.classifier))
    holdout = record.holdout
    return {
        **record.to_json(),
        "ties": row.letters if row is not None else "",
        "coverage": None if holdout is None else holdout.coverage,
    }


def to_csv(summary: Summary) -> str:
    """Write a row a cell as CSV; text that a spreadsheet would obey is shielded."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            *("representation", "classifier", "split", "seed", "train_size", "status", "reason"),
            *("synthetic", "cv_accuracy", *_FIGURES, "train", "holdout"),
            *("ties", "features_s", "fit_s", "predict_s"),
        ]
    )
    for record in summary.records:
        writer.writerow([_shielded(value) for value in _csv_row(record, summary)])
    return text.getvalue()


def _csv_row(record: Record, summary: Summary) -> list[Any]:
    cell, cv, holdout, clips = record.cell, record.cv, record.holdout, record.clips
    row = summary.row(str(cell.representation), str(cell.classifier))
    seconds = [
        record.seconds[stage].total_s if stage in record.seconds else None
        for stage in ("features", "fit", "predict")
    ]
    return [
        *(str(cell.representation), str(cell.classifier), cell.split, cell.seed, cell.train_size),
        *(record.status, record.reason, summary.data.synthetic, cv.accuracy if cv else None),
        *(getattr(holdout, figure) if holdout else None for figure in _FIGURES),
        *((clips.train, clips.holdout) if clips else (None, None)),
        *(row.letters if row else "", *seconds),
    ]


def _shielded(value: Any) -> Any:
    return shield(value) if isinstance(value, str) else value


def to_markdown(summary: Summary) -> str:
    """Write the ranking as a Markdown table under its heading."""
    lines = [*(escape_markdown(line) + "  " for line in wording.heading(summary)), ""]
    lines += [pipe_row(_HEADS), pipe_row(["---", "---", *["---:"] * (len(_HEADS) - 2)])]
    rows = [[escape_markdown(cell) for cell in _ranked(row)] for row in summary.ranked()]
    lines += [pipe_row(row) for row in rows]
    remarks = (*wording.mishaps(summary), *wording.remarks(summary))
    lines += ["", *(escape_markdown(line) + "  " for line in remarks)]
    return "\n".join(lines) + "\n"


def _ranked(row: Row) -> list[str]:
    if row.accuracy is None:
        return [row.representation, row.classifier, f"{row.status}: {row.reason}", *[""] * 5]
    return [row.representation, row.classifier, *wording.ranked_figures(row)[:-1]]


def to_latex(summary: Summary) -> str:
    """Write the ranking as a LaTeX table (booktabs)."""
    caption = " ".join(wording.heading(summary))
    return latex_table(caption, _HEADS, [_ranked(row) for row in summary.ranked()])


EXPORTS: Mapping[str, Callable[[Summary], str]] = {
    "json": to_json,
    "csv": to_csv,
    "markdown": to_markdown,
    "latex": to_latex,
}
