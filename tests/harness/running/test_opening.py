"""An engine is opened once, ahead if it may be, never in vain for longer than the run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import pytest

from harness.contracts import Crew, Engine, Workplace
from harness.errors import SightbenchError
from harness.running.opening import Opening


class Recorder(Engine):
    """Notes in which thread it is opened, and when it is closed."""

    name = "recorder"
    fault: str = ""
    waits: bool = False
    heard: ClassVar[list[str]] = []

    def opens_ahead(self) -> bool:
        return True

    @contextmanager
    def open(self, workplace: Workplace) -> Iterator[Crew]:
        ahead = threading.current_thread() is not threading.main_thread()
        self.heard.append("opened ahead" if ahead else "opened")
        if self.fault == "sentence":
            raise SightbenchError("no machine")
        if self.fault:
            raise ValueError(self.fault)
        while self.waits:
            if not workplace.wanted():
                raise SightbenchError("not wanted")
            time.sleep(0.01)
        try:
            yield self  # type: ignore[misc]
        finally:
            self.heard.append("closed")


class Shy(Recorder):
    """May not be opened ahead."""

    name = "shy"

    def opens_ahead(self) -> bool:
        return False


@pytest.fixture(autouse=True)
def heard() -> list[str]:
    Recorder.heard.clear()
    return Recorder.heard


PLACE = Workplace(1)


def test_what_nobody_asks_for_is_not_opened(heard) -> None:
    with Opening(Recorder(), PLACE):
        pass
    assert heard == []


def test_it_is_opened_once_and_closed(heard) -> None:
    engine = Recorder()
    with Opening(engine, PLACE) as opening:
        assert opening.crew() is opening.crew() is engine
        opening.begin()
    assert heard == ["opened", "closed"]


def test_it_is_opened_ahead_and_given_when_it_is_needed(heard) -> None:
    engine = Recorder()
    with Opening(engine, PLACE) as opening:
        opening.begin()
        opening.begin()
        assert opening.crew() is engine
    assert heard == ["opened ahead", "closed"]


def test_one_that_does_not_say_so_is_not_opened_ahead(heard) -> None:
    with Opening(Shy(), PLACE) as opening:
        opening.begin()
        assert heard == []
        opening.crew()
    assert heard == ["opened", "closed"]


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize(
    ("fault", "told"),
    [("sentence", "^no machine$"), ("broken", "The engine recorder cannot begin: .*broken")],
)
def test_what_is_wrong_is_told_when_it_is_needed(ahead: bool, fault: str, told: str) -> None:
    with Opening(Recorder(fault=fault), PLACE) as opening:
        if ahead:
            opening.begin()
        with pytest.raises(SightbenchError, match=told):
            opening.crew()
    with Opening(Recorder(fault=fault), PLACE) as opening:
        if ahead:
            opening.begin()  # and nobody needs it


def test_one_that_waits_gives_up_when_the_run_ends(heard) -> None:
    with Opening(Recorder(waits=True), PLACE) as opening:
        opening.begin()
    assert heard == ["opened ahead"]
    assert not [each for each in threading.enumerate() if each.name == "engine"]


def test_a_greeting_that_cannot_be_made_is_told_later(heard) -> None:
    def greeting() -> bytes:
        raise OSError("no folder")

    with Opening(Recorder(), Workplace(1, greeting=greeting)) as opening:
        opening.begin()
        assert heard == []
        opening.crew()
    assert heard == ["opened", "closed"]


class Interrupted(Shy):
    """Ctrl-C comes while it is opened."""

    name = "interrupted"

    @contextmanager
    def open(self, workplace: Workplace) -> Iterator[Crew]:
        raise KeyboardInterrupt
        yield


@pytest.mark.timeout(30)
def test_ctrl_c_while_it_is_opened_is_raised_and_not_waited_for() -> None:
    with Opening(Interrupted(), PLACE) as opening:
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                opening.crew()
