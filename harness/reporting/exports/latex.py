"""Tables as LaTeX (booktabs); the text of strangers in them is made harmless."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NAMES = 2
"""The first columns hold names and stand left."""


def latex_table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write one table with its caption."""
    lines = [
        "% needs \\usepackage{booktabs}",
        "\\begin{table}",
        "\\centering",
        f"\\caption{{{_escaped(caption)}}}",
        "\\begin{tabular}{" + "l" * NAMES + "r" * (len(heads) - NAMES) + "}",
        "\\toprule",
        _ampersand(heads),
        "\\midrule",
        *(_ampersand(row) for row in rows),
        "\\bottomrule",
        "\\end{tabular}",
        "\\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _ampersand(cells: Sequence[str]) -> str:
    return " & ".join(_escaped(cell) for cell in cells) + r" \\"


_LATEX: Mapping[str, str] = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "–": "--",
    "×": r"$\times$",
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
}


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in " ".join(text.split()))
