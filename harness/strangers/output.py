"""Output of strangers' code, kept off stdout and made safe to look at."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TextIO

from harness.strangers.text import printable


class Diverted(io.TextIOBase):
    """A stand-in for stdout: what is written to it goes elsewhere, its control characters shown.

    Parameters
    ----------
    elsewhere
        Where it goes, usually stderr.
    own
        The stream that it stands in for, for those who may write there.
    """

    def __init__(self, elsewhere: TextIO, own: TextIO | io.TextIOBase | None = None) -> None:
        super().__init__()
        self.elsewhere = elsewhere
        self.own = own

    def writable(self) -> bool:
        """Say that it takes text."""
        return True

    def write(self, text: str) -> int:
        """Pass text on."""
        shown = printable(text.replace("\r", "\n"))
        encoding = getattr(self.elsewhere, "encoding", None) or "utf-8"
        self.elsewhere.write(shown.encode(encoding, "backslashreplace").decode(encoding))
        return len(text)

    def flush(self) -> None:
        """Pass it on at once."""
        self.elsewhere.flush()

    def close(self) -> None:
        """Stay open: whoever closes it is not the only one who writes to it."""
        with suppress(OSError, ValueError):
            self.flush()
