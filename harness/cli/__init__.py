"""The ``sightbench`` command: one short module a verb, imported when the verb is used.

A verb's module has a function ``command``, or a Typer ``app`` where the verb has verbs of its
own. Installed distributions add verbs through the entry-point group ``harness.commands``; each
entry names a Typer app or a function.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

COLLECTED_AFTER = (20_000, 20, 20)
"""New objects after which Python looks for garbage, and how often until it looks at older ones.

After 700, as is its custom, that is a tenth of what a start takes, though what is imported and
listed stays.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit status.

    The front page needs nothing but Python's own library, so it comes at once.
    """
    given = [*(sys.argv[1:] if arguments is None else arguments)]  # `list` is a verb's module here
    from harness.cli.terminal import open_streams

    gc.set_threshold(*COLLECTED_AFTER)
    status = 130
    with open_streams(), suppress(KeyboardInterrupt):
        if given in ([], ["-h"], ["--help"]) and "_SIGHTBENCH_COMPLETE" not in os.environ:
            from harness.cli.front import show_front_page

            status = show_front_page()
        else:
            from harness.cli.interrupts import heard_everywhere

            with heard_everywhere():
                from harness.cli.dispatch import dispatch

                status = dispatch(given)
    atexit.register(_end_undisturbed)
    sys.exit(status)


def _end_undisturbed() -> None:
    """Let what is left to tidy up be tidied up, and nothing be looked through: that takes 0.1 s."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
