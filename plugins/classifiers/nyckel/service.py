"""One authorised request to the service: paced, retried where that is right, every status seen."""

from __future__ import annotations

import dataclasses
import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from harness import ClassifierError
from harness.errors import Stopped
from plugins.classifiers.nyckel.answers import Answer, clean, retry_after_s
from plugins.classifiers.nyckel.credentials import Credentials, is_loopback
from plugins.classifiers.nyckel.limiter import Limiter
from plugins.classifiers.nyckel.meter import Meter
from plugins.classifiers.nyckel.tokens import Bearer

_LONGEST_BACKOFF_S = 30.0
_LONGEST_RETRY_AFTER_S = 300.0
_LONGEST_CROWD = 60
_REFUSED_TOKENS = 3


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


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the service.

    Parameters
    ----------
    doing
        Names it in errors ("posting clip a7").
    before, after
        Called ahead of every attempt, and behind it with its status: None if it broke, 0 if it
        broke before anything was sent.
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


class Unreachable(ClassifierError):
    """A request was tried as often as allowed, without an answer."""


class _Broken(Exception):
    """One attempt broke; the message is the reason alone."""

    def __init__(self, why: str, sent: bool = True) -> None:
        super().__init__(why)
        self.sent = sent


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
        """Let requests under way finish, but try none again."""
        self._closing.set()

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
        secrets = (self._credentials.client_secret, *self._bearer.known())
        return clean(text, secrets)

    def _call(self, request: Request, authorised: bool) -> Answer:
        state = _Attempts(self._patience)
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
        self, request: Request, token: str, state: _Attempts
    ) -> tuple[Answer | None, float, str]:
        """Return an answer, or how long to wait and why."""
        if request.before is not None:
            request.before()
        status: int | None = None
        try:
            answer, headers = self._send(request, token)
            status = answer.status
        except _Broken as broken:
            status = None if broken.sent else 0
            return None, state.broke(broken.sent), str(broken)
        finally:
            if request.after is not None:
                request.after(status)
        if status == 401 and token and state.renew():
            self._bearer.refused(token)
            return None, 0.0, "the token was refused"
        if status == 429:
            return None, self._stand_back(headers, state), "too many requests"
        if status >= 500:
            asked = retry_after_s(headers) or 0.0
            return None, max(state.broke(True), self._bearable(asked)), f"status {status}"
        return state.finish(answer), 0.0, ""

    def _stand_back(self, headers: Mapping[str, str], state: _Attempts) -> float:
        """Hold back all requests after a 429."""
        backoff = state.crowd()
        asked = retry_after_s(headers)
        if asked is not None:
            self._limiter.pause(self._bearable(asked))
        return backoff

    def _bearable(self, seconds: float) -> float:
        if seconds > _LONGEST_RETRY_AFTER_S:
            raise Stopped(
                f"nyckel: the service asks to wait for {seconds:.0f} s. Run the same command "
                "again after that: it goes on from here."
            )
        return seconds

    def _send(self, request: Request, token: str) -> tuple[Answer, Mapping[str, str]]:
        """Send once and read the answer."""
        import requests

        data = None if request.body is None else json.dumps(request.body).encode()
        with self._limiter.turn():
            started = time.perf_counter()
            try:
                reply = self._session().request(
                    request.method,
                    urljoin(self.server + "/", request.path.lstrip("/")),
                    params=request.query,
                    data=self._form() if not token else data,
                    headers={"Content-Type": "application/json"} if token and data else None,
                    auth=_Authorisation(token),
                    timeout=(min(10.0, self._patience.timeout_s), self._patience.timeout_s),
                    allow_redirects=False,
                )
                status, content = reply.status_code, reply.content
            except requests.exceptions.SSLError:
                raise ClassifierError(
                    f"nyckel: no trusted encrypted connection to {self.server}. Check the URL and "
                    "this machine's certificates."
                ) from None
            except (requests.RequestException, OSError) as error:
                self.meter.count("bytes_sent", len(data or b""))
                raise _Broken(type(error).__name__, _was_sent(error)) from None
            latency = time.perf_counter() - started
        self.meter.count("calls")
        self.meter.count("bytes_sent", len(data or b""))
        answer = Answer(
            status, self._parsed(status, content), _next_path(reply), latency, len(data or b"")
        )
        return answer, reply.headers

    def _parsed(self, status: int, content: bytes) -> Any:
        try:
            body = json.loads(content) if content else None
        except ValueError:
            if 200 <= status < 300:
                raise _Broken("the answer was cut short") from None
            return None
        if isinstance(body, dict) and not 200 <= status < 300:
            return {key: self.clean(value) for key, value in body.items()}
        return body

    def _form(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }

    def _session(self) -> Any:
        """Return this thread's own session; they must not be shared."""
        if not hasattr(self._local, "session"):
            import requests

            session = requests.Session()
            # A proxy from the environment must not come between two programs on one machine.
            session.trust_env = not is_loopback(self.server)
            session.headers["User-Agent"] = "sightbench"
            self._local.session = session
        return self._local.session

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
        lifetime = answer.body.get("expires_in")
        return token, float(lifetime) if isinstance(lifetime, (int, float)) else 600.0


class _Authorisation:
    """Sets the header; without an auth object, requests would send a netrc entry instead."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, prepared: Any) -> Any:
        if self._token:
            prepared.headers["Authorization"] = f"Bearer {self._token}"
        return prepared


class _Attempts:
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


def _was_sent(error: Exception) -> bool:
    """Say whether anything of a broken request may have reached the service."""
    import requests

    cause = getattr(error.args[0], "reason", None) if error.args else None
    unsent = type(cause).__name__ in ("NewConnectionError", "NameResolutionError")
    return not (unsent or isinstance(error, requests.ConnectTimeout))


def _next_path(reply: Any) -> str | None:
    """Return where the next page is, without scheme and host: a token goes to no other server."""
    link = reply.links.get("next", {}).get("url", "")
    if not link:
        return None
    url = urlsplit(link)
    return f"{url.path}?{url.query}" if url.query else str(url.path)
