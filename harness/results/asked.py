"""What one command asked for, as it is kept beside the cells."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from harness.clips.splits import Split
from harness.errors import SpecError, StoreError
from harness.files.documents import plain, written
from harness.measuring.environment import Environment
from harness.planning.plan import Cell, Plan, WrittenPlan
from harness.planning.specs import parse_specs
from harness.planning.ways import parse_ways


@dataclass(frozen=True, slots=True)
class AskedCell:
    """One cell of a command: what it is, and the folder that its result has or will have."""

    representation: str
    classifier: str
    split: int
    seed: int
    train_size: int | None
    folder: str

    def cell(self) -> Cell:
        """Return the cell.

        Raises
        ------
        StoreError
            What stands there cannot be a cell.
        """
        return read_cell(self)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command asked for.

    Parameters
    ----------
    when
        Of the last start of this command, in ISO 8601.
    splits
        The digest of each split, by number.
    cells
        In the order of the plan.
    environment
        Of its last start.
    recordings
        The digest of what was marked in the recordings; empty where clips are no windows of any.
    """

    when: str
    plan: WrittenPlan
    splits: tuple[str, ...]
    cells: tuple[AskedCell, ...]
    environment: Environment
    recordings: str = ""

    def __post_init__(self) -> None:
        """Raise `ValueError` where its parts do not fit each other, or name no file of a table."""
        for digest in self.splits:
            if not re.fullmatch("[0-9a-f]{16,}", digest):
                raise ValueError(f"{digest!r} is not the digest of a split")
        for cell in self.cells:
            if not 0 <= cell.split < len(self.splits):
                raise ValueError(f"a cell is of split {cell.split}, of {len(self.splits)} splits")
            if cell.folder != Path(cell.folder).name or cell.folder[:1] in ("", "."):
                raise ValueError(f"{cell.folder!r} cannot be the folder of a cell")

    @classmethod
    def of(
        cls,
        plan: Plan,
        splits: Sequence[Split],
        folders: Mapping[Cell, str],
        environment: Environment,
        recordings: str = "",
    ) -> Asked:
        """Write down what a plan comes to, now."""
        when = datetime.now().astimezone().isoformat(timespec="microseconds")
        cells = (
            AskedCell(
                str(cell.representation),
                str(cell.classifier),
                cell.split,
                cell.seed,
                cell.train_size,
                folder,
            )
            for cell, folder in folders.items()
        )
        digests = tuple(split.digest() for split in splits)
        return cls(when, plan.written(), digests, tuple(cells), environment, recordings)

    @property
    def key(self) -> str:
        """Tell this command from others on the same clips: the same one again has the same key."""
        values = {name: plain(getattr(self, name)) for name in ("plan", "splits", "cells")}
        return hashlib.sha256(written(values).encode()).hexdigest()[:8]


def read_cell(values: AskedCell) -> Cell:
    """Make a cell of the words that stand for it.

    Raises
    ------
    StoreError
        They cannot be read.
    """
    try:
        return Cell(
            parse_ways(values.representation, lambda name: False)[0],
            parse_specs(values.classifier)[0],
            values.split,
            values.seed,
            values.train_size,
        )
    except SpecError as error:
        raise StoreError(f"A cell of the run cannot be read: {error}") from None
