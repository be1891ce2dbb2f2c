"""What stands first in the process that workers are forked from.

Importing this module there, as `processes.PRELOADED` does, is all that it takes.
"""

from __future__ import annotations

import gc
import sys
from types import TracebackType

_HOOK = sys.excepthook


_UNHEARD: dict[type[BaseException], str] = {
    FileNotFoundError: "multiprocessing.synchronize",
    EOFError: "multiprocessing.reduction",
}
"""Where these errors come from if a run ended in the middle of a worker's birth: the locks that it
should share are gone, or who asked for it is."""


def say(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None = None
) -> None:
    """Print what a process died of at the birth of a worker, in place of `sys.excepthook`.

    Where the run ended meanwhile nobody waits for it, so nothing is printed.
    """
    if _origin(trace) != _UNHEARD.get(kind, ""):
        _HOOK(kind, error, trace)


def _origin(trace: TracebackType | None) -> str | None:
    """Name the module that raised."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return None if trace is None else trace.tb_frame.f_globals.get("__name__")


if any("multiprocessing.forkserver" in word for word in sys.orig_argv):
    sys.excepthook = say
    gc.disable()  # what is imported here stays; workers collect their own
