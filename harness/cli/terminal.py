"""Text on its way to the terminal; nothing here is slow to import."""

from __future__ import annotations

import os
import sys

from harness.strangers.text import printable


def complain(message: str) -> None:
    """Write an error to stderr."""
    text = f"sightbench: {printable(message)}\n"
    encoding = sys.stderr.encoding or "ascii"
    sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))


def width() -> int:
    """Return the columns to write for: those of the terminal, 80 where there is none."""
    written = os.environ.get("COLUMNS", "")
    if written.isdecimal() and int(written) > 0:
        return int(written)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def has_colours() -> bool:
    """Say whether stdout is a terminal that shows colours, and none have been forbidden."""
    wanted = "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return wanted and sys.stdout.isatty()


def stop_writing() -> None:
    """Let the rest of the output go nowhere: nobody reads the pipe any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
