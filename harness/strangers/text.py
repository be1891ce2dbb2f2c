"""Strangers' text made safe to look at."""

from __future__ import annotations


def printable(text: str) -> str:
    """Show control characters of strangers' text instead of obeying them; keep line ends."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)
