"""Tie letters: rows that cannot be told apart share one."""

from __future__ import annotations

from string import ascii_letters

import numpy as np
from numpy.typing import ArrayLike, NDArray


def letter_rows(different: ArrayLike, order: ArrayLike | None = None) -> tuple[str, ...]:
    """Give letters to rows so that two share one if, and only if, they cannot be told apart.

    The insert-absorb algorithm of Piepho (2004), "An Algorithm for a Letter-Based
    Representation of All-Pairwise Comparisons", Journal of Computational and Graphical
    Statistics 13(2), 456-466.

    Parameters
    ----------
    different : array [shape=(rows, rows)], bool
        Symmetric: True where two rows differ significantly.
    order : array [shape=(rows,)], optional
        The rows from best to worst; "a" goes to the best. The default is the order given.

    Returns
    -------
    tuple of str
        The letters of each row, "a", "ab", ...; after 52 of them follow "a1", "b1", ...

    Raises
    ------
    ValueError
        `different` is not square and symmetric.
    """
    table = np.asarray(different, dtype=bool)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or (table != table.T).any():
        raise ValueError("letter_rows needs a square, symmetric table of significant differences")
    ranked = np.arange(len(table)) if order is None else np.asarray(order, dtype=np.intp)
    columns = _insert_and_absorb(table[np.ix_(ranked, ranked)])
    letters = [""] * len(table)
    for number, column in enumerate(sorted(columns, key=sorted)):
        for place in column:
            letters[int(ranked[place])] += _letter(number)
    return tuple(letters)


def _insert_and_absorb(different: NDArray[np.bool_]) -> set[frozenset[int]]:
    columns = {frozenset(range(len(different)))} if len(different) else set()
    for first, second in np.argwhere(np.triu(different, 1)).tolist():
        torn = {column for column in columns if first in column and second in column}
        parts = {column - {out} for column in torn for out in (first, second)}
        columns = _absorb((columns - torn) | parts)
    return columns


def _absorb(columns: set[frozenset[int]]) -> set[frozenset[int]]:
    """Drop every column that another one contains."""
    return {column for column in columns if not any(column < other for other in columns)}


def _letter(number: int) -> str:
    turn, place = divmod(number, len(ascii_letters))
    return ascii_letters[place] + (str(turn) if turn else "")
