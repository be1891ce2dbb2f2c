"""Temporary files of a start, in a folder of its own: gone afterwards, also after a kill.

A start holds a lock on its folder while it lives; the next start of anybody sweeps the folders
whose lock is free. Processes that strangers' code started and left behind know their start by its
folder, for temporary files, in their environment: they are ended with it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import StoreError

if TYPE_CHECKING:
    from filelock import BaseFileLock

PREFIX = "sightbench-"


@contextmanager
def scratch_folder(home: Path | None = None) -> Iterator[Path]:
    """Give an empty folder for temporary files; it and what killed starts left are removed.

    Parameters
    ----------
    home
        Where it lies; the system's temporary folder if left out.

    Raises
    ------
    StoreError
        It cannot be made.
    """
    place = Path(tempfile.gettempdir()) if home is None else home
    try:
        place.mkdir(parents=True, exist_ok=True)
        sweep(place)
        lock = _taken(place)
        folder = Path(lock.lock_file).with_suffix("")
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise StoreError(
            f"{place} cannot hold temporary files: {error}. Name another folder: --cache."
        ) from None
    maker = os.getpid()
    try:
        yield folder
    finally:
        if os.getpid() == maker:  # what is forked drops its copy of this, and must leave it be
            _clear(folder)
            lock.release()
            _remove(Path(lock.lock_file))


def _taken(place: Path) -> BaseFileLock:
    """Take the lock of a new folder; the folder comes after it, so that no sweep finds it free."""
    from filelock import FileLock

    while True:
        lock = FileLock(place / f"{PREFIX}{secrets.token_hex(4)}.lock")
        lock.acquire()
        if Path(lock.lock_file).exists():
            return lock
        lock.release()  # a sweep came between its making and its taking


def sweep(place: Path) -> None:
    """Remove the folders of starts that were killed: those whose lock nobody holds."""
    from filelock import FileLock, Timeout

    for path in place.glob(f"{PREFIX}*.lock"):
        folder = path.with_suffix("")
        try:
            with FileLock(path, timeout=0):
                _clear(folder)
                _remove(path)
        except (Timeout, OSError):
            continue
        _remove(path)  # where a file that is open stays


def _clear(folder: Path) -> None:
    """End the processes that were left behind with a folder, then remove it."""
    for process in _processes_with(folder):
        with suppress(OSError):  # it has ended, or is somebody else's
            os.kill(process, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def _processes_with(folder: Path) -> Iterator[int]:
    """Find the processes that were started with a folder for temporary files, where Linux tells."""
    wanted = b"TMPDIR=" + os.fsencode(folder)
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in path.read_bytes().split(b"\0"):
                yield int(path.parent.name)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
