"""One authorised request to the service: paced, retried where that is right, every status seen."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from harness import ClassifierError, Stopped
from plugins.classifiers.nyckel.answers import Answer, clean, retry_after_s
from plugins.classifiers.nyckel.attempts import (
    LONGEST_RETRY_AFTER_S,
    Attempts,
    Broken,
    Patience,
    Request,
)
from plugins.classifiers.nyckel.credentials import Credentials
from plugins.classifiers.nyckel.hosts import origin_of
from plugins.classifiers.nyckel.limiter import Limiter
from plugins.classifiers.nyckel.meter import Meter
from plugins.classifiers.nyckel.tokens import Bearer

if TYPE_CHECKING:
    import requests

_TOKEN_LIVES_S = (0.1, 86_400.0)
_LONGEST_TOKEN = 16_000
_SHORTEST_SECRET = 8
"""Shorter ones stand in innocent words by chance."""


class Unreachable(ClassifierError):
    """A request was tried as often as allowed, without an answer."""


class Service:
    """The service at one URL, as one client; safe for threads.

    Parameters
    ----------
    server
        The base URL.
    """

    def __init__(
        self,
        server: str,
        credentials: Credentials,
        limiter: Limiter,
        patience: Patience,
        meter: Meter,
    ) -> None:
        self.server = server
        self.meter = meter
        self._credentials = credentials
        self._limiter = limiter
        self._patience = patience
        self._bearer = Bearer(self._fetch_token)
        self._local = threading.local()
        self._closing = threading.Event()

    def close(self) -> None:
        """Let requests under way finish; send none that waits for its turn, try none again."""
        self._closing.set()
        self._limiter.close()

    def wait(self, seconds: float) -> None:
        """Wait, counted as time spent on the service; `close` ends it."""
        with self.meter.waiting():
            self._closing.wait(seconds)

    def call(self, request: Request) -> Answer:
        """Send a request until it is answered.

        429 (honouring Retry-After), 5xx, broken connections and half-written answers are tried
        again, a 401 with a new token; any other status is returned as it is.

        Raises
        ------
        Stopped
            The service asks to wait for long.
        Unreachable
            All attempts failed.
        """
        with self.meter.waiting():
            return self._call(request, authorised=True)

    def clean(self, text: object) -> str:
        """Return text without control characters, secrets and tokens."""
        return clean(text, self._secrets())

    def _secrets(self) -> set[str]:
        """Return what no message may hold, also as a form writes it."""
        own = (self._credentials.client_secret, *self._bearer.known())
        return {*own, *map(quote_plus, own)}

    def _call(self, request: Request, authorised: bool) -> Answer:
        state = Attempts(self._patience)
        while True:
            token = self._bearer.current() if authorised else ""
            answer, wait_s, why = self._attempt(request, token, state)
            if answer is not None:
                return answer
            if state.over or (self._closing.is_set() and state.troubles):
                raise Unreachable(
                    f"nyckel: {request.doing} failed {state.troubles} times; last: {why}. Check "
                    "the network and the service's status, then run the same command again."
                )
            self.meter.count("retries")
            self._closing.wait(wait_s)
            if state.unknown and request.recover is not None:
                found = request.recover()
                if found is not None:
                    return state.finish(found)

    def _attempt(
        self, request: Request, token: str, state: Attempts
    ) -> tuple[Answer | None, float, str]:
        """Return an answer, or how long to wait and why."""
        try:
            answer, headers = self._send(request, token)
        except Broken as broken:
            return None, state.broke(broken.sent), str(broken)
        status = answer.status
        if status == 401 and token and state.renew():
            self._bearer.refused(token)
            return None, 0.0, "the token was refused"
        if status == 429:
            return None, self._stand_back(headers, state), "too many requests"
        if status >= 500:
            asked = retry_after_s(headers) or 0.0
            return None, max(state.broke(True), self._bearable(asked)), f"status {status}"
        return state.finish(answer), 0.0, ""

    def _stand_back(self, headers: Mapping[str, str], state: Attempts) -> float:
        """Hold back all requests after a 429."""
        backoff = state.crowd()
        asked = retry_after_s(headers)
        if asked is not None:
            self._limiter.pause(self._bearable(asked))
        return backoff

    def _bearable(self, seconds: float) -> float:
        if seconds > LONGEST_RETRY_AFTER_S:
            raise Stopped(
                f"nyckel: the service asks to wait for {seconds:.0f} s. Run the same command "
                "again after that: it goes on from here."
            )
        return seconds

    def _send(self, request: Request, token: str) -> tuple[Answer, Mapping[str, str]]:
        """Wait for a turn, then send once and read the answer."""
        with self._limiter.turn():
            if self._closing.is_set():
                raise Broken("the run was broken off", sent=False)
            if request.before is not None:
                request.before()
            status: int | None = None
            try:
                answer, headers = self._exchange(request, token)
                status = answer.status
            except Broken as broken:
                status = None if broken.sent else 0
                raise
            finally:
                if request.after is not None:
                    request.after(status)
        return answer, headers

    def _exchange(self, request: Request, token: str) -> tuple[Answer, Mapping[str, str]]:
        data = None if request.body is None else json.dumps(request.body).encode()
        size = len(data or b"")
        self.meter.count("bytes_sent", size)
        started = time.perf_counter()
        status, headers, content, next_page = self._carried(request, token, data)
        latency_s = time.perf_counter() - started
        self.meter.count("calls")
        body = self._parsed(request, status, content, asked_for_token=not token)
        return Answer(status, body, next_page, latency_s, size), headers

    def _carried(
        self, request: Request, token: str, data: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes, str | None]:
        """Send one request and read the whole answer; what breaks quotes nothing that was sent."""
        import requests

        from plugins.classifiers.nyckel.wire import (
            MOST_BYTES,
            Authorisation,
            TooLarge,
            TooSlow,
            WrongServer,
            came_of,
            next_path,
            was_sent,
        )

        try:
            reply = self._session().request(
                request.method,
                f"{self.server}/{request.path.lstrip('/')}",
                params=request.query,
                data=data if token else self._form(),
                headers={"Content-Type": "application/json"} if token and data else None,
                auth=Authorisation(token),
                timeout=(min(10.0, self._patience.timeout_s), self._patience.timeout_s),
                allow_redirects=False,
            )
            return reply.status_code, reply.headers, reply.content, next_path(reply)
        except WrongServer:
            why = f"{request.doing} would have gone to another server than {self.server}"
        except requests.exceptions.SSLError:
            why = (
                f"no trusted encrypted connection to {self.server}. Check the URL and this "
                "machine's certificates"
            )
        except (requests.RequestException, OSError) as error:
            if came_of(error, TooSlow):
                longest_s = self._patience.answer_s
                raise Broken(f"the answer was not complete within {longest_s:g} s") from None
            if not came_of(error, TooLarge):
                raise Broken(type(error).__name__, was_sent(error)) from None
            why = (
                f"the answer to {request.doing} is larger than {MOST_BYTES // 2**20} MiB: "
                f"{self.server} does not behave like the service"
            )
        raise ClassifierError(f"nyckel: {why}.")

    def _parsed(self, request: Request, status: int, content: bytes, asked_for_token: bool) -> Any:
        fine = 200 <= status < 300
        try:
            body = json.loads(content) if content else None
        except (ValueError, RecursionError):
            if fine:
                raise Broken("the answer was cut short") from None
            return None
        if not fine:
            # Of an error nothing is used but its words.
            named = body.items() if isinstance(body, dict) else ()
            return {self.clean(key): self.clean(value) for key, value in named}
        if not asked_for_token and self._repeats_secret(body):
            raise ClassifierError(
                f"nyckel: the answer to {request.doing} repeats the secret or a token; nothing of "
                f"it is kept. {self.server} does not behave like the service."
            )
        return body

    def _repeats_secret(self, body: Any) -> bool:
        text = json.dumps(body, ensure_ascii=False)
        return any(
            json.dumps(secret, ensure_ascii=False)[1:-1] in text
            for secret in self._secrets()
            if len(secret) >= _SHORTEST_SECRET
        )

    def _form(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }

    def _session(self) -> requests.Session:
        """Return this thread's own session; they must not be shared."""
        if not hasattr(self._local, "session"):
            from plugins.classifiers.nyckel.wire import make_session

            self._local.session = make_session(origin_of(self.server), self._patience.answer_s)
        session: requests.Session = self._local.session
        return session

    def _fetch_token(self) -> tuple[str, float]:
        answer = self._call(
            Request("POST", "/connect/token", "asking for a token"), authorised=False
        )
        token = answer.text("access_token")
        if not answer.ok or not token:
            # The answer is not quoted: it could repeat what was sent.
            raise ClassifierError(
                f"nyckel: {self.server} refused the client id and secret ({answer.status}). Check "
                "NYCKEL_CLIENT_ID and NYCKEL_CLIENT_SECRET, or the netrc file."
            )
        if len(token) > _LONGEST_TOKEN or not (token.isascii() and token.isprintable()):
            raise ClassifierError(
                f"nyckel: {self.server} gave a token that no request can carry (control "
                "characters, or too long). It does not behave like the service."
            )
        return token, _lifetime_s(answer.body.get("expires_in"))


def _lifetime_s(said: object) -> float:
    """Return how long a token lives (s), within reason whatever the service says."""
    shortest, longest = _TOKEN_LIVES_S
    if isinstance(said, bool) or not isinstance(said, (int, float)) or not said < math.inf:
        return 600.0
    return float(min(max(said, shortest), longest))
