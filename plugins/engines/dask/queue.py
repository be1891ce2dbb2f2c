"""Tasks wait for a worker: which one gets which, and how many travel together."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from harness import Lost, Reply, Resources, printable
from plugins.engines.dask.announced import Announced, suited

TOGETHER = 4
"""Short tasks that travel in one message, there and back."""
PACES = ((0.2, 2 * TOGETHER, TOGETHER), (0.5, 2, 1))
"""Where tasks take less than so many seconds each worker has so many of them, so that none is idle
while others travel, and so many go together. A longer one is alone: another worker might be idle.
"""
ONE_CORE = Resources()


@dataclass(slots=True, eq=False)
class Order:
    """A task, whoever does it.

    Parameters
    ----------
    unfit_since
        When it was first seen that no worker has what it needs.
    lost
        The workers that were lost while they had it.
    """

    parcel: bytes
    timeout_s: float | None
    answer: Future[Reply | Lost]
    needs: Resources = ONE_CORE
    unfit_since: float | None = None
    lost: list[str] = field(default_factory=list)
    greeting: bool = False


@dataclass(slots=True, eq=False)
class Worker:
    """A worker of the cluster.

    Parameters
    ----------
    announced
        What it may give a task, and under which names Dask knows that.
    host
        Its machine, known when it has answered.
    orders
        What it has, the first of them at work, and Dask's own name for each.
    """

    address: str
    announced: Announced
    host: str = ""
    admitted: bool = False
    orders: dict[Order, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return printable(f"{self.address} on {self.host}" if self.host else self.address)


@dataclass(slots=True)
class Queue:
    """Tasks that no worker has yet.

    Parameters
    ----------
    depth, together
        How many tasks a worker has at most, and how many it is sent at a time.
    """

    orders: deque[Order] = field(default_factory=deque)
    depth: int = 1
    together: int = 1

    def next(self, workers: Sequence[Worker]) -> tuple[Worker, list[Order]] | None:
        """Take out tasks for the worker that has the fewest, and little that is special beside.

        None where no worker has room for any.
        """
        if not any(map(self._has_room, workers)):
            return None
        for order in self.orders:
            free = [each for each in _suited(order, workers) if self._has_room(each)]
            if free:
                return min(free, key=_readiness), self._taken(order, len(workers))
        return None

    def pace(self, seconds: float, busy: bool) -> None:
        """Learn how long a task takes; a new stage of the run begins when none is left.

        Parameters
        ----------
        busy
            Some worker has more to do.
        """
        fit = [pace[1:] for pace in PACES if seconds < pace[0]] if busy or self.orders else []
        self.depth, self.together = fit[0] if fit else (1, 1)

    def give_up(self, workers: Sequence[Worker], patience_s: float) -> list[Order]:
        """Take out tasks for which no worker has had what they need for too long."""
        now, found = time.monotonic(), []
        for order in list(self.orders):
            if not workers or _suited(order, workers):
                order.unfit_since = None
                continue
            order.unfit_since = order.unfit_since or now
            if now - order.unfit_since > patience_s:
                self.orders.remove(order)
                found.append(order)
        return found

    def _has_room(self, worker: Worker) -> bool:
        return len(worker.orders) + self.together <= self.depth

    def _taken(self, first: Order, workers: int) -> list[Order]:
        """Take out a task, with others like it if they are short, but no more than its share.

        One that has lost a machine goes alone: the others are not to suffer for it.
        """
        alike = [each for each in self.orders if each.needs == first.needs and not each.lost]
        share = -(-len(self.orders) // workers)
        count = 1 if first.lost else min(self.together, share)
        found = [first, *(each for each in alike if each is not first)][:count]
        for each in found:
            self.orders.remove(each)
        return found


def _suited(order: Order, workers: Sequence[Worker]) -> list[Worker]:
    numbers = suited(order.needs, [worker.announced.has for worker in workers])
    return [workers[number] for number in numbers]


def _readiness(worker: Worker) -> tuple[int, int, int, int]:
    """Rank those who could take a task: who has least to do, then who has least to give."""
    has = worker.announced.has
    return len(worker.orders), has.gpus, has.cores, has.memory
