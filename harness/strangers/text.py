"""Strangers' text made safe to look at."""

from __future__ import annotations


def printable(text: str) -> str:
    """Show control characters of strangers' text instead of obeying them; keep line ends."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def words_of(error: BaseException) -> str:
    """Return what an error says, in one printable line; empty where it says nothing.

    A stranger's error may fail to say anything.
    """
    try:
        text = str(error)
    except (Exception, SystemExit):
        return "what it says cannot be read"
    return printable(" ".join(text.split()))
