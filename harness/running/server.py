"""The process that workers are forked from: it imports once what each of them needs.

Nothing here is slow to import: whoever knows early that there will be work starts it early.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from harness.running.scratch import scratch_folder

PRELOADED = (
    "harness.running.nursery",
    "harness.running.cell",
    "harness.running.drawing",
    "cv2",
    "numcodecs.blosc",
    "numcodecs.zstd",
    "pebble.pool.process",
    "threadpoolctl",
    "harness.running.transforms",
)
"""Imported once, before processes are forked from a clean one, not once in each of them."""

SLOW = {"librosa": "librosa.filters", "scikit-learn": "sklearn.metrics"}
"""What plugins import of a library, where it takes as long as all the rest; not every run needs it.
"""
USUAL = (*PRELOADED, SLOW["scikit-learn"])
"""Imported where it is not known which plugins will be there, or that they are the usual ones."""

SAFE_PATH = "PYTHONSAFEPATH"
"""Python's own variable that keeps the current folder off its path."""

THREADS = "OPENBLAS_NUM_THREADS"
"""Workers keep to one thread: those that the library starts when it is imported only cost time."""

LONGEST_HOME = 60
"""Bytes of a folder that a socket may lie in, two levels down: its path has 107 at most."""
SHORT_HOME = Path("/tmp")  # noqa: S108  # a fresh folder of its own is made in it


@contextmanager
def getting_ready(cache: Path, engine: str, default_choices: bool) -> Iterator[None]:
    """Let workers' imports begin before anything else does, where work is certain to come.

    That is where nothing was ever read. They take as long as all that a start does before its
    first worker.

    Parameters
    ----------
    cache
        The folder of what is kept of earlier starts.
    engine
        Where tasks will run: others than this machine's import by themselves.
    default_choices
        Which pictures and classifiers are asked for is known: those that need everything.
    """
    if engine != "local" or not _is_new(cache) or server_process() is not None:
        yield
        return
    try:
        start_server(USUAL if default_choices else PRELOADED)
        yield
    finally:
        end_server()


def _is_new(cache: Path) -> bool:
    try:
        return not any((cache / "readings").glob("*"))
    except OSError:  # whoever keeps something there says what is wrong with it
        return False


def start_server(modules: Sequence[str]) -> None:
    """Start the process, if it is not there, and wait for nothing.

    It is deaf to Ctrl-C from its first moment: whoever started it hears of that, and ends it.

    Parameters
    ----------
    modules
        What it imports, while whoever started it does other things.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return
    from multiprocessing import forkserver, resource_tracker

    house_sockets()
    with worker_surroundings():
        resource_tracker.ensure_running()  # it would let Ctrl-C through again
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            forkserver.set_forkserver_preload(list(modules))
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def server_process() -> int | None:
    """Return the number of the process; None where there is none."""
    from multiprocessing import forkserver

    pid: int | None = getattr(getattr(forkserver, "_forkserver", None), "_forkserver_pid", None)
    return pid


def end_server(wait: bool = False) -> None:
    """End the process: it may be at its imports still."""
    pid = server_process()
    if pid is None:
        return
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGTERM)
        if wait:  # multiprocessing itself takes it down afterwards
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def import_numbers() -> None:
    """Import numpy without its threads: who only hands out work needs none."""
    with worker_surroundings():
        import numpy  # noqa: F401


def house_sockets() -> None:
    """Let multiprocessing keep its sockets in a folder that the next start sweeps after a kill.

    In the system's temporary folder, or where its path is too long for a socket in /tmp. What
    cleans such folders may have taken it from a process that lives long: then there is another.
    """
    process: Any = multiprocessing.current_process()
    home = process._config.get("tempdir")
    if home and Path(home).is_dir():
        return
    if home:
        end_server(wait=True)  # nobody can reach it any more
    stack = ExitStack()
    short = len(os.fsencode(tempfile.gettempdir())) <= LONGEST_HOME
    place = None if short or not SHORT_HOME.is_dir() else SHORT_HOME
    process._config["tempdir"] = str(stack.enter_context(scratch_folder(place)))
    Finalize(None, stack.close, exitpriority=-100)


@contextmanager
def worker_surroundings() -> Iterator[None]:
    """Start Python without the current folder on its path: what lies there is a stranger's.

    Nor with threads that nothing is done in.
    """
    before = {name: os.environ.get(name) for name in (SAFE_PATH, THREADS)}
    os.environ[SAFE_PATH] = "1"
    os.environ.setdefault(THREADS, "1")
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
