"""What a detector found, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from harness.applying.bundle import Bundle
from harness.applying.detecting import Rules
from harness.applying.findings import Found
from harness.reporting.wording.detector import decided, promised

NAMED = 5
"""Recordings that are named for one reason."""


def summary(bundle: Bundle, rules: Rules, about: Sequence[dict[str, Any]]) -> list[str]:
    """Say what came of it, a line each: how much was heard, what was found, what was not heard."""
    hours = sum(each["seconds"] for each in about) / 3600
    counts: Counter[str] = Counter()
    for each in about:
        counts.update(each["detections"])
    found = ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())) or "nothing"
    windows = sum(each["windows"] for each in about)
    lines = [
        f"{len(about)} recordings, {hours:,.2f} hours, {windows:,} windows: {found}",
        f"detected: {decided(rules.decision, bundle.detector.wanted)}",
    ]
    return [*lines, *_troubles(about)]


def _troubles(about: Sequence[dict[str, Any]]) -> Iterator[str]:
    for each in about:
        if each["fault"]:
            yield f"{each['recording']} was not heard: {each['fault']}"
        elif each["note"]:
            yield f"{each['recording']} {each['note']}"
        for trouble in each["unread"][:NAMED]:
            yield (
                f"{each['recording']}: windows {trouble['first']} to {trouble['last']} were not "
                f"heard: {trouble['why']}"
            )


def told(found: Found) -> dict[str, Any]:
    """Write down what came of one recording."""
    recording = found.heard.recording
    counts = Counter(each.label for each in found.detections)
    return {
        "recording": found.heard.name,
        "seconds": recording.seconds,
        "windows": recording.windows,
        "detections": dict(sorted(counts.items())),
        "fault": recording.fault or "",
        "note": recording.note,
        "unread": [
            {"first": each.first, "last": each.last, "why": each.why} for each in found.unread
        ],
    }


def to_json(bundle: Bundle, rules: Rules, about: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Write down what was applied to what, by which rules, and what came of each recording."""
    detector, joining = bundle.detector, rules.joining
    return {
        "schema": 1,
        "detector": bundle.digest,
        "cell": detector.title,
        "classes": list(detector.classes),
        "background": rules.decision.background,
        "thresholds": dict(rules.decision.thresholds),
        "promises": [promised(each) for each in rules.decision.confirmed],
        "gap_s": joining.gap_s,
        "shortest_windows": joining.shortest,
        "recordings": list(about),
    }
