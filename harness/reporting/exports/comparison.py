"""What changed between runs or cells, and ranks over datasets, as JSON and Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from harness.analysis.comparison import Change, Comparison
from harness.analysis.ranking import Ranking
from harness.files.documents import written
from harness.reporting.exports.markdown import escape_markdown, pipe_row
from harness.reporting.wording import comparison as words
from harness.reporting.wording import ranking as ranks


def comparison_json(comparison: Comparison, everything: bool) -> str:
    """Write all changes as JSON, whether or not they are significant."""
    return written(
        {
            "schema": 1,
            "first": comparison.first,
            "second": comparison.second,
            "changes": [_change(change) for change in comparison.changes],
            "only_first": list(comparison.only_first),
            "only_second": list(comparison.only_second),
            "left_out": list(comparison.left_out),
            "regressions": list(comparison.regressions),
            "remarks": list(comparison.remarks),
        }
    )


def _change(change: Change) -> dict[str, Any]:
    pair = change.pair
    return {
        "cell": change.name,
        "first_accuracy": change.first,
        "second_accuracy": change.second,
        "difference": pair.difference,
        "low": pair.low,
        "high": pair.high,
        "corrected_low": change.low,
        "corrected_high": change.high,
        "p": pair.p,
        "adjusted_p": change.adjusted,
        "verdict": change.verdict,
        "method": pair.method,
        "clips": pair.n,
        "only_first_right": pair.only_second,
        "only_second_right": pair.only_first,
        "ms_per_clip": None if change.clip is None else change.clip.to_json(),
        "fit_s": None if change.fit is None else change.fit.to_json(),
    }


def comparison_markdown(comparison: Comparison, everything: bool) -> str:
    """Write what changed as a Markdown table under its headline."""
    lead = [
        f"{comparison.first} → {comparison.second}",
        words.headline(comparison),
    ]
    rows = [words.figures(change) for change in words.shown(comparison, everything)]
    return markdown_table(lead, words.HEADS, rows, words.remarks(comparison, everything))


def ranking_json(ranking: Ranking) -> str:
    """Write ranks over datasets as JSON."""
    found = ranking.analysis
    return written(
        {
            "schema": 1,
            "runs": list(ranking.runs),
            "datasets": list(ranking.datasets),
            "cells": [
                {
                    "cell": name,
                    "mean_rank": float(found.average_ranks[place]),
                    "ties": found.letters[place],
                    "accuracies": ranking.accuracies[:, place].tolist(),
                }
                for place, name in enumerate(found.names)
            ],
            "friedman_p": found.friedman_p,
            "adjusted_p": found.adjusted.tolist(),
            "cliques": [list(clique) for clique in found.cliques],
            "smallest_p": ranking.smallest_p,
            "missing": list(ranking.missing),
        }
    )


def ranking_markdown(ranking: Ranking) -> str:
    """Write ranks over datasets as a Markdown table under its headline."""
    heads = (*ranks.RANK_HEADS, *ranking.datasets)
    rows = list(ranks.rank_figures(ranking))
    return markdown_table([ranks.rank_headline(ranking)], heads, rows, ranks.rank_remarks(ranking))


def markdown_table(
    lead: Iterable[str], heads: Sequence[str], rows: Iterable[Sequence[str]], end: Iterable[str]
) -> str:
    """Write a table under its headline, with remarks below."""
    lines = [*(escape_markdown(line) + "  " for line in lead), ""]
    rows = list(rows)
    if rows:
        lines += [pipe_row([escape_markdown(head) for head in heads])]
        lines += [pipe_row(["---", *["---:"] * (len(heads) - 1)])]
        lines += [pipe_row([escape_markdown(cell) for cell in row]) for row in rows]
        lines += [""]
    lines += [escape_markdown(line) + "  " for line in end]
    return "\n".join(lines) + "\n"
