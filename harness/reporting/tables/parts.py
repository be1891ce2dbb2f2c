"""What every table in the terminal is made of.

Names and labels come from outside: they are put in as `Text`, never parsed as markup.
"""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from harness.strangers.text import printable


def shown(words: str, style: str = "") -> Text:
    """Make text of strangers' words: control characters are shown, not obeyed."""
    return Text(printable(words), style=style)


def breakable(written: str) -> str:
    """Let a long chain break before each "+"; it reads back the same."""
    return written.replace("+", " +")


def stacked(name: str) -> Text:
    """Let a heading break after each hyphen."""
    return shown(name.replace("-", "-\n") if len(name) > 8 else name)


def plain_table(title: str) -> Table:
    return Table(title=shown(title, style="bold"), title_justify="left", pad_edge=False, box=None)
