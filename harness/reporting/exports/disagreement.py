"""The clips that two cells judge differently, as plain values."""

from __future__ import annotations

from typing import Any

from harness.analysis.disagreement import Disagreement, Judged, name_record


def to_json(found: Disagreement) -> dict[str, Any]:
    """Write a disagreement as plain values, every clip of it."""
    agreement = found.agreement
    return {
        "schema": 1,
        "run": found.run.name,
        "first": name_record(found.first),
        "second": name_record(found.second),
        "split": found.first.cell.split,
        "seeds": [found.first.cell.seed, found.second.cell.seed],
        "clips": found.clips,
        "both_right": len(agreement.both),
        "agreement": agreement.agreement,
        "kappa": agreement.kappa,
        "oracle_accuracy": agreement.oracle,
        "only_first_right": [_plain(clip) for clip in found.only_first],
        "only_second_right": [_plain(clip) for clip in found.only_second],
        "neither_right": [_plain(clip) for clip in found.neither],
    }


def _plain(clip: Judged) -> dict[str, Any]:
    said = {
        name: {"label": answer.label, "score": answer.score}
        for name, answer in (("first", clip.first), ("second", clip.second))
    }
    return {"id": clip.id, "label": clip.label, **said}
