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

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.clips.splits import Split, read_split
from harness.errors import StoreError
from harness.planning.plan import Cell
from harness.results.predictions import PredictionTable, read_predictions, write_predictions
from harness.results.record import Record


@dataclass(frozen=True, slots=True)
class Run:
    """One run's folder."""

    folder: Path

    @property
    def name(self) -> str:
        """Experiment and folder, as `sightbench show` takes it."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    def write(self, name: str, values: Mapping[str, Any]) -> None:
        """Write one JSON file of the run, unless it is there."""
        path = self.folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False))

    def read(self, name: str) -> dict[str, Any]:
        """Read one JSON file of the run.

        Raises
        ------
        StoreError
            It is missing, damaged, or of another schema.
        """
        return read_json(self.folder / name)

    def split(self, number: int) -> Split:
        """Read a split of the run."""
        return read_split(self.folder / "splits" / f"{number}.json")

    def work(self, cell: Cell) -> Path:
        """Return the folder that keeps what an unfinished cell needs to go on."""
        folder = self.folder / "work" / cell.slug
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def finish(
        self, record: Record, table: PredictionTable | None = None, traceback: str = ""
    ) -> None:
        """Add a cell's folder, whole; its working folder goes unless the cell can be resumed.

        Raises
        ------
        StoreError
            The disk is full or the folder cannot be written.
        """
        cells = self.folder / "cells"
        try:
            cells.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=".new-", dir=cells))
            try:
                _write_cell(beside, record, table, traceback)
                self._keep_ledgers(beside, record.cell)
                beside.chmod(0o755)
                beside.rename(self._next(record.cell))
            finally:
                shutil.rmtree(beside, ignore_errors=True)
        except OSError as error:
            raise StoreError(
                f"{record.cell} cannot be written to {self.folder}: {error}. Free some space, "
                "or name another folder: --results."
            ) from None
        (self.folder / "work" / record.cell.slug / "started").unlink(missing_ok=True)
        if record.status == "ok":
            shutil.rmtree(self.folder / "work" / record.cell.slug, ignore_errors=True)

    def _keep_ledgers(self, folder: Path, cell: Cell) -> None:
        """Copy what a service was asked and what it answered (``*.jsonl``) beside the record."""
        for ledger in (self.folder / "work" / cell.slug).glob("*.jsonl"):
            shutil.copyfile(ledger, folder / ledger.name)

    def records(self) -> list[Record]:
        """Read the newest record of every cell, in the order of the plan where it is known."""
        newest = {name: self._attempts(name)[-1] for name in self._names()}
        records = [
            Record.from_json(read_json(path / "record.json"), str(path)) for path in newest.values()
        ]
        return sorted(records, key=self._place())

    def record(self, cell: Cell) -> Record | None:
        """Read the newest record of a cell, or None if it has none."""
        attempts = self._attempts(cell.slug)
        if not attempts:
            return None
        return Record.from_json(read_json(attempts[-1] / "record.json"), str(attempts[-1]))

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

    def _place(self) -> Any:
        plan = self.read("plan.json")
        chains = {text: place for place, text in enumerate(plan["representations"])}
        classifiers = {text: place for place, text in enumerate(plan["classifiers"])}

        def place(record: Record) -> tuple[Any, ...]:
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


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    StoreError
        It is missing or damaged.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"{path} is missing: this is not a whole run of sightbench.") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read: {error}.") from None
    if not isinstance(values, dict) or values.get("schema") != 1:
        raise StoreError(f"{path} is of another schema; this sightbench reads schema 1.")
    return values


def _write_cell(
    folder: Path, record: Record, table: PredictionTable | None, traceback: str
) -> None:
    if table is not None:
        write_predictions(folder / "predictions.csv", table)
    if traceback:
        (folder / "traceback.txt").write_text(traceback, encoding="utf-8")
    text = json.dumps(record.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "record.json").write_text(text, encoding="utf-8")


def _write_whole(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _literal(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
