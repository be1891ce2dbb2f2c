"""The clips that a cell gets wrong, as plain values."""

from __future__ import annotations

from typing import Any

from harness.analysis.mistakes import Mistakes


def to_json(found: Mistakes) -> dict[str, Any]:
    """Write all mistakes as plain values, the surest first."""
    cell = found.record.cell
    return {
        "schema": 1,
        "run": found.run.name,
        "representation": str(cell.representation),
        "classifier": str(cell.classifier),
        "split": cell.split,
        "seed": cell.seed,
        "clips": found.clips,
        "mistakes": [
            {
                "id": each.id,
                "label": each.label,
                "said": each.answer.label,
                "score": each.answer.score,
            }
            for each in found.found
        ],
    }
