"""Ctrl-C is heard wherever it comes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer, current_thread, main_thread
from typing import Any

AGAIN_AFTER = 0.01
"""Seconds until Ctrl-C comes once more: by then whatever Python called back has ended."""


@contextmanager
def heard_everywhere() -> Iterator[None]:
    """Let Ctrl-C come once more where Python drops it.

    What is raised in a finalizer or in the callback of a weak reference, as imports have, reaches
    nobody: Python prints it and goes on, and the run with it.
    """
    before, timers = sys.unraisablehook, list[Timer]()

    def come_again(dropped: Any) -> None:
        if not issubclass(dropped.exc_type, KeyboardInterrupt):
            before(dropped)
        elif current_thread() is main_thread():
            timer = Timer(AGAIN_AFTER, _interrupt)
            timer.daemon = True
            timers.append(timer)
            timer.start()

    sys.unraisablehook = come_again
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        sys.unraisablehook = before


def _interrupt() -> None:
    """Send Ctrl-C to the main thread, which may wait for something."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
