"""What Dask measures of itself by the clock; while a run uses it, seldom."""

from __future__ import annotations

import time
from typing import Any

SELDOM_MS = 1000.0
"""Less than the 3 s after which Dask says that a worker does not answer."""
WATCHES = ("profile", "tick", "memory_monitor", "monitor")
"""What Dask measures of itself every 10, 20, 100 and 500 ms: 3% of a core of a worker that only
waits for the process of its seat, 1% of a scheduler."""
LISTED_EVERY_S = 2.0
"""Listing processes takes milliseconds, looking at those that are known next to nothing."""


def slow_down(server: Any) -> None:
    """Let a worker or a scheduler watch itself seldom; `speed_up` undoes it."""
    if not hasattr(server, "sightbench_paces"):
        watches = {name: server.periodic_callbacks.get(name) for name in WATCHES}
        found = {name: each for name, each in watches.items() if each is not None}
        server.sightbench_paces = {name: each.callback_time for name, each in found.items()}
        for each in found.values():
            each.callback_time = max(SELDOM_MS, each.callback_time)


def speed_up(server: Any) -> None:
    """Let it watch itself as often as before."""
    for name, pace in vars(server).pop("sightbench_paces", {}).items():
        server.periodic_callbacks[name].callback_time = pace


def slow_down_scheduler(dask_scheduler: Any = None) -> None:
    """Do so on the scheduler, which Dask gives."""
    slow_down(dask_scheduler)


def speed_up_scheduler(dask_scheduler: Any = None) -> None:
    """Undo it there."""
    speed_up(dask_scheduler)


class Appetite:
    """How much memory the processes below this one take, which Dask itself does not see."""

    def __init__(self) -> None:
        self.listed = -LISTED_EVERY_S
        self.known: list[Any] = []

    def taken(self) -> int:
        """Return bytes."""
        import psutil

        if time.monotonic() - self.listed >= LISTED_EVERY_S:
            self.listed = time.monotonic()
            self.known = psutil.Process().children(recursive=True)
        taken = 0
        for child in self.known:
            try:
                taken += child.memory_info().rss
            except psutil.Error:
                continue
        return taken
