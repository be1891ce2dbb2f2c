"""A child process that sends pictures and writes the answers into the ledger.

It outlives its parent: when a run is killed, the courier takes no new picture, waits for the
answers under way, writes them down and ends, so that what was paid for is kept. Its first line
of input says what to do (the credentials come that way too, on no command line); every further
line is a task; ``{"end": true}`` says that all have been given.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from harness import ClassifierError, SightbenchError, Stopped
from plugins.classifiers.nyckel.account import Account
from plugins.classifiers.nyckel.costs import tally
from plugins.classifiers.nyckel.ledger import Ledger
from plugins.classifiers.nyckel.meter import Meter
from plugins.classifiers.nyckel.service import Unreachable
from plugins.classifiers.nyckel.tasks import Budget, Task, ask, post_sample

_FAILURES_IN_A_ROW = 5


def main() -> None:
    """Do the errand that standard input describes; report on standard output."""
    source = sys.stdin.buffer
    try:
        _run_errand(json.loads(source.readline()), source)
        _report({"finished": True})
    except Stopped as stop:
        _report({"stopped": str(stop)})
    except SightbenchError as error:
        _report({"error": str(error)})
    except Exception as error:
        # Whatever it is, its text could quote a request.
        _report({"error": f"nyckel: the courier broke off: {type(error).__name__}."})


def _report(line: Mapping[str, Any]) -> None:
    # A parent that was killed does not listen.
    with suppress(OSError):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def _run_errand(errand: Mapping[str, Any], source: IO[bytes]) -> None:
    meter = Meter()
    ledger = Ledger(Path(errand["ledger"]), meter)
    account = Account.from_json(errand["account"])
    service = account.service(meter)
    before = tally(ledger.entries())
    spent = before.paid_calls + round(before.details["perhaps_paid"])
    budget = Budget(errand["max_calls"], spent)
    function, labels = errand["function"], errand["labels"]

    def work(task: Task) -> None:
        if task.label:
            post_sample(service, ledger, function, task)
        else:
            ask(service, ledger, function, task, labels, budget)

    try:
        _work_through(_tasks(source, service.close), work, account.concurrent)
    finally:
        ledger.append({"what": "errand-ended"})


def _tasks(source: IO[bytes], broken_off: Callable[[], object]) -> Iterator[Task]:
    """Yield the tasks of standard input; notice at once when the parent has gone."""
    given: queue.Queue[Task | None] = queue.Queue(maxsize=2)
    gone = threading.Event()

    def read() -> None:
        for line in source:
            if not line.endswith(b"\n"):
                break
            values = json.loads(line)
            if "end" in values:
                given.put(None)
                # A parent that goes away now still ends the waiting.
                source.read()
                broken_off()
                return
            given.put(Task(**values))
        gone.set()
        broken_off()

    threading.Thread(target=read, daemon=True).start()
    while not gone.is_set():
        try:
            task = given.get(timeout=0.1)
        except queue.Empty:
            continue
        if task is None:
            return
        if gone.is_set():
            break
        yield task
    raise ClassifierError("nyckel: the run was broken off; calls under way have been recorded.")


def _work_through(tasks: Iterator[Task], work: Callable[[Task], None], threads: int) -> None:
    """Do every task, `threads` at once; the first error ends the taking of new ones."""
    running: set[Future[None]] = set()
    tally = _Tally()
    with ThreadPoolExecutor(threads) as pool:
        for task in tasks:
            running.add(pool.submit(work, task))
            if len(running) >= threads:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                tally.add(finished)
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            tally.add(finished)


class _Tally:
    """Counts finished tasks; single failures are passed over, a row of them is not."""

    def __init__(self) -> None:
        self._done = 0
        self._row = 0

    def add(self, finished: set[Future[None]]) -> None:
        for future in finished:
            try:
                future.result()
                self._row = 0
            except Unreachable as error:
                self._row += 1
                if self._row >= _FAILURES_IN_A_ROW:
                    raise Stopped(str(error)) from None
            self._done += 1
        _report({"done": self._done})


if __name__ == "__main__":
    main()
    # The thread that reads standard input may still hold it, which a normal exit cannot bear.
    os._exit(0)
