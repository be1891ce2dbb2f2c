"""Work in other processes: one that hangs is stopped, one that dies costs its own work alone."""

from __future__ import annotations

import copy
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from harness.errors import SightbenchError
from harness.running.parcels import Lost as Lost
from harness.running.parcels import Reply, pack, perform, unpack
from harness.running.scratch import scratch_folder
from harness.strangers.output import Diverted

Task = TypeVar("Task")
Result = TypeVar("Result")

PRELOADED = (
    "harness.running.nursery",
    "harness.running.cell",
    "harness.running.drawing",
    "cv2",
    "scipy.fft",
    "sklearn.metrics",
)
"""Imported once, before processes are forked from a clean one, not once in each of them."""

SAFE_PATH = "PYTHONSAFEPATH"
"""Python's own variable that keeps the current folder off its path."""

_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
"""A fork of a process that runs threads (progress, libraries) can hang."""

AHEAD = 4
"""Tasks that wait for each worker: enough that none is idle, few enough that memory stays flat."""


@dataclass(slots=True)
class Workers:
    """Processes that take tasks in turn; they start with the first task, or by `start`.

    Parameters
    ----------
    jobs
        How many.
    """

    opening: Callable[[], Any]
    jobs: int
    _pool: Any = None

    @property
    def started(self) -> bool:
        """Say whether the processes are there."""
        return self._pool is not None

    def start(self) -> None:
        """Start the processes, if they are not there."""
        if self._pool is None:
            self._pool = self.opening()

    @property
    def pool(self) -> Any:
        """What tasks are given to."""
        self.start()
        return self._pool

    def each(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        timeout_s: float | None = None,
        waiting: Callable[[], None] = lambda: None,
    ) -> Iterator[tuple[int, Result | Lost]]:
        """Call a function with each task; yield results as they come.

        Parameters
        ----------
        timeout_s
            A task that takes longer is stopped and comes back as `Lost`.
        waiting
            Called a few times a second.

        Yields
        ------
        The number of the task and what came of it. What the function raises is raised here.
        """
        pending: dict[Future[Any], int] = {}
        queue = iter(enumerate(tasks))
        gone: set[Future[Any]] = set()
        while True:
            for number, task in queue:
                if isinstance(self.pool, _Here):  # nothing need travel
                    pending[self.pool.schedule(function, (task,))] = number
                    break
                parcel = pack(function, task)
                if isinstance(parcel, Lost):
                    yield number, parcel
                    continue
                pending[_schedule(self.pool, parcel, timeout_s)] = number
                if len(pending) >= AHEAD * self.jobs:
                    break
            if not pending:
                return
            done, _ = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
            waiting()
            if not isinstance(self.pool, _Here):
                gone = _cancel_gone(self.pool, gone)
            for future in done:
                yield pending.pop(future), _result(future, timeout_s)

    def in_order(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        timeout_s: float | None = None,
    ) -> Iterator[Result | Lost]:
        """Call a function with each task; yield results in the tasks' order."""
        early: dict[int, Result | Lost] = {}
        due = 0
        for number, result in self.each(function, tasks, timeout_s):
            early[number] = result
            while due in early:
                yield early.pop(due)
                due += 1


BROKEN = (
    "The worker processes were ended from outside. What is finished is kept: start the same "
    "command again."
)


def _schedule(pool: Any, parcel: bytes, timeout_s: float | None) -> Future[Any]:
    try:
        future: Future[Any] = pool.schedule(perform, args=(parcel,), timeout=timeout_s)
    except RuntimeError:  # so says a pool that cannot go on
        raise SightbenchError(BROKEN) from None
    return future


def _result(future: Future[Any], timeout_s: float | None) -> Any:
    from concurrent.futures.process import BrokenProcessPool

    from pebble import ProcessExpired

    try:
        reply = future.result()
    except TimeoutError:
        return Lost(f"stopped after {timeout_s:g} s (--timeout)")
    except ProcessExpired as error:
        return Lost(f"its process died{_cause(error.exitcode)}")
    except CancelledError:
        return Lost("its process ended in the middle of it, with exit status 0")
    except BrokenProcessPool:
        raise SightbenchError(BROKEN) from None
    return unpack(reply) if isinstance(reply, Reply) else reply


def _cancel_gone(pool: Any, before: set[Future[Any]]) -> set[Future[Any]]:
    """Give up tasks whose process ended with status 0, which the pool takes for a good end.

    Only those that were without a process at the last look too: others are being dealt with.
    """
    manager = pool._pool_manager
    alive = set(manager.worker_manager.workers.copy())
    tasks = manager.task_manager.tasks.copy().values()
    gone = {task.future for task in tasks if task.worker_id and task.worker_id not in alive}
    for future in gone & before:
        future.cancel()
    return gone


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


def _begin(scratch: str) -> None:
    """Prepare this process for work: the workers share the cores, so each keeps to one thread.

    What plugins print goes to stderr, for stdout is the table's; what they and libraries put into
    temporary files goes to the run's own scratch folder, which is swept when the run ends.
    """
    import cv2
    from threadpoolctl import threadpool_limits

    _watch_parent()
    os.environ.pop(SAFE_PATH, None)
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    os.dup2(2, 1)
    sys.stdout = sys.stderr = Diverted(sys.stderr)
    cv2.setNumThreads(1)
    threadpool_limits(1)


@contextmanager
def open_workers(jobs: int, scratch: Path | None = None) -> Iterator[Workers]:
    """Give processes that start when they are needed; on any way out they are gone.

    Parameters
    ----------
    scratch
        Holds the temporary files of this start, in a folder that is gone afterwards; what starts
        that were killed left there is swept. The system's temporary folder if left out.
    """
    with ExitStack() as stack:

        def opening() -> Any:
            _house_sockets()
            folder = stack.enter_context(scratch_folder(scratch))
            return stack.enter_context(_pool(jobs, str(folder)))

        yield Workers(opening, jobs)


LONGEST_HOME = 60
"""Bytes of a folder that a socket may lie in, two levels down: its path has 107 at most."""
SHORT_HOME = Path("/tmp")  # noqa: S108  # a fresh folder of its own is made in it


def _house_sockets() -> None:
    """Let multiprocessing keep its sockets in a folder that the next start sweeps after a kill.

    In the system's temporary folder, or where its path is too long for a socket in /tmp.
    """
    process: Any = multiprocessing.current_process()
    if process._config.get("tempdir"):
        return
    stack = ExitStack()
    short = len(os.fsencode(tempfile.gettempdir())) <= LONGEST_HOME
    place = None if short or not SHORT_HOME.is_dir() else SHORT_HOME
    process._config["tempdir"] = str(stack.enter_context(scratch_folder(place)))
    Finalize(None, stack.close, exitpriority=-100)


@contextmanager
def work_here() -> Iterator[Workers]:
    """Work in this process, for plugins that no other can import; nothing is stopped or saved.

    What plugins print goes to stderr, as in workers.
    """
    with redirect_stdout(Diverted(sys.stderr)):
        yield Workers(_Here, 1)


class _Here:
    """Stands in for a pool: what is scheduled is done at once."""

    def schedule(self, function: Callable[..., Any], args: Sequence[Any]) -> Future[Any]:
        """Call a function; return what came of it."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def _pool(jobs: int, scratch: str) -> Iterator[Any]:
    from pebble import ProcessPool

    methods = multiprocessing.get_all_start_methods()
    context: Any = copy.copy(multiprocessing.get_context(_METHOD))
    context.Process = _Worker
    if "forkserver" in methods:
        context.set_forkserver_preload(list(PRELOADED))
    pool: Any = ProcessPool(
        max_workers=jobs, context=context, initializer=_begin, initargs=[scratch]
    )
    started = False
    try:
        with _safe_path():
            _start_server(methods)
            _await_first(pool)
        started = True
        yield pool
        pool.close()
        pool.join()
    finally:
        pool.stop()
        pool.join()
        if not started:
            _end_server()


def _start_server(methods: Sequence[str]) -> None:
    """Start the process that workers are forked from, deaf to Ctrl-C from its first moment.

    Whoever started it hears of Ctrl-C, and ends it.
    """
    if "forkserver" not in methods:
        return
    from multiprocessing import forkserver, resource_tracker

    resource_tracker.ensure_running()  # it would let Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_server() -> None:
    """End the process that workers are forked from: it may be at its imports still."""
    from multiprocessing import forkserver

    pid = getattr(getattr(forkserver, "_forkserver", None), "_forkserver_pid", None)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


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
    parcel = pack(_nothing, None)
    assert isinstance(parcel, bytes)
    if isinstance(_result(_schedule(pool, parcel, None), None), Lost):
        raise SightbenchError(BROKEN)


def _nothing(task: None) -> None:
    """Do nothing: whoever has done it has started."""


@contextmanager
def _safe_path() -> Iterator[None]:
    """Start Python without the current folder on its path: what lies there is a stranger's."""
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(SAFE_PATH, None)
        else:
            os.environ[SAFE_PATH] = before
