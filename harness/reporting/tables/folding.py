"""Text folded to a width, so that no name is broken inside a word.

Lines break at spaces; a word that is wider than a line breaks before "+" and after commas, and
where even that is too wide, after hyphens and the like. Only a word that has no such place and is
wider than a whole line is cut. In sentences every word may break before "+": they fill lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_BREAKS = (re.compile(r"(?=\+)|(?<=,)"), re.compile(r"(?<=[-\[=/_.:])"))
"""Where a word may break; the first is tried first."""
_JOINTS = re.compile(r"(?<=[^\W\d_\]])(?=\+[^\W\d_])|(?<=\])(?=\+)")
"""Between the parts of a name: "mel" and "+noise-removed"; never within a figure, "+1.5"."""


def wide(text: str) -> int:
    """Return how many columns a line takes: some letters take two."""
    from rich.cells import cell_len

    return cell_len(text)


def fold(text: str, width: int) -> list[str]:
    """Fold a name into lines that are no wider than `width`, its words whole if that goes."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and wide(lines[-1]) + 1 + wide(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines += _fold_word(word, max(width, 1))
    return lines


def fill(text: str, width: int) -> list[str]:
    """Fold a sentence into lines that are no wider than `width`, and as full as can be."""
    lines = [""]
    for number, word in enumerate(text.split(" ")):
        gap = " " if number else ""
        for part in _JOINTS.split(word):
            for piece in _pieces(part, max(width, 1)):
                if lines[-1] and wide(lines[-1]) + len(gap) + wide(piece) > width:
                    lines.append(piece)
                else:
                    lines[-1] += gap + piece if lines[-1] else piece
                gap = ""
    return lines


def narrowest(names: Iterable[str], *, fine: bool) -> int:
    """Return the width that all names can be folded to: between words, or at hyphens, too."""
    patterns = _BREAKS if fine else _BREAKS[:1]
    pieces: list[str] = [word for name in names for word in name.split(" ")]
    for pattern in patterns:
        pieces = [part for piece in pieces for part in pattern.split(piece)]
    return max(map(wide, pieces), default=0)


def _fold_word(word: str, width: int) -> list[str]:
    lines = [""]
    for piece in _pieces(word, width):
        if lines[-1] and wide(lines[-1]) + wide(piece) > width:
            lines.append(piece)
        else:
            lines[-1] += piece
    return lines


def _pieces(word: str, width: int) -> list[str]:
    """Cut a word into pieces that fit, at the best places that it has."""
    if wide(word) <= width:
        return [word]
    for pattern in _BREAKS:
        parts = [part for part in pattern.split(word) if part]
        if len(parts) > 1:
            return [piece for part in parts for piece in _pieces(part, width)]
    return list(word)
