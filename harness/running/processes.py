"""Processes of this machine: one that hangs is stopped, one that dies costs its own task alone."""

from __future__ import annotations

import copy
import dataclasses
import gc
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.contracts import ONE_CORE
from harness.errors import SightbenchError
from harness.measuring.environment import graphics_processors, memory_bytes
from harness.running.memory import has_grown, keep_freed_memory
from harness.running.parcels import pack, perform
from harness.running.places import Place, settle_in
from harness.running.scratch import scratch_folder
from harness.running.server import (
    PRELOADED,
    SAFE_PATH,
    USUAL,
    end_server,
    house_sockets,
    server_process,
    start_server,
    worker_surroundings,
)
from harness.running.turns import Turns
from harness.strangers.output import Diverted
from harness.values import Lost, Missing, Reply, Resources

_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
"""A fork of a process that runs threads (progress, libraries) can hang."""

BROKEN = (
    "The worker processes were ended from outside. What is finished is kept: start the same "
    "command again."
)

LOOK_EVERY_S = 0.04
"""So often a pool looks whether a process died, or whether it is to end itself: 0.7% of a core."""

Answer = Future[Reply | Lost]
"""What comes of a task, some time."""


@dataclass(slots=True)
class Processes:
    """Processes of this machine that take tasks in turn; a `harness.contracts.Crew`.

    Parameters
    ----------
    size
        How many.
    home
        Of their temporary files.
    place
        Where tasks are done, if that is not where the run was started.
    """

    size: int
    home: str
    place: Place | None = None
    machines: int = 0
    _pool: Any = None
    _gone: set[Future[Any]] = field(default_factory=set)
    _ended: list[Any] = field(default_factory=list)
    _turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        self._turns = Turns(Resources(self.size, memory_bytes(), graphics_processors()))

    def offer(self, needs: Resources) -> Resources | Missing:
        """Say what of this machine a task would get; no more cores than there are processes."""
        has = self._turns.has
        lacking = needs.lacking_in(has)
        if lacking:
            return Missing(f"needs {lacking}, and this machine has {has}")
        return dataclasses.replace(needs, cores=min(needs.cores, has.cores))

    def submit(
        self, parcel: bytes, timeout_s: float | None = None, needs: Resources = ONE_CORE
    ) -> Answer:
        """Take a task; cancelling what it gives ends the process that is at it.

        One that needs several cores takes the places of so many processes, so that the cores are
        not overcommitted; memory and GPUs are counted likewise.
        """
        answer = _Answer()
        if self._pool is None:
            self.start()
        turn = self._turns.take(needs, lambda: self._schedule(answer, parcel, timeout_s))
        answer.add_done_callback(lambda done: self._turns.leave(turn))
        return answer

    def _schedule(self, answer: _Answer, parcel: bytes, timeout_s: float | None) -> None:
        if not answer.set_running_or_notify_cancel():
            return
        try:
            answer.work = self._pool.schedule(perform, args=(parcel,), timeout=timeout_s)
        except (AttributeError, RuntimeError):  # so says a pool that cannot go on, or is gone
            answer.set_exception(SightbenchError(BROKEN))
            return
        answer.work.add_done_callback(lambda work: _settle(answer, work, timeout_s))

    def tend(self) -> None:
        """Give up tasks whose process ended with status 0, which the pool takes for a good end.

        Only those that were without a process at the last look too: others are being dealt with.

        Raises
        ------
        SightbenchError
            The pool gave up; what it had not taken yet would be waited for in vain.
        """
        if self._pool is None:
            return
        if not self._pool.active:
            raise SightbenchError(BROKEN)
        manager = self._pool._pool_manager
        alive = set(manager.worker_manager.workers.copy())
        tasks = manager.task_manager.tasks.copy().values()
        gone = {task.future for task in tasks if task.worker_id and task.worker_id not in alive}
        for future in gone & self._gone:
            future.cancel()
        self._gone = gone

    def renew(self) -> None:
        """End all processes, if one has grown; new ones start with the next task."""
        if self._pool is None:
            return
        alive = self._pool._pool_manager.worker_manager.workers.copy()
        if any(has_grown(process, server_process()) for process in alive):
            self.end(kindly=True)

    def start(self) -> None:
        """Start the processes; when this returns, one of them works."""
        # One process shares its imports with nobody: what learning takes waits until it is needed.
        imports = PRELOADED if self.size == 1 else USUAL
        self._pool = _started_pool(self.size, self.home, self.place, imports)

    def end(self, kindly: bool = False) -> None:
        """End all processes, in the middle of their tasks unless kindly; they are gone then."""
        pool, self._pool = self._pool, None
        self._turns.forget()
        if pool is None:
            return
        if kindly:
            pool.close()
            pool.join()
        pool.stop()
        pool.join()
        self._ended.append(pool)  # a process that is just starting still reads its semaphores


class _Answer(Answer):
    """Its cancelling ends the work."""

    work: Future[Any] | None = None

    def cancel(self) -> bool:
        return super().cancel() if self.work is None else self.work.cancel()


def _settle(answer: Answer, work: Future[Any], timeout_s: float | None) -> None:
    """Put what came of a task where it is waited for."""
    from concurrent.futures.process import BrokenProcessPool

    try:
        answer.set_result(_result(work, timeout_s))
    except BrokenProcessPool:
        answer.set_exception(SightbenchError(BROKEN))
    except BaseException as error:
        answer.set_exception(error)


def _result(work: Future[Any], timeout_s: float | None) -> Reply | Lost:
    from pebble import ProcessExpired

    try:
        reply: Reply = work.result()
    except TimeoutError:
        return Lost(f"stopped after {timeout_s:g} s (--timeout)")
    except ProcessExpired as error:
        return Lost(f"its process died{_cause(error.exitcode)}")
    except CancelledError:
        return Lost("its process ended in the middle of it, with exit status 0")
    return reply


def _cause(exit_code: int | None) -> str:
    if exit_code is None:
        return ""
    if exit_code < 0:
        name = signal.Signals(-exit_code).name if -exit_code in list(signal.Signals) else "signal"
        hint = {"SIGSEGV": "segmentation fault", "SIGKILL": "killed, perhaps out of memory"}
        return f": {hint.get(name, name)} ({name})"
    return f" with exit status {exit_code}"


def _watch_parent() -> None:
    """End this worker when the process that wants its work is gone, killed or not."""
    from multiprocessing.connection import wait as wait_for

    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch(sentinel: int) -> None:
        wait_for([sentinel])
        os._exit(1)

    threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()


def _begin(scratch: str, place: Place | None) -> None:
    """Prepare this process for work: the workers share the cores, so each keeps to one thread.

    What plugins print goes to stderr, for stdout is the table's; what they and libraries put into
    temporary files goes to the run's own scratch folder, which is swept when the run ends.
    """
    import cv2
    from threadpoolctl import threadpool_limits

    gc.freeze()  # what all workers share is not looked through, and so stays shared
    gc.enable()
    _watch_parent()
    os.environ.pop(SAFE_PATH, None)
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    os.dup2(2, 1)
    sys.stdout = sys.stderr = Diverted(sys.stderr)
    cv2.setNumThreads(1)
    threadpool_limits(1)
    keep_freed_memory()
    if place is not None:
        settle_in(place)


@contextmanager
def open_processes(
    jobs: int, scratch: Path | None = None, place: Place | None = None
) -> Iterator[Processes]:
    """Start processes; on any way out they are gone.

    Parameters
    ----------
    scratch
        Holds the temporary files of this start, in a folder that is gone afterwards; what starts
        that were killed left there is swept. The system's temporary folder if left out.
    place
        Where tasks are done, if that is not where the run was started.
    """
    house_sockets()
    with scratch_folder(scratch) as folder:
        processes = Processes(jobs, str(folder), place)
        try:
            processes.start()
            yield processes
            processes.end(kindly=True)
        finally:
            processes.end()


def _started_pool(jobs: int, scratch: str, place: Place | None, imports: Sequence[str]) -> Any:
    from pebble import CONSTS, ProcessPool

    CONSTS.sleep_unit = LOOK_EVERY_S
    context: Any = copy.copy(multiprocessing.get_context(_METHOD))
    context.Process = _Worker
    pool: Any = ProcessPool(
        max_workers=jobs, context=context, initializer=_begin, initargs=[scratch, place]
    )
    started = False
    try:
        start_server(imports)
        with worker_surroundings():
            _await_first(pool)
        started = True
    finally:
        if not started:
            pool.stop()
            pool.join()
            end_server()
    return pool


_Process: Any = getattr(multiprocessing.get_context(_METHOD), "Process")  # noqa: B009


class _Worker(_Process):  # type: ignore[misc]
    """A process that does not run the person's script first, as Python's own would."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802
        script = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return _Process._Popen(process_obj)
        finally:
            sys.modules["__main__"] = script


def _await_first(pool: Any) -> None:
    """Wait until a worker has started."""
    from concurrent.futures.process import BrokenProcessPool

    parcel = pack(_nothing, None)
    try:
        if isinstance(_result(pool.schedule(perform, args=(parcel,)), None), Lost):
            raise SightbenchError(BROKEN)
    except (BrokenProcessPool, RuntimeError):
        raise SightbenchError(BROKEN) from None


def _nothing(task: None) -> None:
    """Do nothing: whoever has done it has started."""
