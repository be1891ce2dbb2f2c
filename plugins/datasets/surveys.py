"""Long recordings as they are listed, and the windows that are cut out of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from harness import Entry
from plugins.datasets.annotations.selections import Selections
from plugins.datasets.annotations.windows import Windows

Samples = NDArray[np.float32]


class Rules(Protocol):
    """How windows are cut and labelled: the parameters of a windowed dataset."""

    @property
    def window(self) -> float:
        """Length of a window (s)."""

    @property
    def hop(self) -> float:
        """From one beginning to the next (s)."""

    @property
    def least(self) -> float:
        """Share from which on a selection is a window's label."""

    @property
    def most(self) -> float:
        """Share up to which a window is background."""

    @property
    def background(self) -> str:
        """The label of windows that hold nothing."""

    @property
    def background_per_call(self) -> float | None:
        """Background windows kept for each with a label; None for all."""

    @property
    def low(self) -> float | None:
        """Selections wholly below it are background (Hz)."""

    @property
    def high(self) -> float | None:
        """Selections wholly above it are background (Hz)."""

    @property
    def group(self) -> str:
        """Pattern of names."""

    @property
    def part(self) -> float | None:
        """Length of a part of a group (s)."""

    @property
    def seed(self) -> int:
        """Of the draw of background windows."""

    @property
    def windows(self) -> Windows:
        """Where windows lie."""


class Readable(Protocol):
    """A recording of which any stretch can be read."""

    @property
    def rate(self) -> float:
        """Samples per second (Hz)."""

    @property
    def frames(self) -> int:
        """How long it is, in samples."""

    def read(self, first: int, count: int) -> Samples:
        """Return samples [shape=(channels, count)]; raise BadClip with the reason."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A recording as it was listed.

    Parameters
    ----------
    selections
        What counts in it.
    blurred
        Stretches (s) of which nothing is known, for a row of a table is damaged.
    """

    name: str
    rate: float
    frames: int
    selections: Selections
    blurred: tuple[tuple[float, float], ...] = ()

    @property
    def duration_s(self) -> float:
        """How long it is (s)."""
        return self.frames / self.rate


@dataclass(frozen=True, slots=True)
class Survey:
    """Recordings and what is wrong with them, before they are cut.

    Parameters
    ----------
    faults
        Entries that cannot be used, each with its file and row.
    notes
        How things were understood, in sentences.
    """

    recordings: tuple[Surveyed, ...]
    faults: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """The windows of a survey, and the tally of what became of them."""

    entries: tuple[Entry, ...]
    tally: Mapping[str, int]
    unheld: int
    dated: bool
