"""What a Dask worker does by the clock; while it has a seat, seldom."""

from __future__ import annotations

import time
from typing import Any

SELDOM_MS = 1000.0
"""Less than the 3 s after which Dask says that a worker does not answer."""
WATCHES = ("profile", "tick")
"""What Dask measures of a worker's own threads every 10 and 20 ms: 2.6% of a core, where all that
they do is to wait for the process of the seat."""
LISTED_EVERY_S = 2.0
"""Listing processes takes milliseconds, looking at those that are known next to nothing."""


def slow_down(worker: Any) -> None:
    """Let a worker watch itself seldom; `speed_up` undoes it."""
    if not hasattr(worker, "sightbench_paces"):
        watches = {name: worker.periodic_callbacks.get(name) for name in WATCHES}
        found = {name: each for name, each in watches.items() if each is not None}
        worker.sightbench_paces = {name: each.callback_time for name, each in found.items()}
        for each in found.values():
            each.callback_time = max(SELDOM_MS, each.callback_time)


def speed_up(worker: Any) -> None:
    """Let a worker watch itself as often as before."""
    for name, pace in vars(worker).pop("sightbench_paces", {}).items():
        worker.periodic_callbacks[name].callback_time = pace


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
