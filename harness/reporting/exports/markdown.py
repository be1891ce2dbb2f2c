"""Markdown of strangers' words."""

from __future__ import annotations

from collections.abc import Iterable


def pipe_row(cells: Iterable[str]) -> str:
    """Write one row of a Markdown table, of cells that are escaped."""
    return "| " + " | ".join(cells) + " |"


def escape_markdown(text: str) -> str:
    """Write strangers' text so that Markdown shows it instead of obeying it."""
    flat = " ".join(text.split())
    escaped = "".join(f"\\{letter}" if letter in "\\`*_[]|#!~" else letter for letter in flat)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
