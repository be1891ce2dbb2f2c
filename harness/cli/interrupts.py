"""Ctrl-C is heard wherever it comes."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Timer, current_thread, main_thread
from types import FrameType
from typing import Any

AGAIN_AFTER_S = 0.02
"""Until Ctrl-C comes once more: by then whatever Python called back has mostly ended."""
IMPORTS_MAY_TAKE_S = 3.0
"""So long is Ctrl-C held back; what takes longer to import may never end."""
_IMPORTS = "<frozen importlib._bootstrap>"


@contextmanager
def heard_everywhere() -> Iterator[None]:
    """Let Ctrl-C wait while something is imported, and come once more where Python drops it.

    What is raised in a finalizer or in the callback of a weak reference reaches nobody: Python
    prints it and goes on. Extension modules drop what is raised while they are imported without a
    word. Where somebody else listens to Ctrl-C, or nobody shall, it is left to them.
    """
    ours = current_thread() is main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    told = sys.unraisablehook
    interrupts = _Interrupts(told)
    sys.unraisablehook = interrupts.dropped
    signal.signal(signal.SIGINT, interrupts.come)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.unraisablehook = told
        interrupts.forget()


@dataclass(eq=False)
class _Interrupts:
    """Hears of Ctrl-C, and says when it is to come again."""

    told: Any
    since: float | None = None
    timers: list[Timer] = field(default_factory=list)

    def come(self, number: int, frame: FrameType | None) -> None:
        """Raise it, or put it off: a handler of `signal`."""
        now = time.monotonic()
        self.since = now if self.since is None else self.since
        if _is_importing(frame) and now - self.since < IMPORTS_MAY_TAKE_S:
            self._again()
            return
        self.since = None
        raise KeyboardInterrupt

    def dropped(self, what: Any) -> None:
        """Hear of an error that reaches nobody: a hook of `sys`."""
        if not issubclass(what.exc_type, KeyboardInterrupt):
            self.told(what)
        elif current_thread() is main_thread():
            self._again()

    def forget(self) -> None:
        """Let none come any more."""
        for timer in self.timers:
            timer.cancel()

    def _again(self) -> None:
        self.timers = [timer for timer in self.timers if timer.is_alive()]
        timer = Timer(AGAIN_AFTER_S, _interrupt)
        timer.daemon = True
        self.timers.append(timer)
        timer.start()


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == _IMPORTS:
            return True
        frame = frame.f_back
    return False


def _interrupt() -> None:
    """Send Ctrl-C to the main thread, which may wait for something."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
