"""A small cell, credentials that must never show, and servers of many moods."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness import Features, Job
from plugins.classifiers.nyckel.attempts import Patience
from plugins.classifiers.nyckel.credentials import Credentials
from plugins.classifiers.nyckel.limiter import Limiter
from plugins.classifiers.nyckel.meter import Meter
from plugins.classifiers.nyckel.plugin import Nyckel
from plugins.classifiers.nyckel.server.running import RunningServer, running_server
from plugins.classifiers.nyckel.server.settings import Settings
from plugins.classifiers.nyckel.service import Service

SECRET = "s3cr3t-Never-Shown-51f0"


def encode(pixels: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


@dataclass(frozen=True)
class Cell:
    """Pictures of two classes (a bright bar, none) and the truth about them."""

    train: Features
    labels: Any
    holdout: Features
    truth: Any
    contents: dict[str, str]

    def job(self, folder: Path, **changes: Any) -> Job:
        values = {
            "title": "upcalls mel nyckel split 3fa9c1",
            "folder": folder,
            "encode": encode,
            "contents": self.contents,
            "progress": lambda *_: None,
            **changes,
        }
        return Job(**values)

    def save(self, path: Path) -> None:
        np.savez(
            path,
            train=self.train.values,
            train_ids=self.train.ids,
            labels=self.labels,
            holdout=self.holdout.values,
            holdout_ids=self.holdout.ids,
            contents_ids=list(self.contents),
            contents=list(self.contents.values()),
        )


def make_cell(train: int = 24, holdout: int = 14, classes: int = 2) -> Cell:
    rng = np.random.default_rng(7)
    pixels = rng.integers(0, 130, (train + holdout, 24, 24, 3)).astype(np.uint8)
    kinds = np.arange(train + holdout) % classes
    for row, kind in enumerate(kinds):
        pixels[row, 4 * kind : 4 * kind + 3] += 25
    labels = np.array(["noise", "whale", "ship"])[kinds]
    ids = tuple(f"clip-{row}" for row in range(train + holdout))
    contents = {
        clip: hashlib.sha256(each.tobytes()).hexdigest()
        for clip, each in zip(ids, pixels, strict=True)
    }
    return Cell(
        Features(pixels[:train], ids[:train]),
        labels[:train],
        Features(pixels[train:], ids[train:]),
        labels[train:],
        contents,
    )


@pytest.fixture(scope="session")
def cell() -> Cell:
    return make_cell()


@pytest.fixture(scope="session")
def cells() -> Callable[..., Cell]:
    return make_cell


@pytest.fixture(scope="session")
def secret() -> str:
    return SECRET


@pytest.fixture(scope="session")
def credentials() -> dict[str, str]:
    return {"NYCKEL_CLIENT_ID": "test-client", "NYCKEL_CLIENT_SECRET": SECRET}


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, credentials: dict[str, str]
) -> None:
    """Credentials for the tests alone; no netrc of whoever runs them."""
    for name, value in credentials.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def serving() -> Iterator[Callable[..., RunningServer]]:
    """Start a quick server: serving("drop=0.2", unique="nothing")."""
    quick = {
        "requests_per_second": 2000.0,
        "concurrent": 100,
        "visible_after_s": 0.0,
        "settle_s": 0.1,
        "retry_after_s": 0,
        "clients": {"test-client": SECRET},
    }
    with ExitStack() as stack:

        def start(*faults: str, port: int = 0, **changes: Any) -> RunningServer:
            settings = Settings(**{**quick, **changes}).with_faults(faults)
            return stack.enter_context(running_server(settings, port))

        yield start


@pytest.fixture
def classifier() -> Callable[..., Nyckel]:
    """Make the classifier for a server, in a hurry."""

    def make(url: str, **changes: Any) -> Nyckel:
        values = {
            "server": url,
            "requests_per_second": 1500,
            "concurrent": 8,
            "poll_s": 0.05,
            "attempts": 30,
            "backoff_s": 0.01,
            "timeout_s": 10,
            **changes,
        }
        return Nyckel(**values)

    return make


@pytest.fixture
def service() -> Callable[..., Service]:
    """Make a client for a server."""

    def make(url: str, secret: str = SECRET, **patience: Any) -> Service:
        values = {"attempts": 4, "backoff_s": 0.001, "timeout_s": 5.0, **patience}
        credentials = Credentials("test-client", secret)
        return Service(url, credentials, Limiter(1000, 10), Patience(**values), Meter())

    return make


@dataclass
class Script:
    """A server that says what it is told to, one answer after another."""

    url: str
    seen: list[tuple[str, str, dict[str, str]]]


@pytest.fixture
def scripted() -> Iterator[Callable[..., Script]]:
    """Start one: scripted((status, headers, body), ...); a token is given without being asked."""
    servers = []

    def start(*answers: tuple[int, dict[str, str], bytes]) -> Script:
        left = list(answers)
        seen: list[tuple[str, str, dict[str, str]]] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path == "/connect/token":
                    status, headers = 200, {}
                    body = b'{"access_token": "tok-%d", "expires_in": 3600}' % len(seen)
                else:
                    seen.append((self.command, self.path, dict(self.headers)))
                    status, headers, body = left.pop(0) if len(left) > 1 else left[0]
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                if int(headers.get("Content-Length", 0)) > len(body):
                    self.close_connection = True

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return Script(f"http://127.0.0.1:{server.server_address[1]}", seen)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
