"""Starts the local server: for a person, or in a thread for tests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from harness import SightbenchError
from plugins.classifiers.nyckel.server.application import make_application
from plugins.classifiers.nyckel.server.limits import Counters
from plugins.classifiers.nyckel.server.settings import Settings
from plugins.classifiers.nyckel.server.store import Store
from plugins.classifiers.nyckel.server.trainer import Trainer


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers now.

    Parameters
    ----------
    url
        Its base URL.
    counters
        What it has seen so far.
    store
        What it holds.
    """

    url: str
    counters: Counters
    store: Store


def open_socket(host: str, port: int) -> socket.socket:
    """Bind a port; 0 takes a free one.

    Raises
    ------
    SightbenchError
        The port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # From here on a request that comes early waits instead of failing.
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SightbenchError(
            f"nyckel-server: {host} port {port} cannot be used ({error.strerror}). Stop what uses "
            "it, or choose another --port."
        ) from None
    return listener


def serve(listener: socket.socket, settings: Settings) -> None:
    """Answer until interrupted."""
    store, counters = Store(), Counters()
    trainer = Trainer(store, settings)
    trainer.start()
    try:
        _uvicorn(store, settings, counters).run(sockets=[listener])
    finally:
        trainer.end()


@contextmanager
def running_server(settings: Settings | None = None, port: int = 0) -> Iterator[RunningServer]:
    """Run a server on the loopback interface in a thread; yield it once it answers.

    Raises
    ------
    SightbenchError
        The port is taken.
    """
    settings = settings or Settings()
    store, counters = Store(), Counters()
    with open_socket("127.0.0.1", port) as listener:
        trainer = Trainer(store, settings)
        trainer.start()
        server = _uvicorn(store, settings, counters)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield RunningServer(f"http://127.0.0.1:{listener.getsockname()[1]}", counters, store)
        finally:
            server.should_exit = True
            thread.join()
            trainer.end()


def _uvicorn(store: Store, settings: Settings, counters: Counters) -> Any:
    import uvicorn

    config = uvicorn.Config(
        make_application(store, settings, counters),
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="critical",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)
