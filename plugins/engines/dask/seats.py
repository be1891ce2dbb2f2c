"""On a worker: one process of its own for tasks, which can be ended without the worker.

Dask itself has no time limit for a task, and a task that dies takes its worker along. So the
worker hands each task on, as bytes, to a process that `harness.open_processes` watches.
"""

from __future__ import annotations

import multiprocessing
import platform
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import Crew, Lost, Place, Reply, open_processes, write_sources
from plugins.engines.dask.upkeep import Appetite, slow_down, speed_up

LOOK_EVERY_S = 0.2
"""Whether a task is still wanted, and how much memory it takes, is looked up so often."""
IDLE_S = 60.0
"""A seat that nobody asks for so long ends its process: whoever wanted it may be gone."""


@dataclass(frozen=True, slots=True)
class Seating:
    """What workers are told of a run.

    Parameters
    ----------
    name
        Of the run's seats, on every worker.
    folder
        The run's current folder.
    sources
        What stands in local plugin files, by module.
    """

    name: str
    folder: str
    sources: Mapping[str, bytes]


class Seat:
    """The process of one run on one worker, started when a task comes."""

    def __init__(self, seating: Seating, worker: Any) -> None:
        self.seating = seating
        self.worker = worker
        self.home = Path(worker.local_directory) / f"sightbench-{seating.name}"
        self.appetite = Appetite()
        self.lock = threading.RLock()
        self.stack = ExitStack()
        self.crew: Crew | None = None
        self.timer: threading.Timer | None = None

    def submit(self, parcel: bytes, timeout_s: float | None) -> Future[Reply | Lost]:
        """Hand a task on."""
        with self.lock:
            if self.timer is not None:
                self.timer.cancel()
            return self._opened().submit(parcel, timeout_s)

    def rest(self) -> None:
        """Let the process be ended if nothing comes for a while."""
        with self.lock:
            self.timer = threading.Timer(IDLE_S, self.close)
            self.timer.daemon = True
            self.timer.start()

    def close(self) -> None:
        """End the process, in the middle of a task if it is at one."""
        with self.lock:
            if self.timer is not None:
                self.timer.cancel()
            crew, self.crew = self.crew, None
            if crew is not None:
                self.stack.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
                self.stack = ExitStack()
            if not any(seat.crew for seat in _seats(self.worker).values()):
                speed_up(self.worker)

    def tend(self) -> None:
        """Look after the process."""
        with self.lock:
            if self.crew is not None:
                self.crew.tend()

    def _opened(self) -> Crew:
        if self.crew is None:
            sources = self.home / "plugins"
            write_sources(sources, self.seating.sources)
            place = Place(platform.node(), self.seating.folder, str(sources))
            slow_down(self.worker)
            self.crew = self.stack.enter_context(open_processes(1, self.home, place))
        return self.crew


def work(
    seating: Seating, tasks: Sequence[tuple[bytes, float | None]]
) -> tuple[list[Reply | Lost], str]:
    """Do tasks in the seat of their run, one after another, as long as they are wanted.

    Parameters
    ----------
    tasks
        Each as bytes, and the seconds that it may take.

    Returns
    -------
    What came of each, and this machine's name.
    """
    from distributed import get_worker
    from distributed.worker import thread_state

    host = platform.node()
    if multiprocessing.current_process().daemon:
        why = Lost(
            "its worker runs under a nanny and may not have processes of its own: start it with "
            "--no-nanny --nthreads 1"
        )
        return [why] * len(tasks), host
    worker, key = get_worker(), thread_state.key
    seat = _seat(worker, seating)
    try:
        return [_done(worker, key, seat, *task) for task in tasks], host
    finally:
        seat.rest()


def _done(
    worker: Any, key: Any, seat: Seat, parcel: bytes, timeout_s: float | None
) -> Reply | Lost:
    """Do one task; end its process where nobody waits for it any more or it takes too much."""
    why = _unwanted(worker, key)
    if why:
        return Lost(why)
    answer = seat.submit(parcel, timeout_s)
    while True:
        try:
            return answer.result(timeout=LOOK_EVERY_S)
        except NotYet:
            if answer.done():  # what was done raised it
                raise
        seat.tend()
        why = _unwanted(worker, key) or _too_large(worker, seat.appetite)
        if why:
            seat.close()
            return Lost(why)


def leave(name: str, dask_worker: Any = None) -> None:
    """End the seat of a run on this worker, which Dask gives."""
    seat = _seats(dask_worker).pop(name, None)
    if seat is not None:
        seat.close()


def _seats(worker: Any) -> dict[str, Seat]:
    """Return the seats of a worker, which belong to it."""
    if not hasattr(worker, "sightbench_seats"):
        worker.sightbench_seats = {}
    found: dict[str, Seat] = worker.sightbench_seats
    return found


def _seat(worker: Any, seating: Seating) -> Seat:
    seats = _seats(worker)
    if seating.name not in seats:
        seats[seating.name] = Seat(seating, worker)
    return seats[seating.name]


def _unwanted(worker: Any, key: Any) -> str:
    """Say why nobody waits for a task any more; the worker's own loop writes what is read here."""
    task = worker.state.tasks.get(key)
    if task is None or task.state not in ("executing", "long-running"):
        return "it was cancelled"
    return "" if worker.status.name in ("running", "paused") else "its worker is closing"


def _too_large(worker: Any, appetite: Appetite) -> str:
    """Say that the processes of a worker take more memory than it may have."""
    limit = worker.memory_manager.memory_limit
    if not limit or appetite.taken() <= limit:
        return ""
    return (
        f"its process took more memory than the {limit / 2**30:.1f} GB that its worker may have "
        "(--memory-limit)"
    )
