"""Results on disk: a folder a run, in it a folder a cell that appears whole or not at all.

::

    results/<experiment>/<date>-<key>/
        plan.json  environment.json  data.json  clips.csv
        splits/0.json ...
        cells/<cell>/record.json  predictions.csv  (traceback.txt, a service's *.jsonl)
        work/                     what unfinished cells need to go on; nothing reads results here

Results are only ever added: a cell that failed and is run again gets a folder of its own,
``<cell>~2``, and the newest counts.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.clips.splits import Split, read_split
from harness.errors import StoreError
from harness.files.documents import read_document, read_values, write_document, written
from harness.files.whole import whole_folder, write_whole
from harness.measuring.environment import Environment
from harness.planning.plan import Cell, WrittenPlan
from harness.results.clips import ClipsAbout
from harness.results.predictions import PredictionTable, read_predictions, write_predictions
from harness.results.record import Record

_STARTED, _PROGRESS = "started", "progress.txt"
"""Files in the working folder of a cell; only `Run` knows them."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run's folder."""

    folder: Path

    @property
    def name(self) -> str:
        """Experiment and folder, as `sightbench show` takes it."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    def keep(self, name: str, value: Any) -> None:
        """Write one JSON file of the run, unless it is there."""
        path = self.folder / name
        if not path.exists():
            write_document(path, value)

    def plan(self) -> WrittenPlan:
        """Read what was chosen; this and its like raise `StoreError` for what is not sound."""
        return read_document(WrittenPlan, self.folder / "plan.json")

    def clips(self) -> ClipsAbout:
        """Read what the clips are."""
        return read_document(ClipsAbout, self.folder / "data.json")

    def environment(self) -> Environment:
        """Read what it was measured on."""
        return read_document(Environment, self.folder / "environment.json")

    def split(self, number: int) -> Split:
        """Read a split of the run."""
        return read_split(self.folder / "splits" / f"{number}.json")

    def work(self, cell: Cell) -> Path:
        """Return the folder that keeps what an unfinished cell needs to go on."""
        folder = self._work(cell)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def mark_start(self, cell: Cell) -> None:
        """Leave a mark that a cell is being worked on: who dies on it is then known."""
        (self.work(cell) / _STARTED).touch()

    def unmark_start(self, cell: Cell) -> None:
        """Take the mark away: nobody works on the cell."""
        (self._work(cell) / _STARTED).unlink(missing_ok=True)

    def was_started(self, cell: Cell) -> bool:
        """Say whether somebody began to work on a cell and did not finish."""
        return (self._work(cell) / _STARTED).exists()

    def post_progress(self, cell: Cell, done: int, total: int, what: str) -> None:
        """Note how far a cell is, for the process that waits for it."""
        write_whole(self.work(cell) / _PROGRESS, f"{done} {total} {what}", durable=False)

    def progress(self, cell: Cell) -> tuple[int, int, str] | None:
        """Read how far a cell is: done, total, what; None where nothing sound is noted."""
        try:
            text = (self._work(cell) / _PROGRESS).read_text(encoding="utf-8")
            done, total, what = text.split(" ", 2)
            return int(done), int(total), what
        except (OSError, ValueError):
            return None

    def finish(
        self, record: Record, table: PredictionTable | None = None, traceback: str = ""
    ) -> None:
        """Add a cell's folder, whole; its working folder goes unless the cell can be resumed.

        Raises
        ------
        StoreError
            The disk is full or the folder cannot be written.
        """
        try:
            with whole_folder(self._next(record.cell)) as folder:
                _write_cell(folder, record, table, traceback)
                self._keep_ledgers(folder, record.cell)
        except OSError as error:
            raise StoreError(
                f"{record.cell} cannot be written to {self.folder}: {error}. Free some space, "
                "or name another folder: --results."
            ) from None
        self.unmark_start(record.cell)
        if record.status == "ok":
            shutil.rmtree(self._work(record.cell), ignore_errors=True)

    def _keep_ledgers(self, folder: Path, cell: Cell) -> None:
        """Copy what a service was asked and what it answered (``*.jsonl``) beside the record."""
        for ledger in self._work(cell).glob("*.jsonl"):
            shutil.copyfile(ledger, folder / ledger.name)

    def records(self) -> list[Record]:
        """Read the newest record of every cell, in the order of the plan where it is known."""
        newest = {name: self._attempts(name)[-1] for name in self._names()}
        records = [
            Record.from_json(read_values(path / "record.json"), str(path))
            for path in newest.values()
        ]
        return sorted(records, key=self._place())

    def record(self, cell: Cell) -> Record | None:
        """Read the newest record of a cell, or None if it has none."""
        attempts = self._attempts(cell.slug)
        if not attempts:
            return None
        return Record.from_json(read_values(attempts[-1] / "record.json"), str(attempts[-1]))

    def attempts(self, cell: Cell) -> int:
        """Count the folders that a cell has."""
        return len(self._attempts(cell.slug))

    def predictions(self, cell: Cell) -> PredictionTable:
        """Read what a cell predicted, clip by clip.

        Raises
        ------
        StoreError
            The cell has no predictions, or they are damaged.
        """
        attempts = self._attempts(cell.slug)
        if not attempts or not (attempts[-1] / "predictions.csv").exists():
            raise StoreError(f"{self.name} holds no predictions of {cell}.")
        return read_predictions(attempts[-1] / "predictions.csv")

    def traceback(self, cell: Cell) -> Path | None:
        """Return the file that tells how a cell failed, if it did."""
        attempts = self._attempts(cell.slug)
        path = attempts[-1] / "traceback.txt" if attempts else None
        return path if path is not None and path.exists() else None

    def _work(self, cell: Cell) -> Path:
        return self.folder / "work" / cell.slug

    def _names(self) -> list[str]:
        folders = (self.folder / "cells").glob("[!.]*")
        return sorted({path.name.rpartition("~")[0] or path.name for path in folders})

    def _attempts(self, slug: str) -> list[Path]:
        cells = self.folder / "cells"
        first = cells / slug
        later = sorted(cells.glob(f"{_literal(slug)}~*"), key=lambda p: int(p.name.rsplit("~")[-1]))
        return [*([first] if first.exists() else []), *later]

    def _next(self, cell: Cell) -> Path:
        number = len(self._attempts(cell.slug)) + 1
        return self.folder / "cells" / (cell.slug if number == 1 else f"{cell.slug}~{number}")

    def _place(self) -> Callable[[Record], tuple[float, ...]]:
        plan = self.plan()
        chains = {text: place for place, text in enumerate(plan.representations)}
        classifiers = {text: place for place, text in enumerate(plan.classifiers)}

        def place(record: Record) -> tuple[float, ...]:
            cell = record.cell
            size = float("inf") if cell.train_size is None else cell.train_size
            return (
                chains.get(str(cell.representation), len(chains)),
                classifiers.get(str(cell.classifier), len(classifiers)),
                cell.split,
                cell.seed,
                size,
            )

        return place


def open_run(results: Path, experiment: str, key: str, fresh: bool = False) -> Run:
    """Return the newest run of an experiment with this key, or a new one.

    Parameters
    ----------
    key
        Hashes all that a run's figures depend on: the same key goes on where it stopped.
    fresh
        Begin a new run even so.
    """
    home = results / experiment
    found = sorted(home.glob(f"*-{key}")) + sorted(home.glob(f"*-{key}-[0-9]*"))
    if found and not fresh:
        return Run(found[-1])
    name = f"{datetime.now():%Y-%m-%d}-{key}"
    number = 2
    folder = home / name
    while folder.exists():
        folder = home / f"{name}-{number}"
        number += 1
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be made: {error}. Name another folder: --results."
        ) from None
    return Run(folder)


def list_runs(results: Path) -> list[Run]:
    """List all runs, the newest last."""
    plans = results.glob("*/*/plan.json")
    return [Run(path.parent) for path in sorted(plans, key=lambda p: p.stat().st_mtime)]


def find_run(results: Path, written: str | None) -> Run:
    """Find a run by folder, name, experiment or part of a name; the newest of all, or of these.

    Raises
    ------
    StoreError
        There is none, or several fit.
    """
    if written and (Path(written) / "plan.json").exists():
        return Run(Path(written))
    runs = list_runs(results)
    if not runs:
        raise StoreError(f"There are no runs in {results}. `sightbench run` makes one.")
    if not written:
        return runs[-1]
    exact = [r for r in runs if written in (r.name, r.folder.name, r.folder.parent.name)]
    fitting = exact or [run for run in runs if written in run.name]
    experiments = {run.folder.parent.name for run in fitting}
    if not fitting or len(experiments) > 1:
        what = "No run" if not fitting else "More than one run"
        names = ", ".join(run.name for run in (fitting or runs)[-8:])
        raise StoreError(f"{what} in {results} fits {written!r}. There are: {names}.")
    return fitting[-1]


def _write_cell(
    folder: Path, record: Record, table: PredictionTable | None, traceback: str
) -> None:
    if table is not None:
        write_predictions(folder / "predictions.csv", table)
    if traceback:
        (folder / "traceback.txt").write_text(traceback, encoding="utf-8")
    (folder / "record.json").write_text(written(record.to_json()), encoding="utf-8")


def _literal(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
