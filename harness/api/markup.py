"""Tables as HTML, the text of strangers in them made harmless."""

from __future__ import annotations

import html
from collections.abc import Container, Sequence
from typing import Any

from harness.strangers.text import printable


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], bold: Container[int] = ()) -> str:
    """Write a table.

    Parameters
    ----------
    bold
        Numbers of the rows that stand out.
    """
    head = "".join(f"<th>{safe(each)}</th>" for each in heads)
    body = "".join(
        f"<tr>{''.join(_cell(value, number in bold) for value in row)}</tr>"
        for number, row in enumerate(rows)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def safe(value: Any) -> str:
    """Write a value as HTML text."""
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return html.escape(printable(text))


def _cell(value: Any, bold: bool) -> str:
    text = safe(value)
    return f"<td><b>{text}</b></td>" if bold and text else f"<td>{text}</td>"
