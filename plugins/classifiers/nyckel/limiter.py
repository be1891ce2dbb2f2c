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
_RECENT = 100
_LONGEST_NAP_S = 0.05


class Limiter:
    """Lets requests through one by one, evenly spaced.

    Even spacing is what every way of counting (fixed seconds, a sliding second, a bucket) lets
    pass. When a request takes longer than any of late, it may have been held up on its way and
    have arrived together with those sent after it: then the one that is a full second's worth
    later waits as much longer.

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
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._closed = threading.Event()
        self._interval = 1.0 / (per_second * PACE)
        self._turns: deque[_Turn] = deque(maxlen=max(1, int(per_second)))
        self._window = max(1.0, self._interval)
        self._room = threading.BoundedSemaphore(concurrent)
        self._gate = threading.Lock()
        self._next = 0.0
        self._paused_until = 0.0
        self._recent = _Recent()
        self._clock = clock
        self._sleep = sleep or self._closed.wait

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, hold a place until the request has been answered."""
        with self._room:
            with self._gate:
                turn = self._wait()
            try:
                yield
            finally:
                turn.late_s = self._recent.note(self._clock() - turn.sent)

    def pause(self, seconds: float) -> None:
        """Let nothing through for a while: the service said that it is crowded."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def close(self) -> None:
        """Let nobody wait any more."""
        self._closed.set()

    def _wait(self) -> _Turn:
        while not self._closed.is_set() and (left := self._opens() - self._clock()) > 0:
            self._sleep(min(left, _LONGEST_NAP_S))
        turn = _Turn(self._clock())
        self._turns.append(turn)
        on_time = turn.sent - self._next < self._interval / 2
        self._next = (self._next if on_time else turn.sent) + self._interval
        return turn

    def _opens(self) -> float:
        return max(self._next, self._paused_until, self._second_over())

    def _second_over(self) -> float:
        """Return when the oldest request of a full second no longer counts at the service."""
        if len(self._turns) < (self._turns.maxlen or 0):
            return 0.0
        oldest = self._turns[0]
        late_s = oldest.late_s
        if late_s is None:
            late_s = self._recent.late_s(self._clock() - oldest.sent)
        return oldest.sent + late_s + self._window


class _Turn:
    """One request: when it was sent, and how much later than usual it was answered."""

    __slots__ = ("late_s", "sent")

    def __init__(self, sent: float) -> None:
        self.sent = sent
        self.late_s: float | None = None


class _Recent:
    """How long requests took of late; safe for threads."""

    def __init__(self) -> None:
        self._took: deque[float] = deque(maxlen=_RECENT)
        self._slowest = float("inf")
        self._lock = threading.Lock()

    def late_s(self, took: float) -> float:
        """Return by how much a request was slower than all of late."""
        return max(0.0, took - self._slowest)

    def note(self, took: float) -> float:
        """Remember a request; return by how much it was late."""
        with self._lock:
            late = self.late_s(took)
            self._took.append(took)
            self._slowest = max(self._took)
            return late
