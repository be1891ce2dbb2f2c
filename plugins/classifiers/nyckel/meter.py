"""Counts what is sent, and the time that passes while waiting for the service."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Meter:
    """Thread-safe counters of one process.

    ``network_s`` is time on the clock during which at least one thread was waiting for the
    service (its rate limit and its training included): 25 requests at once for one second are
    one second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._counts: dict[str, int] = {}
        self._waiting = 0
        self._since = 0.0
        self._waited_s = 0.0

    def count(self, what: str, number: int = 1) -> None:
        """Add to a counter."""
        with self._lock:
            self._counts[what] = self._counts.get(what, 0) + number

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Measure the time inside, once for all threads together."""
        with self._lock:
            if self._waiting == 0:
                self._since = self._clock()
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1
                if self._waiting == 0:
                    self._waited_s += self._clock() - self._since

    def totals(self) -> dict[str, float]:
        """Return all counters and ``network_s``."""
        with self._lock:
            running = self._clock() - self._since if self._waiting else 0.0
            return {**self._counts, "network_s": round(self._waited_s + running, 4)}
