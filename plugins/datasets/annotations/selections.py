"""What an annotator marked in recordings: stretches of time with a label, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]

UNNAMED = "call"
"""The label of selections in a table that names no class at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Selections:
    """Stretches of one recording, one a row; they may overlap and stand in any order.

    Parameters
    ----------
    start_s, end_s : array [shape=(n,)]
        Seconds from the beginning of the recording; both are the same for a point in time.
    labels
        The class of each.
    low_hz, high_hz : array [shape=(n,)]
        The edges in frequency; NaN where nobody said.
    channels : array [shape=(n,)]
        Counted from 1; 0 where nobody said.
    scores : array [shape=(n,)]
        How sure a detector is; NaN where nobody said.
    """

    start_s: Numbers
    end_s: Numbers
    labels: tuple[str, ...]
    low_hz: Numbers
    high_hz: Numbers
    channels: NDArray[np.intp]
    scores: Numbers

    def __post_init__(self) -> None:
        sizes = {len(getattr(self, each)) for each in self.__slots__}
        if len(sizes) > 1:
            raise ValueError(f"The columns of Selections have {sorted(sizes)} rows.")

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def of(
        cls,
        start_s: ArrayLike,
        end_s: ArrayLike,
        labels: Sequence[str],
        *,
        low_hz: ArrayLike | None = None,
        high_hz: ArrayLike | None = None,
        channels: ArrayLike | None = None,
        scores: ArrayLike | None = None,
    ) -> Selections:
        """Make them of columns; what is left out is unknown."""
        unknown = np.full(len(labels), np.nan)

        def column(values: ArrayLike | None) -> Numbers:
            return unknown if values is None else np.asarray(values, dtype=np.float64)

        said = np.zeros(len(labels), np.intp) if channels is None else np.asarray(channels, np.intp)
        return cls(
            np.asarray(start_s, dtype=np.float64),
            np.asarray(end_s, dtype=np.float64),
            tuple(labels),
            column(low_hz),
            column(high_hz),
            said,
            column(scores),
        )

    def take(self, rows: ArrayLike) -> Selections:
        """Return some rows, by number or by a mask, in the order given."""
        chosen = np.asarray(rows)
        if chosen.dtype == bool:
            chosen = np.flatnonzero(chosen)
        chosen = chosen.astype(np.intp)
        return Selections(
            self.start_s[chosen],
            self.end_s[chosen],
            tuple(self.labels[row] for row in chosen),
            self.low_hz[chosen],
            self.high_hz[chosen],
            self.channels[chosen],
            self.scores[chosen],
        )

    def once(self) -> Selections:
        """Return them without repetitions of the same stretch and label, in order of time.

        Of rows that differ in frequency alone the first one that has frequencies stays.
        """
        names = {label: code for code, label in enumerate(dict.fromkeys(self.labels))}
        codes = np.array([names[label] for label in self.labels], dtype=np.intp)
        order = np.lexsort((np.isnan(self.low_hz), codes, self.end_s, self.start_s))
        key = np.stack([self.start_s, self.end_s, codes])[:, order]
        fresh = np.ones(len(self), dtype=bool)
        fresh[1:] = (key[:, 1:] != key[:, :-1]).any(axis=0)
        return self.take(order[fresh])


NOTHING = Selections.of([], [], ())


def together(parts: Sequence[Selections]) -> Selections:
    """Join selections of several tables, one after another."""
    if not parts:
        return NOTHING
    return Selections(
        np.concatenate([each.start_s for each in parts]),
        np.concatenate([each.end_s for each in parts]),
        tuple(label for each in parts for label in each.labels),
        np.concatenate([each.low_hz for each in parts]),
        np.concatenate([each.high_hz for each in parts]),
        np.concatenate([each.channels for each in parts]),
        np.concatenate([each.scores for each in parts]),
    )


class Damaged(NamedTuple):
    """A row that cannot be used, and the stretch that it may speak of.

    Parameters
    ----------
    row
        As a spreadsheet counts: the first line is row 1.
    why
        The reason alone.
    start_s, end_s
        Without limits where the row does not say when.
    """

    row: int
    why: str
    start_s: float = -np.inf
    end_s: float = np.inf
    file: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One file of annotations as it was read.

    Parameters
    ----------
    name
        The file.
    selections
        The rows that can be used.
    rows : array [shape=(n,)]
        The row of each in the file.
    files
        The recording that each row names; empty where the table's own name says it.
    damaged
        The rows that cannot be used.
    notes
        How something was understood that could have been meant otherwise.
    ends_in
        The recording in which each row ends, where the table says that; else empty.
    """

    name: str
    selections: Selections
    rows: NDArray[np.intp]
    files: tuple[str, ...]
    damaged: tuple[Damaged, ...] = ()
    notes: tuple[str, ...] = ()
    ends_in: tuple[str, ...] = ()
