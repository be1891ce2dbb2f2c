"""One authorised request to the service: paced, retried where that is right, every status seen."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from harness import ClassifierError, Stopped
from plugins.classifiers.nyckel.answers import Answer, clean, retry_after_s
from plugins.classifiers.nyckel.attempts import Attempts, Patience, Request
from plugins.classifiers.nyckel.credentials import Credentials, is_loopback
from plugins.classifiers.nyckel.limiter import Limiter
from plugins.classifiers.nyckel.meter import Meter
from plugins.classifiers.nyckel.tokens import Bearer
from plugins.classifiers.nyckel.wire import Authorisation, Broken, next_path, was_sent

_LONGEST_RETRY_AFTER_S = 300.0


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
        secrets = (self._credentials.client_secret, *self._bearer.known())
        return clean(text, secrets)

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
        if seconds > _LONGEST_RETRY_AFTER_S:
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
        import requests

        data = None if request.body is None else json.dumps(request.body).encode()
        size = len(data or b"")
        self.meter.count("bytes_sent", size)
        started = time.perf_counter()
        try:
            reply = self._session().request(
                request.method,
                urljoin(self.server + "/", request.path.lstrip("/")),
                params=request.query,
                data=data if token else self._form(),
                headers={"Content-Type": "application/json"} if token and data else None,
                auth=Authorisation(token),
                timeout=(min(10.0, self._patience.timeout_s), self._patience.timeout_s),
                allow_redirects=False,
            )
        except requests.exceptions.SSLError:
            raise ClassifierError(
                f"nyckel: no trusted encrypted connection to {self.server}. Check the URL and "
                "this machine's certificates."
            ) from None
        except (requests.RequestException, OSError) as error:
            raise Broken(type(error).__name__, was_sent(error)) from None
        latency_s = time.perf_counter() - started
        self.meter.count("calls")
        body = self._parsed(reply.status_code, reply.content)
        answer = Answer(reply.status_code, body, next_path(reply), latency_s, size)
        return answer, reply.headers

    def _parsed(self, status: int, content: bytes) -> Any:
        try:
            body = json.loads(content) if content else None
        except ValueError:
            if 200 <= status < 300:
                raise Broken("the answer was cut short") from None
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
