"""An append-only file of everything that was asked of the service and what it answered.

One JSON object a line. A line that a kill cut short is the last one; it is passed over, and
taken away when the next line is written. Nothing in it is secret.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness import ClassifierError
from plugins.classifiers.nyckel.meter import Meter

Entry = dict[str, Any]


class Ledger:
    """Reads and appends lines; safe for threads.

    Parameters
    ----------
    path
        The file; made when missing.
    meter
        Its totals so far are written into every line, so that a kill loses none of them.
    """

    def __init__(self, path: Path, meter: Meter) -> None:
        self.path = path
        self.meter = meter
        self.run = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._mended = False

    def _mend(self) -> None:
        """Take away a last line that was cut short; called with the lock held."""
        self._mended = True
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()
        whole = self.path.read_bytes()
        keep = whole.rfind(b"\n") + 1
        if keep < len(whole):
            os.truncate(self.path, keep)

    def append(self, *entries: Mapping[str, Any], safe: bool = True) -> None:
        """Add lines; with `safe` they are on the disk before this returns."""
        with self._lock:
            if not self._mended:
                self._mend()
        with self.path.open("ab") as file:
            with self._lock:
                head = {"run": self.run, "at": round(time.time(), 3), "totals": self.meter.totals()}
                lines = [json.dumps({**entry, **head}, allow_nan=False) for entry in entries]
                file.write("".join(f"{line}\n" for line in lines).encode())
                file.flush()
            # A slow disk must not hold up the other threads' questions.
            if safe:
                os.fsync(file.fileno())

    def entries(self) -> Iterator[Entry]:
        """Yield every line, oldest first.

        Raises
        ------
        ClassifierError
            A line is damaged.
        """
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    entry = json.loads(line)
                except ValueError:
                    entry = None
                if not isinstance(entry, dict):
                    raise ClassifierError(
                        f"nyckel: line {number} of the ledger {self.path} is damaged. Mend it, or "
                        "delete the file to start this cell over (what was paid is paid again)."
                    )
                yield entry

    def last(self, what: str) -> Entry | None:
        """Return the newest line of one kind."""
        found = None
        for entry in self.entries():
            if entry.get("what") == what:
                found = entry
        return found

    def by_external(self, *kinds: str) -> dict[str, Entry]:
        """Return the newest line of some kinds for every external id."""
        return {entry["external"]: entry for entry in self.entries() if entry.get("what") in kinds}


@contextmanager
def locked(folder: Path, patience_s: float, waiting: Callable[[], object]) -> Iterator[int | None]:
    """Hold the folder for one run at a time; yield the lock's file descriptor.

    A run that was killed may have left calls under way whose answers are still being recorded:
    that is waited for.

    Raises
    ------
    ClassifierError
        Another run holds the folder for longer than `patience_s`.
    """
    try:
        import fcntl
    except ImportError:  # Windows: the ledger itself still works.
        yield None
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "nyckel.lock").open("a") as file:
        until = time.monotonic() + patience_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > until:
                    raise ClassifierError(
                        f"nyckel: another run is working in {folder}. Wait for it, or stop it."
                    ) from None
                waiting()
                time.sleep(0.1)
        yield file.fileno()


def unanswered(entries: Iterable[Entry], asked: str, answered: frozenset[str]) -> dict[str, int]:
    """Return the external ids whose newest question has no line that says what came of it.

    The number is how often such a question was left open over all starts.
    """
    open_now: dict[str, bool] = {}
    times: dict[str, int] = {}
    for entry in entries:
        what = entry.get("what")
        if what == asked:
            external = entry["external"]
            if open_now.get(external):
                times[external] = times.get(external, 0) + 1
            open_now[external] = True
        elif what in answered:
            open_now[entry["external"]] = False
    for external, is_open in open_now.items():
        if is_open:
            times[external] = times.get(external, 0) + 1
    return times
