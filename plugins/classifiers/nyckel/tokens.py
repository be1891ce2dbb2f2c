"""The access token: fetched when needed, renewed early, kept in memory only."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

_LONGEST_MARGIN_S = 600.0
_MARGIN_SHARE = 0.25


class Bearer:
    """Holds the token of one process; many threads ask, one renews.

    Parameters
    ----------
    fetch
        Returns a new token and its lifetime (s).
    """

    def __init__(
        self, fetch: Callable[[], tuple[str, float]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0
        self._known: deque[str] = deque(maxlen=16)

    def current(self) -> str:
        """Return a token that still has time to live, renewing it first where it has not."""
        with self._lock:
            if not self._token or self._clock() >= self._renew_at:
                asked = self._clock()
                self._token, lifetime = self._fetch()
                self._known.append(self._token)
                margin = min(_LONGEST_MARGIN_S, _MARGIN_SHARE * lifetime)
                self._renew_at = asked + lifetime - margin
            return self._token

    def refused(self, token: str) -> None:
        """Forget a token that the service refused, unless it was renewed meanwhile."""
        with self._lock:
            if token == self._token:
                self._token = ""

    def known(self) -> tuple[str, ...]:
        """Return the tokens of late, to be kept out of every message."""
        return tuple(self._known)
