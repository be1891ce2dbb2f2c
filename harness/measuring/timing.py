"""Seconds of every stage, and what they come to for one clip."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

STAGES = ("load", "represent", "draw", "features", "fit", "predict")


@dataclass(frozen=True, slots=True)
class Lap:
    """One timed batch: its seconds and how many clips they were spent on."""

    seconds: float
    clips: int


@dataclass(slots=True)
class Stopwatch:
    """Collects laps by stage."""

    laps: dict[str, list[Lap]] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, clips: int) -> Iterator[None]:
        """Time what runs inside as one lap of a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, Lap(time.perf_counter() - start, clips))

    def add(self, name: str, lap: Lap) -> None:
        """Count a lap that was timed elsewhere."""
        self.laps.setdefault(name, []).append(lap)

    def summary(self) -> dict[str, dict[str, float]]:
        """Return seconds in all, and milliseconds a clip (median and 95th percentile), by stage."""
        ordered = sorted(self.laps, key=lambda n: STAGES.index(n) if n in STAGES else len(STAGES))
        return {name: summarise(self.laps[name]) for name in ordered}


def summarise(laps: Sequence[Lap]) -> dict[str, float]:
    """Return total seconds and per-clip milliseconds; each lap weighs as many clips as it had."""
    used = [lap for lap in laps if lap.clips > 0]
    total = sum(lap.seconds for lap in laps)
    if not used:
        return {"total_s": total, "clips": 0}
    each_ms = np.repeat(
        [1000 * lap.seconds / lap.clips for lap in used], [lap.clips for lap in used]
    )
    return {
        "total_s": total,
        "clips": int(each_ms.size),
        "median_ms": float(np.median(each_ms)),
        "p95_ms": float(np.percentile(each_ms, 95)),
    }


def total_seconds(summary: Mapping[str, Mapping[str, float]]) -> float:
    """Add up the seconds of all stages of a summary."""
    return sum(stage["total_s"] for stage in summary.values())
