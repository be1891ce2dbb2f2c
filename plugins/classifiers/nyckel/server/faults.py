"""Trouble on demand, around the whole application: what networks and services do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from plugins.classifiers.nyckel.server.limits import Counters
from plugins.classifiers.nyckel.server.settings import Settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_BURST = 3


class _BrokenOff(Exception):
    """Makes the server close the connection in the middle of an answer."""


class Faults:
    """An ASGI application around another one; the same seed draws the same faults."""

    def __init__(self, inner: Application, settings: Settings, counters: Counters) -> None:
        self._inner = inner
        self._settings = settings
        self._counters = counters
        self._random = random.Random(settings.seed)
        self._burst = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, well or badly."""
        await asyncio.sleep(self._settings.fault("latency"))
        if self._crowded():
            headers = []
            if self._settings.retry_after_s is not None:
                headers = [(b"retry-after", str(self._settings.retry_after_s).encode())]
            await _refuse(send, 429, headers)
        elif self._draw("drop"):
            await self._drop(scope, receive, send)
        elif self._draw("500"):
            await self._fail(scope, receive, send)
        elif self._draw("half-answer"):
            await self._inner(scope, receive, _HalfAnswer(send))
        else:
            await self._inner(scope, receive, send)

    def _draw(self, name: str) -> bool:
        hit = self._random.random() < self._settings.fault(name)
        self._counters.faulted[name] += hit
        return hit

    def _crowded(self) -> bool:
        """Crowds come in bursts; their share of all requests is as asked."""
        if self._burst:
            self._burst -= 1
            self._counters.faulted["429"] += 1
            return True
        share = self._settings.fault("429")
        begins = share / (_BURST - share * (_BURST - 1))
        if self._random.random() < begins:
            self._burst = _BURST - 1
            self._counters.faulted["429"] += 1
            return True
        return False

    async def _drop(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._random.random() < 0.5:
            await self._inner(scope, receive, _swallow)
        # The ASGI server gives no other way to hang up.
        send.__self__.transport.abort()  # type: ignore[attr-defined]
        await asyncio.sleep(0.001)

    async def _fail(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._random.random() < 0.5:
            await self._inner(scope, receive, _swallow)
        await _refuse(send, self._random.choice((500, 503)), [])


async def _swallow(message: MutableMapping[str, Any]) -> None:
    """Take an answer and tell nobody."""


async def _refuse(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    body = b'{"message": "A fault on demand."}'
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _HalfAnswer:
    """Sends the first half of an answer, then hangs up."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] != "http.response.body" or len(message.get("body", b"")) < 2:
            await self._send(message)
            return
        body = message["body"]
        await self._send({**message, "body": body[: len(body) // 2], "more_body": True})
        raise _BrokenOff
