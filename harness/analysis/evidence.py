"""Who was right about which clip, and what clips belong together: read once from a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.planning.plan import Cell
from harness.results.predictions import PredictionTable
from harness.results.record import Record
from harness.results.scores import correctness
from harness.results.store import Run
from harness.statistics.groups import number_groups


class Evidence:
    """Reads the predictions of a run, each once."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._tables: dict[Cell, PredictionTable] = {}
        self._right: dict[Cell, NDArray[np.bool_]] = {}

    def correct(self, records: Sequence[Record]) -> NDArray[np.bool_]:
        """Say which holdout clips were judged right, all records one after another."""
        return np.concatenate([self._one(record) for record in records])

    def groups(self, records: Sequence[Record]) -> list[str | None] | None:
        """Say what each holdout clip was drawn with; over several records, at least itself."""
        splits = {r.cell.split: self.run.split(r.cell.split) for r in records}
        alone = len(records) == 1
        if not any(split.units for split in splits.values()):
            ids = [id for r in records for id in splits[r.cell.split].holdout]
            if len(set(ids)) == len(ids):
                return None
        return [
            splits[r.cell.split].units.get(id, None if alone else f"clip {id}")
            for r in records
            for id in splits[r.cell.split].holdout
        ]

    def each_once(self, records: Sequence[Record]) -> bool:
        """Say whether the splits of some records hold every clip out once."""
        return all(self.run.split(number).each_once for number in {r.cell.split for r in records})

    def independent(self, records: Sequence[Record]) -> int:
        """Count the holdout clips that are independent of each other, or their groups."""
        groups = self.groups(records)
        numbers = number_groups(groups)
        if numbers is not None:
            return int(numbers.max()) + 1
        return sum(len(self.run.split(r.cell.split).holdout) for r in records[:1])

    def table(self, record: Record) -> PredictionTable:
        """Return what a cell said of each holdout clip; it is kept."""
        if record.cell not in self._tables:
            self._tables[record.cell] = self._read(record.cell)
        return self._tables[record.cell]

    def same(self, records: Sequence[Record]) -> bool:
        """Say whether all records, of one split, gave the very same answers."""
        said = {self.table(record).predictions.labels for record in records}
        return len(said) == 1

    def _one(self, record: Record) -> NDArray[np.bool_]:
        if record.cell not in self._right:
            table = self._tables.get(record.cell) or self._read(record.cell)
            self._right[record.cell] = correctness(table.true, table.predictions.labels)
        return self._right[record.cell]

    def _read(self, cell: Cell) -> PredictionTable:
        return self.run.predictions(cell).side("holdout")
