"""Sends a courier on an errand, hands it one picture after another, hears how far it is."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import ClassifierError, Stopped
from plugins.classifiers.nyckel.account import Account
from plugins.classifiers.nyckel.tasks import Task

_LISTEN_S = 0.5


@dataclass(frozen=True, slots=True)
class Errand:
    """What a courier is to do.

    Parameters
    ----------
    labels
        The names that answers may give.
    lock
        File descriptor of the folder's lock: the courier keeps it held until it has ended.
    """

    account: Account
    function: str
    ledger: Path
    labels: tuple[str, ...] = ()
    max_calls: int | None = None
    lock: int | None = None

    def first_line(self) -> bytes:
        """Return the errand as the courier reads it."""
        values = {
            "account": self.account.to_json(),
            "function": self.function,
            "ledger": str(self.ledger.absolute()),
            "labels": self.labels,
            "max_calls": self.max_calls,
        }
        return _line(values)


def send(errand: Errand, tasks: Iterable[Task], progress: Callable[[int], object]) -> None:
    """Do every task; return when all are done, each with its line in the ledger or given up.

    Parameters
    ----------
    tasks
        Taken one by one as the courier takes them, so that pictures are encoded when needed.
    progress
        Called with the number of tasks done.

    Raises
    ------
    Stopped
        A limit was reached, or the service cannot be reached.
    ClassifierError
        The service refuses.
    """
    with _courier(errand) as process:
        reports: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=_listen, args=(process, reports), daemon=True).start()
        outcome = None
        # A courier that has ended early says why in its last report.
        with suppress(BrokenPipeError):
            _give(process, errand.first_line())
            for task in tasks:
                check_wanted()
                _give(process, _line(dataclasses.asdict(task)))
                outcome = _hear(reports, progress)
                if outcome is not None:
                    break
            else:
                _give(process, _line({"end": True}))
        while outcome is None:
            check_wanted()
            with suppress(queue.Empty):
                outcome = _note(reports.get(timeout=_LISTEN_S), progress)
    _raise(outcome)


def check_wanted() -> None:
    """See that the run that started this worker process is still there.

    Raises
    ------
    Stopped
        It was killed: nothing more is to be spent.
    """
    run = multiprocessing.parent_process()
    if run is not None and not run.is_alive():
        raise Stopped("nyckel: the run was killed. Run the same command again to go on from here.")


@contextmanager
def _courier(errand: Errand) -> Iterator[subprocess.Popen[bytes]]:
    """Start a courier in a session of its own: what interrupts the run lets it finish."""
    process = subprocess.Popen(
        # "-P": a module that lies in the current folder must not take the place of a library's.
        [sys.executable, "-P", "-m", "plugins.classifiers.nyckel.courier"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=() if errand.lock is None else (errand.lock,),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(_search_path())},
    )
    try:
        yield process
    finally:
        with suppress(OSError):
            if process.stdin:
                process.stdin.close()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _search_path() -> list[str]:
    """Return where a courier looks for modules: as here, but for the current folder.

    Sightbench itself may lie there, in a checkout that is not installed; it comes last then.
    """
    here = Path.cwd().resolve()
    others = [path for path in sys.path if path and Path(path).resolve() != here]
    return [*others, str(Path(__file__).resolve().parents[3])]


def _give(process: subprocess.Popen[bytes], line: bytes) -> None:
    if process.stdin:
        process.stdin.write(line)
        process.stdin.flush()


def _line(values: dict[str, Any]) -> bytes:
    return (json.dumps(values) + "\n").encode()


def _listen(process: subprocess.Popen[bytes], reports: queue.Queue[dict[str, Any]]) -> None:
    if process.stdout:
        with suppress(ValueError, OSError):
            for line in process.stdout:
                reports.put(json.loads(line))
    reports.put({"error": "nyckel: the courier process ended unexpectedly; run again to go on."})


def _hear(
    reports: queue.Queue[dict[str, Any]], progress: Callable[[int], object]
) -> dict[str, Any] | None:
    """Take the reports that have come in; return the last one if it ends the errand."""
    outcome = None
    while outcome is None and not reports.empty():
        outcome = _note(reports.get(), progress)
    return outcome


def _note(report: dict[str, Any], progress: Callable[[int], object]) -> dict[str, Any] | None:
    if "done" in report:
        progress(int(report["done"]))
        return None
    return report


def _raise(outcome: dict[str, Any]) -> None:
    if "stopped" in outcome:
        raise Stopped(outcome["stopped"])
    if "error" in outcome:
        raise ClassifierError(outcome["error"])
