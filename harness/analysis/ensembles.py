"""Runs with ensembles: rows that average cells, chosen inside training or named by a person.

An ensemble is a row like any other: `with_ensembles` gives a run that has it among its records
and predictions, so that whatever is said of cells holds for it. Nothing is trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.averages import Average, Ensemble
from harness.analysis.cell_names import is_average
from harness.analysis.members import choose_ensemble, name_ensemble, rows_of
from harness.errors import StoreError
from harness.planning.plan import Cell
from harness.planning.ways import ENSEMBLE
from harness.results.predictions import PredictionTable
from harness.results.record import Record
from harness.results.store import Run


@dataclass(frozen=True)
class MixedRun(Run):
    """A run with rows that average its cells; they are worked out, not read from disk."""

    ensembles: tuple[Ensemble, ...] = ()

    def records(self) -> list[Record]:
        """Return the run's own records, then those of ensembles."""
        return [*super().records(), *(each.record for each in self._averages().values())]

    def record(self, cell: Cell) -> Record | None:
        """Return what counts of a cell."""
        known = self._averages().get(cell)
        return super().record(cell) if known is None else known.record

    def predictions(self, cell: Cell) -> PredictionTable:
        """Return what a cell predicted, or what the members of an average say together."""
        known = self._averages().get(cell)
        return super().predictions(cell) if known is None else known.table

    def average(self, cell: Cell) -> Average | None:
        """Return the average that a cell stands for; None for a cell that was run."""
        return self._averages().get(cell)

    def _averages(self) -> Mapping[Cell, Average]:
        return {each.record.cell: each for whole in self.ensembles for each in whole.averages}


def with_ensembles(run: Run, *, chosen: bool = False, named: Sequence[str] = ()) -> MixedRun:
    """Add ensembles to a run.

    Parameters
    ----------
    chosen
        Add the one that is chosen greedily inside training.
    named
        Averages by name, "average(mel/pca-svm, waveform/hog-svm)".

    Raises
    ------
    SpecError, StoreError
        A name is no average, or its cells cannot be averaged.
    """
    records = [record for record in run.records() if record.cell.train_size is None]
    found = [choose_ensemble(run, records)] if chosen else []
    rows = rows_of(records)
    averages = {each.name: each for name in named for each in [name_ensemble(run, rows, name)]}
    ensembles = (*found, *averages.values())
    return MixedRun(run.folder, run.asked, ensembles, whole=run.whole)


def with_named(run: Run, names: Sequence[str]) -> Run:
    """Add the ensembles that are among the cells that a person named; other names add nothing.

    Raises
    ------
    SpecError, StoreError
        As `with_ensembles`; there is no ensemble.
    """
    averages = [name for name in names if is_average(name)]
    chosen = any(name.strip() == ENSEMBLE for name in names)
    if not averages and not chosen:
        return run
    mixed = with_ensembles(run, chosen=chosen, named=averages)
    for each in mixed.ensembles:
        if each.missing:
            raise StoreError(f"{run.name} has no {each.name}: {each.missing}.")
    return mixed
