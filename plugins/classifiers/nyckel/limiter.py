"""At most so many requests a second, and so many at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PACE = 0.97
"""The share of the allowed rate that is used: requests sent evenly arrive unevenly, and the
service counts arrivals."""


class Limiter:
    """Lets requests through one by one, evenly spaced.

    Even spacing is what every way of counting (fixed seconds, a sliding second, a bucket) lets
    pass. A request that was sent late must not be followed too soon by the one that is a full
    second's worth later, so the times of sending are kept and checked as well.

    Parameters
    ----------
    per_second
        The service's limit (requests a second).
    concurrent
        How many may be under way at once.
    """

    def __init__(
        self,
        per_second: float,
        concurrent: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._interval = 1.0 / (per_second * PACE)
        self._sent: deque[float] = deque(maxlen=max(1, int(per_second)))
        self._window = max(1.0, self._interval)
        self._room = threading.BoundedSemaphore(concurrent)
        self._gate = threading.Lock()
        self._next = 0.0
        self._paused_until = 0.0
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, hold a place until the request has been answered."""
        with self._room:
            with self._gate:
                self._wait()
            yield

    def pause(self, seconds: float) -> None:
        """Let nothing through for a while: the service said that it is crowded."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def _wait(self) -> None:
        while (left := self._opens() - self._clock()) > 0:
            self._sleep(left)
        now = self._clock()
        self._sent.append(now)
        on_time = now - self._next < self._interval / 2
        self._next = (self._next if on_time else now) + self._interval

    def _opens(self) -> float:
        full = len(self._sent) == self._sent.maxlen
        window = self._sent[0] + self._window if full else 0.0
        return max(self._next, self._paused_until, window)
