"""Checks of engines: a task comes back as it is here, whatever becomes of others."""

from __future__ import annotations

import os
import platform
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.conformance.checks import check
from harness.conformance.subject import Subject
from harness.conformance.verdicts import not_applicable, require
from harness.contracts import Engine, Workplace
from harness.errors import SightbenchError
from harness.running.parcels import pack
from harness.running.workers import Workers
from harness.values import Lost

_TASKS = 20
_SHORT_S, _LONG_S = 3.0, 600.0
_GONE_S = 15.0
"""What a task gets to end when its engine is closed."""


def double(number: int) -> int:
    """Return twice a number."""
    return 2 * number


def misbehave(deed: str) -> str:
    """Do what no task should; whatever it is, it is done in the process of a task."""
    if deed == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if deed == "hang":
        time.sleep(_LONG_S)
    if deed == "raise":
        raise ValueError("on purpose")
    return deed


def linger(path: str) -> None:
    """Write down which process this is, and stay."""
    Path(path).write_text(f"{os.getpid()} {platform.node()}", encoding="utf-8")
    time.sleep(_LONG_S)


@contextmanager
def opened(subject: Subject) -> Iterator[Workers]:
    """Open an engine for two processes, its workers greeted by nothing."""
    engine = subject.plugin
    assert isinstance(engine, Engine)
    parcel = pack(double, 1)
    assert isinstance(parcel, bytes)
    with tempfile.TemporaryDirectory() as folder:
        workplace = Workplace(2, Path(folder), Path.cwd(), greeting=lambda: parcel)
        try:
            with engine.open(workplace) as crew:
                yield Workers(lambda: crew)
        except SightbenchError as error:
            if "has no machines" in str(error):
                not_applicable(f"it is to be checked with parameters: {error}")
            raise


@check("engine", remedy="Give the future of each task what `open_processes` says of it.")
def tasks_come_back(subject: Subject) -> None:
    """Each task comes back once, as it is here; none gives nothing."""
    with opened(subject) as workers:
        found = list(workers.in_order(double, range(_TASKS)))
        nothing = list(workers.each(double, []))
    require(found == [2 * number for number in range(_TASKS)], f"Of doubles came {found}.")
    require(nothing == [], f"No task gave {nothing}.")


@check("engine", remedy="Do tasks by `open_processes` where they run; do not raise what they lose.")
def loses_no_other(subject: Subject) -> None:
    """A task that dies or takes too long is lost alone, and says which it was."""
    deeds = ["rest", "die", "hang", "rest"]
    with opened(subject) as workers:
        found = dict(workers.each(misbehave, deeds, timeout_s=_SHORT_S))
    others = [found[0], found[3]]
    require(others == ["rest", "rest"], f"Beside one that died and one that hung came {others}.")
    for number, word in ((1, "SIGKILL"), (2, "--timeout")):
        what = found[number]
        told = isinstance(what, Lost) and word in what.reason and not what.machine
        require(told, f"Of the task that was to {deeds[number]} came {what}.")


@check("engine", remedy="Pass the reply on as it is: what a task raised stands in it.")
def raises_what_a_task_raised(subject: Subject) -> None:
    """What a task raises is raised where it was asked for."""
    with opened(subject) as workers:
        try:
            found: Any = list(workers.each(misbehave, ["raise"]))
        except ValueError as error:
            require(str(error) == "on purpose", f"It raised {error}.")
            return
    require(False, f"Of a task that raised came {found}.")


@check("engine", remedy="End tasks, and what was started, on any way out of `open`.")
def ends_what_is_left(subject: Subject) -> None:
    """A task that is at work when the engine is closed is ended."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "process"
        try:
            with opened(subject) as workers:
                _until_written(workers, path)
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            pid, _, host = path.read_text(encoding="utf-8").partition(" ")
    if host != platform.node():
        not_applicable("its tasks are done on another machine")
    require(_within(_GONE_S, lambda: not _alive(int(pid))), "The task goes on.")


def _until_written(workers: Workers, path: Path) -> None:
    parcel = pack(linger, str(path))
    assert isinstance(parcel, bytes)
    workers.crew.submit(parcel)

    def written() -> bool:
        workers.crew.tend()
        return path.exists() and path.read_text(encoding="utf-8") != ""

    require(_within(60.0, written), "A task is not begun within 60 s, or does not see this disk.")


def _within(limit_s: float, holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + limit_s
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


CHECKS: Sequence[Any] = (
    tasks_come_back,
    loses_no_other,
    raises_what_a_task_raised,
    ends_what_is_left,
)
