"""What is asked of the service, and how one request fares until it is answered."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from plugins.classifiers.nyckel.answers import Answer

LONGEST_RETRY_AFTER_S = 300.0
_LONGEST_BACKOFF_S = 30.0
_LONGEST_CROWD = 60
_SILENCES_AN_ANSWER = 5
_REFUSED_TOKENS = 3


class Broken(Exception):
    """One attempt broke; the message is the reason alone."""

    def __init__(self, why: str, sent: bool = True) -> None:
        super().__init__(why)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the client bears with the service.

    Parameters
    ----------
    attempts
        Tries of one request that meet 5xx or a broken connection before it is given up.
    backoff_s
        First wait before trying again (s); doubles each time up to 30 s, with jitter.
    timeout_s
        Longest silence of the service within one request (s).
    """

    attempts: int = 10
    backoff_s: float = 0.5
    timeout_s: float = 60.0

    @property
    def answer_s(self) -> float:
        """Longest time for one whole answer, however steadily it comes (s)."""
        return _SILENCES_AN_ANSWER * self.timeout_s

    @property
    def quiet_s(self) -> float:
        """Longest time in which a process that works need not write a line (s)."""
        return self.answer_s + LONGEST_RETRY_AFTER_S + _LONGEST_BACKOFF_S


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the service.

    Parameters
    ----------
    doing
        Names it in errors ("posting clip a7").
    before, after
        Called right before every attempt is sent, and behind it with its status: None if it
        broke, 0 if it broke before anything was sent.
    recover
        Called before a new attempt when it is unknown whether the last one was carried out;
        an answer that it returns is taken instead.
    """

    method: str
    path: str
    doing: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] | None = None
    before: Callable[[], object] | None = None
    after: Callable[[int | None], object] | None = None
    recover: Callable[[], Answer | None] | None = None


class Attempts:
    """How one request has fared so far."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.failed = 0
        self.unknown = False
        self.lost = 0
        self._crowded = 0
        self._renewed = 0

    @property
    def over(self) -> bool:
        return self.failed >= self._patience.attempts or self._crowded >= _LONGEST_CROWD

    @property
    def troubles(self) -> int:
        return self.failed + self._crowded

    def broke(self, sent: bool) -> float:
        """Note a failed attempt, carried out perhaps if it was sent; return the wait (s)."""
        self.failed += 1
        self.lost += sent
        self.unknown = self.unknown or sent
        return self._backoff(self.failed)

    def crowd(self) -> float:
        """Note a 429; return the wait (s)."""
        self._crowded += 1
        return self._backoff(min(self._crowded, 4))

    def renew(self) -> bool:
        """Note a refused token; say whether a new one is worth a try."""
        self._renewed += 1
        return self._renewed <= _REFUSED_TOKENS

    def finish(self, answer: Answer) -> Answer:
        """Return the answer with what it took."""
        retries = self.troubles + self._renewed
        return dataclasses.replace(
            answer,
            bytes_sent=answer.bytes_sent * (retries + 1),
            retries=retries,
            lost=self.lost,
        )

    def _backoff(self, times: int) -> float:
        longest = min(_LONGEST_BACKOFF_S, self._patience.backoff_s * 2.0 ** (times - 1))
        return longest * random.uniform(0.5, 1.0)
