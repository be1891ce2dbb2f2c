"""What changed between runs or cells, judged by events, as JSON and Markdown."""

from __future__ import annotations

from typing import Any

from harness.analysis.contrasts import Contrast, Difference
from harness.files.documents import plain, written
from harness.reporting.exports.comparison import markdown_table
from harness.reporting.wording import contrasts as words


def contrast_json(found: Contrast) -> str:
    """Write all differences as JSON, whether or not they are significant."""
    return written(
        {
            "schema": 1,
            "judged_by": "events",
            "first": found.first,
            "second": found.second,
            "promise": None if found.promise is None else str(found.promise),
            "rules": plain(found.rules),
            "longest_s": found.longest_s,
            "units": found.units,
            "about": found.about,
            "thinned": found.thinned,
            "differences": [_difference(each) for each in found.differences],
            "only_first": list(found.only_first),
            "only_second": list(found.only_second),
            "left_out": list(found.left_out),
            "regressions": list(found.regressions),
        }
    )


def _difference(each: Difference) -> dict[str, Any]:
    return {
        "cell": each.name,
        "class": each.label,
        "figure": each.figure,
        "first": each.first,
        "second": each.second,
        "difference": each.difference,
        "low": each.low,
        "high": each.high,
        "corrected_low": each.corrected_low,
        "corrected_high": each.corrected_high,
        "p": each.p,
        "adjusted_p": each.adjusted,
        "verdict": each.verdict,
        "reason": each.reason,
    }


def contrast_markdown(found: Contrast, everything: bool) -> str:
    """Write what changed as a Markdown table under its headline."""
    lead = [f"{found.first} → {found.second}", words.headline(found)]
    rows = [words.figures(each) for each in words.shown(found, everything)]
    return markdown_table(lead, words.HEADS, rows, words.remarks(found, everything))
