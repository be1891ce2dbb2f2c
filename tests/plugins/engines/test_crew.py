"""What becomes of a task when Dask lost it: the worker's fault, or the connection's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness import Lost, Resources, Workplace
from plugins.engines.dask.announced import Announced
from plugins.engines.dask.crew import LOSSES, DaskCrew
from plugins.engines.dask.queue import Worker
from plugins.engines.dask.seats import Seating

pytest.importorskip("distributed", reason="a Dask cluster needs the extra dask")


class Sent:
    """What Dask gives for a task."""

    def __init__(self) -> None:
        self.status = "pending"
        self.error: BaseException | None = None
        self.told: Callable[[Any], None] = lambda sent: None

    def add_done_callback(self, told: Callable[[Any], None]) -> None:
        self.told = told

    def result(self) -> tuple[list[str], str]:
        if self.error is not None:
            raise self.error
        return ["done"], "lab-1"

    def release(self) -> None:
        pass

    def end(self, status: str, error: BaseException | None = None) -> None:
        self.status, self.error = status, error
        self.told(self)


class Client:
    """Keeps what it is asked to send."""

    status = "running"

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def submit(self, *words: object, **choices: object) -> Sent:
        self.sent.append(Sent())
        return self.sent[-1]


def crew_of(client: Client) -> DaskCrew:
    crew = DaskCrew(client, Workplace(1), Seating("run", "/", {}), patience_s=60.0)
    announced = Announced(Resources(), {})
    crew.workers["a"] = Worker("a", announced, host="lab-1", admitted=True)
    return crew


def cancelled() -> BaseException:
    from distributed.client import FutureCancelledError

    return FutureCancelledError("task", "lost connection to the scheduler")


def killed() -> BaseException:
    from distributed import KilledWorker

    return KilledWorker("task", None, 1)


def test_a_connection_that_is_lost_often_costs_no_cell() -> None:
    client = Client()
    answer = crew_of(client).submit(b"")
    for _ in range(3 * LOSSES):
        client.sent[-1].end("cancelled", cancelled())
    assert not answer.done()
    client.sent[-1].end("finished")
    assert answer.result() == "done"


def test_a_task_that_costs_workers_is_given_up() -> None:
    client = Client()
    answer = crew_of(client).submit(b"")
    for _ in range(LOSSES):
        assert not answer.done()
        client.sent[-1].end("error", killed())
    assert isinstance(lost := answer.result(), Lost)
    assert lost.machine
    assert "a on lab-1" in lost.reason


def test_nothing_is_sent_without_a_connection() -> None:
    client = Client()
    crew = crew_of(client)
    client.status = "connecting"
    answer = crew.submit(b"")
    assert client.sent == []
    client.status = "running"
    crew.submit(b"")
    client.sent[0].end("finished")
    assert answer.result() == "done"


def test_a_greeting_that_is_lost_is_sent_again() -> None:
    client = Client()
    crew = crew_of(client)
    crew._greet(crew.workers["a"])
    client.sent[-1].end("cancelled", cancelled())
    assert crew.workers == {}  # the next look greets whoever is there
