"""Seconds of every stage, and what they come to for one clip."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

STAGES = ("load", "represent", "draw", "features", "fit", "predict")
CLIP_STAGES = ("load", "represent", "draw", "features", "predict")
"""What a new clip goes through."""
FIT_STAGES = ("features", "fit")
"""What learning takes."""


@dataclass(frozen=True, slots=True)
class Lap:
    """One timed batch: its seconds, how many clips they were spent on, on which machine."""

    seconds: float
    clips: int
    host: str = ""


@dataclass(frozen=True, slots=True)
class StageTime:
    """What one stage came to: seconds in all, clips, milliseconds a clip (None without clips).

    Parameters
    ----------
    hosts
        The machines that it was measured on, sorted; empty where that was not noted.
    """

    total_s: float
    clips: int
    median_ms: float | None = None
    p95_ms: float | None = None
    hosts: tuple[str, ...] = ()


@dataclass(slots=True)
class Stopwatch:
    """Collects laps by stage."""

    laps: dict[str, list[Lap]] = field(default_factory=dict)

    @contextmanager
    def stage(
        self, name: str, clips: int, spared_s: Callable[[], float] = lambda: 0.0
    ) -> Iterator[None]:
        """Time what runs inside as one lap of a stage.

        Parameters
        ----------
        spared_s
            Says afterwards how many seconds more it would have taken, had nothing been shared.
        """
        start = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - start + spared_s()
            self.add(name, Lap(seconds, clips, platform.node()))

    def add(self, name: str, lap: Lap) -> None:
        """Count a lap that was timed elsewhere."""
        self.laps.setdefault(name, []).append(lap)

    def summary(self) -> dict[str, StageTime]:
        """Return what each stage came to, in the order of `STAGES`."""
        ordered = sorted(self.laps, key=lambda n: STAGES.index(n) if n in STAGES else len(STAGES))
        return {name: summarise(self.laps[name]) for name in ordered}


def summarise(laps: Sequence[Lap]) -> StageTime:
    """Return total seconds and per-clip milliseconds; each lap weighs as many clips as it had."""
    used = [lap for lap in laps if lap.clips > 0]
    total = sum(lap.seconds for lap in laps)
    hosts = tuple(sorted({lap.host for lap in laps} - {""}))
    if not used:
        return StageTime(total, 0, hosts=hosts)
    each_ms = np.repeat(
        [1000 * lap.seconds / lap.clips for lap in used], [lap.clips for lap in used]
    )
    return StageTime(
        total,
        int(each_ms.size),
        float(np.median(each_ms)),
        float(np.percentile(each_ms, 95)),
        hosts,
    )
