"""The server's own limits, and counters of all that it saw."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """What the server saw; tests read it.

    Parameters
    ----------
    limited
        429 answers because a limit was passed (not those of a fault).
    arrivals
        The times at which requests were let through (s, monotonic).
    accepted
        New samples by (function, external id): more than one means posted twice.
    invoked
        Calls to classify that were carried out, by (function, picture).
    faulted
        Requests that met each fault.
    tokens
        All that were issued.
    """

    requests: int = 0
    limited: int = 0
    most_at_once: int = 0
    arrivals: list[float] = field(default_factory=list)
    accepted: Counter[tuple[str, str]] = field(default_factory=Counter)
    invoked: Counter[tuple[str, str]] = field(default_factory=Counter)
    faulted: Counter[str] = field(default_factory=Counter)
    tokens: list[str] = field(default_factory=list, repr=False)


class Limits:
    """So many requests in any second, so many at once."""

    def __init__(self, per_second: float, concurrent: int, counters: Counters) -> None:
        self._window = deque[float](maxlen=max(1, int(per_second)))
        self._concurrent = concurrent
        self._now = 0
        self._lock = threading.Lock()
        self._counters = counters

    def enter(self) -> bool:
        """Say whether a request may pass; one that may must `leave`."""
        with self._lock:
            now = time.monotonic()
            self._counters.requests += 1
            full = len(self._window) == self._window.maxlen
            if self._now >= self._concurrent or (full and now - self._window[0] < 1.0):
                self._counters.limited += 1
                return False
            self._window.append(now)
            self._counters.arrivals.append(now)
            self._now += 1
            self._counters.most_at_once = max(self._counters.most_at_once, self._now)
            return True

    def leave(self) -> None:
        """Note that a request was answered."""
        with self._lock:
            self._now -= 1
