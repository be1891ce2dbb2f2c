"""A kept detector as JSON."""

from __future__ import annotations

from typing import Any

from harness.applying.bundle import Bundle
from harness.files.documents import plain
from harness.reporting.wording.detector import card, limits


def to_json(bundle: Bundle) -> dict[str, Any]:
    """Return all that a bundle says of itself, and the card in the words of the terminal."""
    return {
        "schema": 2,
        "digest": bundle.digest,
        **plain(bundle.detector),
        "limits": limits(bundle.detector),
        "learnt": [
            {
                name: {"shape": list(each.shape), "type": str(each.dtype)}
                for name, each in sorted(knowledge.arrays.items())
            }
            for knowledge in bundle.learnt
        ],
        "self_test": [
            {"id": each.id, "label": each.label, "scores": list(each.scores)}
            for each in bundle.probes.probes
        ],
        "card": {title: [list(row) for row in rows] for title, rows in card(bundle).items()},
    }
