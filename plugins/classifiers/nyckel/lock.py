"""One start at a time works on a cell, however many were made.

The lock and the ledger lie beside the job's folder: that one goes once the cell is done, while
other starts of the same command may still wait. The lock is the kernel's (`flock`): it ends with
the last process that holds it, a courier that outlives a killed run included. The file stays.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import Stopped

LEDGER = "nyckel.jsonl"
_LOOK_EVERY_S = 0.1


def ledger_of(folder: Path) -> Path:
    """Return where the ledger of a job's folder is kept, beside it."""
    folder = folder.absolute()
    return folder.with_name(f"{folder.name}.{LEDGER}")


def lock_of(folder: Path) -> Path:
    """Return the file whose lock is held by who works on a job, beside its folder."""
    folder = folder.absolute()
    return folder.with_name(f"{folder.name}.nyckel.lock")


@contextmanager
def locked(
    folder: Path, patience_s: float, waiting: Callable[[str], object]
) -> Iterator[int | None]:
    """Hold a job for one start at a time; yield the lock's file descriptor.

    Parameters
    ----------
    patience_s
        How long a holder may be silent (its ledger unchanged) until waiting for it ends (s).
    waiting
        Told in a sentence what is waited for.

    Raises
    ------
    Stopped
        Another start holds the job and has been silent for too long.
    """
    try:
        import fcntl  # noqa: F401
    except ImportError:  # Windows: the ledger itself still works.
        yield None
        return
    held = _acquire(folder, patience_s, waiting)
    try:
        yield held
    finally:
        os.close(held)


def _acquire(folder: Path, patience_s: float, waiting: Callable[[str], object]) -> int:
    path, ledger = lock_of(folder), ledger_of(folder)
    sign, since = _sign(ledger), time.monotonic()
    while True:
        held = _try(path)
        if held is not None:
            return held
        if _sign(ledger) != sign:
            sign, since = _sign(ledger), time.monotonic()
        who = _holder(path)
        if time.monotonic() - since > patience_s:
            raise Stopped(
                f"nyckel: {who} works on this cell (lock {path}) and has written nothing for "
                f"{patience_s:.0f} s. Wait for it or end it, then run the same command again."
            )
        waiting(f"waiting for {who}, which works on this cell")
        time.sleep(_LOOK_EVERY_S)


def _try(path: Path) -> int | None:
    """Return the descriptor of the lock, held, or None while another process holds it."""
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    held = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever deletes the file lets the next start lock another of the same name.
        if not os.path.samestat(os.fstat(held), path.stat()):
            raise FileNotFoundError
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
    except (BlockingIOError, FileNotFoundError):
        os.close(held)
        return None
    except BaseException:
        os.close(held)
        raise
    return held


def _holder(path: Path) -> str:
    """Name who holds the lock."""
    try:
        process = int(path.read_bytes()[:20])
        os.kill(process, 0)
    except (OSError, ValueError, OverflowError):
        return "what a start that has ended left under way"
    return f"another start of this command (process {process})"


def _sign(ledger: Path) -> tuple[int, int] | None:
    """Return what changes whenever the holder writes."""
    try:
        found = ledger.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
