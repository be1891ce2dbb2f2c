"""Tasks go to workers, one at a time to each; what a lost machine was at is done elsewhere.

Dask carries tasks and knows which workers live. Which worker does what is decided here: a task is
bound to one worker, so Dask itself never does one a second time behind our back, and a machine
that is lost is told apart from a task that dies.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from harness import Lost, Missing, Reply, Resources, SightbenchError, Workplace, printable
from plugins.engines.dask.announced import announced_by, suited
from plugins.engines.dask.queue import ONE_CORE, Order, Queue, Worker
from plugins.engines.dask.seats import Seating, leave, work
from plugins.engines.dask.upkeep import slow_down_scheduler, speed_up_scheduler

LOOK_EVERY_S = 1.0
"""Which workers there are is looked up so often."""
LOSSES = 3
"""Machines that a task may lose before it is given up: it may be what they die of."""
GREETING_S = 120.0
"""A worker that does not answer a greeting for so long cannot help; its first start is slow."""
UNANSWERED_S = 60.0
"""A scheduler that does not answer for so long is gone."""


@dataclass(eq=False)
class DaskCrew:
    """The workers of one Dask cluster; a `harness.Crew`.

    Parameters
    ----------
    client
        Of the cluster's scheduler.
    patience_s
        A cluster without any worker for so long ends the run.
    replace
        Asks the cluster for workers in place of those that are lost.
    """

    client: Any
    workplace: Workplace
    seating: Seating
    patience_s: float
    replace: Callable[[], None] = lambda: None
    workers: dict[str, Worker] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    queue: Queue = field(default_factory=Queue)
    lock: Any = field(default_factory=threading.RLock)
    looked: float = 0.0
    alone_since: float = field(default_factory=time.monotonic)
    fault: str = ""
    begun: bool = False
    closed: bool = False

    @property
    def size(self) -> int:
        """How many workers have been admitted."""
        return len(self._admitted())

    @property
    def machines(self) -> int:
        """On how many machines they are; never 0, for none of them is where the run began."""
        return max(1, len({worker.host for worker in self._admitted()}))

    def offer(self, needs: Resources) -> Resources | Missing:
        """Say what a task would get of the worker that has the most cores for it."""
        there = [worker.announced.has for worker in self._admitted()]
        fit = suited(needs, there)
        if fit:
            return dataclasses.replace(needs, cores=min(needs.cores, there[fit[0]].cores))
        lacks = [needs.lacking_in(has) for has in there]
        shown = min(lacks, key=len, default="memory or GPUs")
        return Missing(f"needs {shown}, which no Dask worker has announced: {_remedy(needs)}")

    def submit(
        self, parcel: bytes, timeout_s: float | None = None, needs: Resources = ONE_CORE
    ) -> Future[Reply | Lost]:
        """Take a task."""
        order = Order(parcel, timeout_s, Future(), needs)
        with self.lock:
            self.queue.orders.append(order)
            self._deal()
        return order.answer

    def tend(self) -> None:
        """Look which workers there are; greet new ones, and do elsewhere what lost ones were at.

        Raises
        ------
        SightbenchError
            The scheduler is gone, or there has been no worker for too long.
        """
        if self.fault:
            raise SightbenchError(self.fault)
        if time.monotonic() - self.looked < LOOK_EVERY_S:
            return
        self.looked = time.monotonic()
        there = self._addresses()
        with self.lock:
            for address in [each for each in self.workers if each not in there]:
                self._lose(self.workers.pop(address))
            for address, about in there.items():
                if address not in self.workers and address not in self.refused:
                    self.workers[address] = Worker(address, announced_by(about))
                    self._greet(self.workers[address])
            self._deal()
        self._give_up()
        self._await_workers()

    def renew(self) -> None:
        """Leave processes as they are: they are far away."""

    def await_first(self) -> None:
        """Wait until every worker that is there has answered the greeting.

        Raises
        ------
        SightbenchError
            There is no worker, or one cannot help.
        """
        while True:
            self.looked = 0.0
            self.tend()
            if self.refused:
                raise SightbenchError("\n".join(self.refused.values()))
            if self.workers and len(self._admitted()) == len(self.workers):
                break
            if not self.workplace.wanted():
                raise SightbenchError("The run ended before the Dask workers were there.")
            time.sleep(0.1)
        self.begun = True
        self._at_scheduler(slow_down_scheduler)

    def close(self) -> None:
        """Cancel all that is queued or at work, and end the processes on the workers."""
        with self.lock:
            self.closed = True
            at_work = [work for each in self.workers.values() for work in each.orders.values()]
            self.queue.orders.clear()
        if self.client.status != "running":
            return
        if at_work:
            self.client.cancel(at_work, force=True)
        self._at_scheduler(speed_up_scheduler)
        alive = [each for each in self.workers if each in self._addresses()]
        if alive:
            self.client.run(leave, self.seating.name, workers=alive, on_error="ignore")

    def _at_scheduler(self, function: Callable[[], None]) -> None:
        """Call a function there, if it knows it: a scheduler may do without sightbench."""
        with suppress(Exception):
            self.client.run_on_scheduler(function)

    def _admitted(self) -> list[Worker]:
        return [worker for worker in list(self.workers.values()) if worker.admitted]

    def _addresses(self) -> dict[str, dict[str, Any]]:
        """Ask the scheduler which workers it knows, and what it knows of each."""
        try:
            found = self.client.sync(
                self.client.scheduler.identity, n_workers=-1, callback_timeout=UNANSWERED_S
            )
        except Exception as error:  # whatever of the many that a lost connection raises
            raise SightbenchError(self._gone()) from error
        return dict(found["workers"])

    def _gone(self) -> str:
        address = printable(str(self.client._start_arg or "of the run"))
        self.fault = (
            f"The Dask scheduler {address} is gone or does not answer. What is finished is kept: "
            "start the scheduler and its workers again, then the same command."
        )
        return self.fault

    def _await_workers(self) -> None:
        """Give up where there has been no worker for too long."""
        if self.workers:
            self.alone_since = time.monotonic()
            return
        alone_s = time.monotonic() - self.alone_since
        if alone_s > self.patience_s:
            left = " left" if self.begun else ""
            refused = "".join(f" {why}" for why in self.refused.values())
            self.fault = (
                f"The Dask cluster has had no worker{left} for {alone_s:.0f} s (wait=...): start "
                "some (dask worker ADDRESS --no-nanny --nthreads 1), then the same command. "
                f"What is finished is kept.{refused}"
            )
            raise SightbenchError(self.fault)

    def _greet(self, worker: Worker) -> None:
        """Ask a new worker to show that it is like those here."""
        order = Order(self.workplace.greeting(), GREETING_S, Future(), greeting=True)
        order.answer.add_done_callback(lambda answer: self._judge(worker, answer))
        self._send(worker, [order])

    def _judge(self, worker: Worker, answer: Future[Reply | Lost]) -> None:
        """Admit a worker, or say why not."""
        if answer.cancelled():
            return
        try:
            why = self.workplace.judge(answer.result())
        except Exception as error:
            why = f"cannot begin: {type(error).__name__}: {error}"
        if why:
            self.refused[worker.address] = f"The Dask worker {worker} {why}."
            with self.lock:
                self.workers.pop(worker.address, None)
            if self.begun:
                self.workplace.tell(f"{self.refused[worker.address]} The others go on.")
            return
        worker.admitted = True
        if self.begun:
            self.workplace.tell(f"The worker {worker} has joined; there are {self.size} now.")

    def _deal(self) -> None:
        """Send tasks to workers that have room for them."""
        while not self.closed and self.client.status == "running":
            found = self.queue.next(self._admitted())
            if found is None:
                break
            self._send(*found)

    def _give_up(self) -> None:
        """Answer tasks that no worker has been able to do for too long."""
        with self.lock:
            orders = self.queue.give_up(self._admitted(), self.patience_s)
        for order in orders:
            why = f"no worker has {order.needs} any more (wait=...): {_remedy(order.needs)}"
            order.answer.set_result(Lost(why, machine=True))

    def _send(self, worker: Worker, orders: Sequence[Order]) -> None:
        """Send tasks that travel together."""
        for order in orders:
            if not order.greeting and not order.answer.running():
                order.answer.set_running_or_notify_cancel()
        begun = time.monotonic()
        sent = self.client.submit(
            work,
            self.seating,
            [(order.parcel, order.timeout_s) for order in orders],
            workers=[worker.address],
            allow_other_workers=False,
            resources=worker.announced.asked(orders[0].needs),
            pure=False,
        )
        worker.orders.update(dict.fromkeys(orders, sent))
        sent.add_done_callback(lambda done: self._receive(worker, orders, done, begun))

    def _receive(self, worker: Worker, orders: Sequence[Order], done: Any, begun: float) -> None:
        """Take what came of tasks, and give their worker the next ones."""
        found: Sequence[Reply | Lost | None]
        died = False
        try:
            found, worker.host = done.result()
        except BaseException as error:  # of Dask, or of what is installed there
            died = done.status == "error"  # else the scheduler was lost, which is not its fault
            found = [self._understood(done, error)] * len(orders)
        answered = []
        with self.lock:
            beside = len(worker.orders)
            for order, each in zip(orders, found, strict=True):
                if worker.orders.pop(order, None) is None:
                    continue  # it was lost meanwhile, and is done elsewhere
                if each is None:
                    self._again(worker, order, lost=died)
                else:
                    answered.append((order, each))
            busy = any(each.orders for each in self.workers.values())
            self.queue.pace((time.monotonic() - begun) / max(1, beside), busy)
            self._deal()
        for order, answer in answered:
            order.answer.set_result(answer)

    def _understood(self, done: Any, error: BaseException) -> Lost | None:
        """Say what an error of Dask's means; None where the machine was lost."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        if isinstance(error, (KilledWorker, FutureCancelledError)) or done.status != "error":
            return None
        return Lost(f"its worker cannot do it: {type(error).__name__}: {error}")

    def _lose(self, worker: Worker) -> None:
        """Do elsewhere what a lost worker was at."""
        orders, worker.orders = worker.orders, {}
        if self.closed:
            return
        self.workplace.tell(
            f"The worker {worker} is gone; what it was at is done elsewhere. "
            f"{_counted(self.size)} left."
        )
        for order, sent in reversed(orders.items()):
            sent.release()
            self._again(worker, order)
        self.replace()

    def _again(self, worker: Worker, order: Order, lost: bool = True) -> None:
        """Do a task elsewhere whose machine was lost, but not for ever."""
        if self.closed:
            return
        if order.greeting:  # if it is still there it is greeted again
            self.workers.pop(worker.address, None)
            return
        if lost:
            order.lost.append(str(worker))
        if len(order.lost) < LOSSES:
            self.queue.orders.appendleft(order)
            return
        machines = ", ".join(dict.fromkeys(order.lost))
        order.answer.set_result(
            Lost(f"{LOSSES} workers were lost while they were at it: {machines}", machine=True)
        )


def _remedy(needs: Resources) -> str:
    """Say how to start a worker that has what a task needs."""
    values = [f"cores={needs.cores}"]
    values += [f"memory={needs.memory}"] if needs.memory else []
    values += [f"gpus={needs.gpus}"] if needs.gpus else []
    return (
        "start one that does, dask worker ADDRESS --no-nanny --nthreads 1 "
        f'--resources "{" ".join(values)}", then the same command'
    )


def _counted(count: int) -> str:
    return {0: "None is", 1: "1 is"}.get(count, f"{count} are")
