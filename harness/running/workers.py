"""Tasks go out to whoever works, and come back: what a run asks of any engine's crew."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from harness.contracts import ONE_CORE, Crew
from harness.running.parcels import pack, unpack
from harness.running.processes import open_processes
from harness.strangers.output import Diverted
from harness.values import Lost as Lost
from harness.values import Missing, Reply, Resources

Task = TypeVar("Task")
Result = TypeVar("Result")

AHEAD, AHEAD_ELSEWHERE = 4, 12
"""Tasks that wait for each worker: enough that none is idle, few enough that memory stays flat.
To other machines several short ones may travel together."""


@dataclass(slots=True)
class Workers:
    """Workers that take tasks in turn; they start with the first task, or by `start`.

    Parameters
    ----------
    opening
        Starts them: an engine's crew.
    preparing
        Lets what they import be imported, and waits for nothing.
    """

    opening: Callable[[], Crew]
    preparing: Callable[[], None] = lambda: None
    _crew: Crew | None = None

    @property
    def started(self) -> bool:
        """Say whether they are there."""
        return self._crew is not None

    def prepare(self) -> None:
        """Begin to start them, where it is known that they will be needed."""
        if self._crew is None:
            self.preparing()

    def start(self) -> None:
        """Start them, if they are not there."""
        if self._crew is None:
            self._crew = self.opening()

    def renew(self) -> None:
        """Let them begin anew, with nothing loaded, if they are there."""
        if self._crew is not None:
            self._crew.renew()

    @property
    def crew(self) -> Crew:
        """Who is given the tasks."""
        self.start()
        assert self._crew is not None
        return self._crew

    def each(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        timeout_s: float | None = None,
        waiting: Callable[[], None] = lambda: None,
        needs: Callable[[Task], Resources] = lambda task: ONE_CORE,
    ) -> Iterator[tuple[int, Result | Lost]]:
        """Call a function with each task; yield results as they come.

        Parameters
        ----------
        timeout_s
            A task that takes longer is stopped and comes back as `Lost`.
        needs
            Says what a task needs of the machine that does it.
        waiting
            Called a few times a second.

        Yields
        ------
        The number of the task and what came of it. What the function raises is raised here.
        """
        pending: dict[Future[Any], int] = {}
        queue = iter(enumerate(tasks))
        if not tasks:
            return
        while True:
            for number, task in queue:
                if isinstance(self.crew, _Here):  # nothing need travel
                    pending[self.crew.call(function, task)] = number
                    break
                parcel = pack(function, task)
                if isinstance(parcel, Lost):
                    yield number, parcel
                    continue
                asked = needs(task)
                more = () if asked == ONE_CORE else (asked,)
                pending[self.crew.submit(parcel, timeout_s, *more)] = number
                ahead = AHEAD_ELSEWHERE if self.crew.machines else AHEAD
                if len(pending) >= ahead * max(1, self.crew.size):
                    break
            if not pending:
                return
            done, _ = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
            waiting()
            self.crew.tend()
            for future in done:
                reply = future.result()
                yield pending.pop(future), unpack(reply) if isinstance(reply, Reply) else reply

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


@contextmanager
def open_workers(jobs: int, scratch: Path | None = None) -> Iterator[Workers]:
    """Give processes of this machine that start when they are needed; see `open_processes`.

    On any way out they are gone.
    """
    with ExitStack() as stack:
        yield Workers(lambda: stack.enter_context(open_processes(jobs, scratch)))


@contextmanager
def work_here() -> Iterator[Workers]:
    """Work in this process, for plugins that no other can import; nothing is stopped or saved.

    What plugins print goes to stderr, as in workers.
    """
    with redirect_stdout(Diverted(sys.stderr)):
        yield Workers(_Here)


class _Here:
    """Stands in for a crew: what is asked is done at once."""

    size = 1
    machines = 0

    def call(self, function: Callable[[Any], Any], task: Any) -> Future[Any]:
        """Call a function; return what came of it."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(task))
        except Exception as error:
            future.set_exception(error)
        return future

    def offer(self, needs: Resources) -> Resources | Missing:
        """Let every task have what this process has."""
        return needs

    def submit(
        self, parcel: bytes, timeout_s: float | None = None, needs: Resources = ONE_CORE
    ) -> Future[Reply | Lost]:
        """Refuse: nothing travels."""
        raise NotImplementedError

    def tend(self) -> None:
        """Do nothing."""

    def renew(self) -> None:
        """Do nothing."""
