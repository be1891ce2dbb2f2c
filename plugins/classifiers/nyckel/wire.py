"""What `requests` must be told: one server alone, answers of a bounded size and duration."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from plugins.classifiers.nyckel.hosts import Origin, same_origin

MOST_BYTES = 64 * 2**20
"""The largest answer: a page of a thousand samples, each with its picture, is no larger."""


class TooSlow(OSError):
    """An answer was not complete in time, however steadily it dripped."""


class TooLarge(OSError):
    """An answer has more bytes than any should have."""


class WrongServer(Exception):
    """A request was about to leave for another server than the one that it is for."""


class Authorisation:
    """Sets the header; without an auth object, requests would send a netrc entry instead."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, prepared: Any) -> Any:
        if self._token:
            prepared.headers["Authorization"] = f"Bearer {self._token}"
        return prepared


def make_session(origin: Origin, answer_s: float) -> requests.Session:
    """Return a session that speaks to one server alone; answers take `answer_s` at most."""
    session = requests.Session()
    # A proxy from the environment must not come between two programs on one machine.
    session.trust_env = not origin.is_loopback
    session.headers["User-Agent"] = "sightbench"
    # A few packed bytes can unfold to any number.
    session.headers["Accept-Encoding"] = "identity"
    session.adapters.clear()
    session.mount("", _OneServer(origin, answer_s))
    return session


class _OneServer(HTTPAdapter):
    """Carries requests to one server, and nothing to any other."""

    def __init__(self, origin: Origin, answer_s: float) -> None:
        self._origin = origin
        self._pools = _pools(answer_s)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def send(self, request: Any, *args: Any, **options: Any) -> Any:
        if not same_origin(str(request.url), self._origin):
            raise WrongServer
        return super().send(request, *args, **options)


def _pools(answer_s: float) -> dict[str, type[Any]]:
    """Return the kinds of connection whose answers are bounded."""

    class Response(_BoundedResponse):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(answer_s, *args, **options)

    class Plain(HTTPConnection):
        response_class = Response

    class Encrypted(HTTPSConnection):
        response_class = Response

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, answer_s: float, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        # The buffer made by the parent has read nothing yet.
        self.fp: Any = io.BufferedReader(_Bounded(self.fp.detach(), sock, answer_s))


class _Bounded(io.RawIOBase):
    """The bytes of one answer, headers included, until time or room is up."""

    def __init__(self, raw: Any, sock: socket.socket, answer_s: float) -> None:
        self._raw = raw
        self._sock = sock
        self._silence_s = sock.gettimeout()
        self._until = time.monotonic() + answer_s
        self._left = MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise TooSlow
        self._sock.settimeout(left_s if self._silence_s is None else min(left_s, self._silence_s))
        try:
            read: int | None = self._raw.readinto(buffer)
        except TimeoutError:
            if time.monotonic() >= self._until:
                raise TooSlow from None
            raise
        self._left -= read or 0
        if self._left < 0:
            raise TooLarge
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()


def came_of(error: BaseException, kind: type[BaseException]) -> bool:
    """Say whether an error was caused by one of a kind: libraries wrap them in their own."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        if isinstance(one, kind):
            return True
        seen.add(id(one))
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    return False


def was_sent(error: Exception) -> bool:
    """Say whether anything of a broken request may have reached the service."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    unsent = type(cause).__name__ in ("NewConnectionError", "NameResolutionError")
    return not (unsent or isinstance(error, requests.ConnectTimeout))


def next_path(reply: Any) -> str | None:
    """Return where the next page is, without scheme and host: a token goes to no other server."""
    link = reply.links.get("next", {}).get("url", "")
    try:
        url = urlsplit(link)
    except ValueError:
        return None
    if not url.path.startswith("/") or url.scheme not in ("", "http", "https"):
        return None
    return f"{url.path}?{url.query}" if url.query else str(url.path)
