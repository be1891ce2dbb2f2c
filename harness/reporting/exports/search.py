"""What a search found, as JSON and Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from harness.files.documents import plain, written
from harness.reporting.exports.markdown import escape_markdown, pipe_row
from harness.reporting.wording import search as words
from harness.reporting.wording.reproduction import command_line
from harness.searching.findings import Advantage, Findings, SplitFinding


def search_json(findings: Findings) -> str:
    """Write all that was tried and found as JSON."""
    return written(
        {
            "schema": 1,
            "dataset": findings.dataset,
            "synthetic": findings.synthetic,
            "note": findings.plan.note,
            "classifier": findings.classifier,
            "start": findings.start,
            "ranked_by": findings.by,
            "seed": findings.seed,
            "budget": findings.budget,
            "varied": list(findings.varied),
            "candidates": findings.candidates,
            "splits": [_split(each) for each in findings.splits],
            "pooled": _advantage(findings.pooled),
            "command": command_line(findings.plan),
            "plan": plain(findings.plan),
            "run": findings.run,
        }
    )


def _split(finding: SplitFinding) -> dict[str, Any]:
    found = finding.found
    return {
        "split": finding.split,
        "chosen": found.chosen,
        "tried": [plain(each) for each in found.tried],
        "cells": found.cells,
        "rounds": found.rounds,
        "finalists": found.finalists,
        "inside": _advantage(found.inside),
        "corrected": plain(found.corrected),
        "holdout_accuracy": finding.accuracy,
        "holdout": _advantage(finding.holdout),
        "earlier_looks": finding.earlier,
        "trials": finding.inside_run,
    }


def _advantage(found: Advantage | None) -> dict[str, Any] | None:
    if found is None:
        return None
    pair = found.pair
    return {
        "start_accuracy": found.start,
        "chosen_accuracy": found.chosen,
        "difference": pair.difference,
        "low": pair.low,
        "high": pair.high,
        "p": pair.p,
        "method": pair.method,
        "about": pair.about,
        "clips": pair.n,
        "only_start_right": pair.only_second,
        "only_chosen_right": pair.only_first,
    }


def search_markdown(findings: Findings) -> str:
    """Write what a search found as Markdown, with every candidate."""
    lines = [*_lines(words.headline(findings)), ""]
    if findings.nested:
        rows = [words.split_figures(each) for each in findings.splits]
        lines += _table(words.SPLIT_HEADS, rows)
    for finding in findings.splits:
        if findings.nested:
            lines += [f"**Split {finding.split}**", ""]
        rows = [words.figures(tried, finding) for tried in words.shown(finding)]
        lines += _table(words.HEADS, rows)
        lines += [*_lines([*words.inside(finding), words.holdout(finding)]), ""]
    lines += [*_lines(words.ending(findings)), "", f"    {words.command(findings)}"]
    return "\n".join(lines) + "\n"


def _lines(found: Iterable[str]) -> list[str]:
    return [escape_markdown(line) + "  " for line in found]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        pipe_row([escape_markdown(head) for head in heads]),
        pipe_row(["---", *["---:"] * (len(heads) - 2), "---"]),
        *(pipe_row([escape_markdown(cell) for cell in row]) for row in rows),
        "",
    ]
