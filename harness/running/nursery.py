"""What stands first in the process that workers are forked from.

Importing this module there, as `processes.PRELOADED` does, is all that it takes.
"""

from __future__ import annotations

import gc
import sys
from types import TracebackType

_HOOK = sys.excepthook


def say(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None = None
) -> None:
    """Print what a worker died of at its birth, in place of `sys.excepthook`.

    A worker that is born while its run ends finds the locks that it should share gone. Nobody
    waits for it, so nothing is printed.
    """
    if kind is not FileNotFoundError or not _is_at_the_locks(trace):
        _HOOK(kind, error, trace)


def _is_at_the_locks(trace: TracebackType | None) -> bool:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") == (
        "multiprocessing.synchronize"
    )


if any("multiprocessing.forkserver" in word for word in sys.orig_argv):
    sys.excepthook = say
    gc.disable()  # what is imported here stays; workers collect their own
