"""Results on disk: a folder a set of clips, in which one table grows.

::

    results/<experiment>/<date>-<clips>/
        data.json  clips.csv           the clips: what they are, and each with its content hash
        recordings/<digest>.csv        where windows lie in their recordings, and what is marked
        splits/<digest>.json           every split that was asked for
        cells/<cell>/                  every cell, by what made it (`harness.results.shelf`)
        runs/<key>.json                what each command asked for
        plan.json  environment.json    the last command's, for a reader
        work/<cell>/                   what unfinished cells need to go on; no result is read here

A `Run` is what one command asked for, seen through these folders. Folders of schema 1 held one
run each (``plan.json``, ``splits/0.json``, no ``runs/``); they are still read.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from harness.clips.splits import Split, read_split
from harness.errors import SightbenchError, StoreError
from harness.files.documents import read_document, write_document
from harness.files.whole import sweep_unfinished, write_whole
from harness.measuring.environment import Environment
from harness.planning.plan import Cell, WrittenPlan, make_plan
from harness.planning.ways import SIGNAL
from harness.results.asked import Asked, AskedCell
from harness.results.clips import ClipsAbout
from harness.results.predictions import PredictionTable, read_clips
from harness.results.record import Record
from harness.results.recordings import (
    Recordings,
    read_recordings,
    recordings_digest,
    recordings_file,
)
from harness.results.shelf import Kept, Shelf, read_table
from harness.values import Missing

_STARTED, _PROGRESS = "started", "progress.txt"
"""Files in the working folder of a cell; only `Run` knows them."""


@dataclass(frozen=True)
class Run:
    """What one command asked for, and what has come of it so far.

    Parameters
    ----------
    folder
        Of the clips, with the results of every command on them.
    asked
        None for a run of schema 1, which has its folder for itself.
    whole
        It is what all commands asked for, not one of them.
    """

    folder: Path
    asked: Asked | None = None
    whole: bool = field(default=False, kw_only=True)

    @property
    def name(self) -> str:
        """Experiment and folder, as `sightbench show` takes it, and which command."""
        table = f"{self.folder.parent.name}/{self.folder.name}"
        return table if self.asked is None or self.whole else f"{table}:{self.asked.key}"

    @property
    def shelf(self) -> Shelf:
        """The cells of every command on these clips."""
        return Shelf(self.folder / "cells")

    def plan(self) -> WrittenPlan:
        """Read what was chosen; this and its like raise `StoreError` for what is not sound."""
        if self.asked is not None:
            return self.asked.plan
        return read_document(WrittenPlan, self.folder / "plan.json")

    def clips(self) -> ClipsAbout:
        """Read what the clips are."""
        return read_document(ClipsAbout, self.folder / "data.json")

    def labels(self) -> Mapping[str, str]:
        """Read the class of each clip, by id; empty where the file is away."""
        return self._labels

    def know_labels(self, labels: Mapping[str, str]) -> None:
        """Take the classes as read: they were just written."""
        self.__dict__["_labels"] = labels

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        try:
            rows = read_clips(self.folder / "clips.csv")
            return {id: label for id, label, _, _ in rows}
        except (OSError, ValueError):
            return {}

    def recordings(self) -> Recordings | Missing:
        """Read where clips lie in their recordings and what is marked there, or why nobody knows.

        Raises
        ------
        StoreError
            It is damaged.
        """
        digest = "" if self.asked is None else self.asked.recordings
        if not digest:
            return Missing(
                f"{self.name} knows of no recordings: its clips are not cut from any, or it was "
                "made before selections were kept. The same command adds them."
            )
        return read_recordings(recordings_file(self.folder, digest), digest)[1]

    def environment(self) -> Environment:
        """Read what it was measured on."""
        if self.asked is not None:
            return self.asked.environment
        return read_document(Environment, self.folder / "environment.json")

    def splits(self) -> list[Split]:
        """Read all splits of the run."""
        count = len(self.asked.splits) if self.asked else self.plan().splits
        return [self.split(number) for number in range(count)]

    def split(self, number: int) -> Split:
        """Read a split of the run, once."""
        if number not in self._splits:
            split = read_split(self.split_file(number))
            if self.asked is not None and split.digest() != self.asked.splits[number]:
                raise StoreError(
                    f"{self.split_file(number)} is another split than the run asked for."
                )
            self._splits[number] = split
        return self._splits[number]

    def know_split(self, number: int, split: Split) -> None:
        """Take a split as read: it was just written."""
        self._splits[number] = split

    @cached_property
    def _splits(self) -> dict[int, Split]:
        return {}

    def split_file(self, number: int) -> Path:
        """Return the file of a split."""
        name = str(number) if self.asked is None else self.asked.splits[number][:16]
        return self.folder / "splits" / f"{name}.json"

    @cached_property
    def cells(self) -> Mapping[Cell, str]:
        """Every cell that was asked for, in the order of the plan, and its folder's name."""
        if self.asked is not None:
            return {each.cell(): each.folder for each in self.asked.cells}
        plan = make_plan(self.plan().choices(), lambda name: False)
        return {cell: cell.slug for cell in plan.cells()}

    def records(self) -> list[Record]:
        """Read what counts of every cell that has a sound record, in the order of the plan."""
        kept = (self.kept(cell) for cell in self.cells)
        return [each.record for each in kept if each is not None]

    def record(self, cell: Cell) -> Record | None:
        """Read what counts of a cell, or None if it has no sound record."""
        kept = self.kept(cell)
        return None if kept is None else kept.record

    def kept(self, cell: Cell) -> Kept | None:
        """Read what counts of a cell, with the folder that it lies in."""
        kept = self.shelf.best(self._folder_name(cell))
        if kept is None or kept.record.cell == cell:
            return kept
        record = replace(kept.record, cell=cell)  # another command numbers splits its way
        return Kept(record, kept.folder)

    def damaged(self) -> list[str]:
        """Say which folders of cells are damaged, and why."""
        return list(self.shelf.damaged(self.cells.values()))

    def attempts(self, cell: Cell) -> int:
        """Count the folders that a cell has."""
        return len(self.shelf.attempts(self._folder_name(cell)))

    def predictions(self, cell: Cell) -> PredictionTable:
        """Read what a cell predicted, clip by clip.

        Raises
        ------
        StoreError
            The cell has no predictions, or they are damaged.
        """
        kept = self.kept(cell)
        if kept is None or not (kept.folder / "predictions.csv").exists():
            raise StoreError(f"{self.name} holds no predictions of {cell}.")
        return read_table(kept)

    def traceback(self, cell: Cell) -> Path | None:
        """Return the file that tells how a cell failed, if it did."""
        kept = self.kept(cell)
        path = None if kept is None else kept.folder / "traceback.txt"
        return path if path is not None and path.exists() else None

    def finish(
        self, record: Record, table: PredictionTable | None = None, traceback: str = ""
    ) -> Record:
        """Add a cell's folder, whole; its working folder goes unless the cell can be resumed.

        Returns the record as it stands there.

        Raises
        ------
        StoreError
            The disk is full or the folder cannot be written.
        """
        name, work = self._folder_name(record.cell), self._work(record.cell)
        try:
            ledgers = sorted(work.glob("*.jsonl"))
            kept = self.shelf.add(name, record, table, traceback, ledgers)
        except OSError as error:
            raise StoreError(
                f"{record.cell} cannot be written to {self.folder}: {error}. Free some space, "
                "or name another folder: --results."
            ) from None
        self.unmark_start(record.cell)
        if record.status == "ok":
            shutil.rmtree(work, ignore_errors=True)
        return kept

    def work(self, cell: Cell) -> Path:
        """Return the folder that keeps what an unfinished cell needs to go on."""
        folder = self._work(cell)
        with _writing(self.folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    @contextmanager
    def alone_with(self, cell: Cell) -> Iterator[None]:
        """Wait until no other start of any command works on the cell, and keep others waiting.

        The lock's file stays: who waits for it holds a lock that is still the cell's.
        """
        from filelock import FileLock

        folder = self.folder / "locks"
        lock = FileLock(folder / f"{self._folder_name(cell)[-40:]}.lock")
        with _writing(self.folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def mark_start(self, cell: Cell, host: str = "") -> None:
        """Leave a mark that a cell is being worked on, and on which other machine if on one.

        Who dies on it is then known.
        """
        with _writing(self.folder):
            (self.work(cell) / _STARTED).write_text(host, encoding="utf-8")

    def unmark_start(self, cell: Cell) -> None:
        """Take the mark away: nobody works on the cell."""
        (self._work(cell) / _STARTED).unlink(missing_ok=True)

    def was_started(self, cell: Cell) -> bool:
        """Say whether somebody began to work on a cell and did not finish."""
        return (self._work(cell) / _STARTED).exists()

    def started_on(self, cell: Cell) -> str:
        """Name the other machine that works on a cell; empty where none does."""
        try:
            return (self._work(cell) / _STARTED).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

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

    def _work(self, cell: Cell) -> Path:
        return self.folder / "work" / self._folder_name(cell)

    def _folder_name(self, cell: Cell) -> str:
        return self.cells[cell]


@dataclass(frozen=True, slots=True)
class Table:
    """The folder of one set of clips, in which the results of every command on them lie."""

    folder: Path

    def describe(self, about: ClipsAbout, clips: str) -> None:
        """Write down what the clips are, where it does not stand there; `clips` is clips.csv."""
        try:
            known = read_document(ClipsAbout, self.folder / "data.json")
        except StoreError:
            known = None
        if known != about:
            write_document(self.folder / "data.json", about)
        path = self.folder / "clips.csv"
        if not path.exists() or path.read_bytes() != clips.encode():
            write_whole(path, clips)

    def mark(self, recordings: str) -> str:
        """Write down where windows lie and what is marked, as text; return its digest."""
        digest = recordings_digest(recordings)
        path = recordings_file(self.folder, digest)
        if not path.exists() or path.read_bytes() != recordings.encode():
            path.parent.mkdir(exist_ok=True)
            write_whole(path, recordings)
        return digest

    def open(self, asked: Asked, splits: Sequence[Split]) -> Run:
        """Make ready for the cells of a run that is not written down yet: its splits are."""
        sweep_unfinished(self.folder)
        run = Run(self.folder, asked)
        for number, split in enumerate(splits):
            if not _is_sound(run, number):
                write_whole(run.split_file(number), split.written())
                run.know_split(number, split)
        return run

    def ask(self, asked: Asked, splits: Sequence[Split]) -> Run:
        """Write down what a command asks for, as the newest of its folder."""
        run = self.open(asked, splits)
        write_document(self.folder / "runs" / f"{asked.key}.json", asked)
        write_document(self.folder / "plan.json", asked.plan)
        write_document(self.folder / "environment.json", asked.environment)
        return run

    def runs(self) -> list[Run]:
        """List what commands asked for, the newest last; what is damaged is left out."""
        found = []
        for path in (self.folder / "runs").glob("[!.]*.json"):
            with suppress(StoreError):
                found.append(Run(self.folder, read_document(Asked, path)))
        if not found and not (self.folder / "runs").exists():
            return [Run(self.folder)]
        return sorted(found, key=lambda run: run.asked.when if run.asked else "")

    def damaged(self) -> Iterator[str]:
        """Say of what each command asked for that is damaged where it stands, and why."""
        for path in (self.folder / "runs").glob("[!.]*.json"):
            try:
                read_document(Asked, path)
            except StoreError as error:
                yield str(error)


def _is_sound(run: Run, number: int) -> bool:
    try:
        run.split(number)
    except SightbenchError:
        return False
    return True


def everything(run: Run) -> Run:
    """Return a run with every cell that any command finished on its clips, splits and pictures.

    Of cells that differ by version alone, those of the run itself count, else the newest. Cells
    that looked at pictures of another size or other colours are another comparison.
    """
    if run.asked is None:
        return run
    numbers = {digest: number for number, digest in enumerate(run.asked.splits)}
    found = {each.cell().key(): each for each in run.asked.cells}
    strange = _of_other_pictures(run.folder, run.asked)
    others = []
    for name in set(run.shelf.names()) - {each.folder for each in run.asked.cells} - strange:
        kept = run.shelf.best(name)
        made = None if kept is None else kept.record.made
        if kept is not None and made is not None and made.split in numbers:
            cell = replace(kept.record.cell, split=numbers[made.split])
            others.append((kept.folder.stat().st_mtime, cell, name))
    for _, cell, name in sorted(others, key=lambda other: -other[0]):
        found.setdefault(cell.key(), AskedCell(*cell.key(), name))
    return Run(run.folder, replace(run.asked, cells=tuple(found.values())), whole=True)


def _of_other_pictures(folder: Path, asked: Asked) -> set[str]:
    """Name the cells that were asked for with pictures of another size or other colours alone."""
    strange, fitting = set[str](), set[str]()
    for run in Table(folder).runs():
        if run.asked is not None:
            alike = _look(run.asked) == _look(asked)
            cells = {cell.folder for cell in run.asked.cells}
            signals = {c.folder for c in run.asked.cells if c.representation == str(SIGNAL)}
            fitting |= cells if alike else signals
            strange |= cells
    return strange - fitting


def _look(asked: Asked) -> tuple[int, int, str]:
    return asked.plan.picture_height, asked.plan.picture_width, asked.plan.colours


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written: {error}. Name another folder: --results."
        ) from None


def open_table(results: Path, experiment: str, clips: str) -> Table:
    """Return the folder of some clips, made if there is none yet.

    Parameters
    ----------
    clips
        The digest of the clips: the same clips are one table, whatever the experiment was called.
    """
    key = clips[:8]
    tables = sorted(_tables(results, key), key=lambda path: (path.parent.name != experiment, path))
    if tables:
        return Table(tables[0])
    folder = results / experiment / f"{datetime.now():%Y-%m-%d}-{key}"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be made: {error}. Name another folder: --results."
        ) from None
    return Table(folder)


def _tables(results: Path, key: str) -> Iterator[Path]:
    """Find the folders of clips with this key; those of schema 1 held one run each."""
    for path in results.glob(f"*/*-{key}"):
        if (path / "runs").is_dir() or not (path / "plan.json").exists():
            yield path


def elsewhere(results: Path, table: Path, names: Iterable[str]) -> dict[str, Path]:
    """Find finished cells in other folders of the results by what made them.

    Returns the folder that each name has there, of those that are sound and have a result.
    """
    wanted = {name.rpartition("__")[2]: name for name in names}
    found: dict[str, Path] = {}
    for cells in results.glob("*/*/cells"):
        if cells.parent == table:
            continue
        shelf = Shelf(cells)
        for other in shelf.names():
            name = wanted.get(other.rpartition("__")[2])
            kept = shelf.best(other) if name is not None else None
            if name is not None and kept is not None and kept.record.status == "ok":
                found[name] = kept.folder
    return found


def list_runs(results: Path) -> list[Run]:
    """List all runs, the newest last."""
    dated = [(_when(run), run) for table in list_tables(results) for run in table.runs()]
    return [run for _, run in sorted(dated, key=lambda pair: pair[0])]


def list_tables(results: Path) -> list[Table]:
    """List the folders of clips; a copy for readers that is missing hides none."""
    found = {path.parent for name in ("plan.json", "runs") for path in results.glob(f"*/*/{name}")}
    return [Table(folder) for folder in sorted(found)]


def _when(run: Run) -> float:
    if run.asked is not None:
        with suppress(ValueError):
            return datetime.fromisoformat(run.asked.when).timestamp()
    return (run.folder / "plan.json").stat().st_mtime


def _newest(runs: Sequence[Run], tables: Iterable[Table], where: Path) -> Run:
    if runs:
        return runs[-1]
    damaged = [fault for table in tables for fault in table.damaged()]
    if damaged:
        raise StoreError(
            f"No run in {where} can be read: {' '.join(damaged[:3])} Its cells are kept: start "
            "the same command again."
        )
    raise StoreError(f"There are no runs in {where}. `sightbench run` makes one.")


def find_run(results: Path, wanted: str | None) -> Run:
    """Find a run by folder, name, experiment or part of a name; the newest of all, or of these.

    Raises
    ------
    StoreError
        There is none, or several fit.
    """
    if wanted and any((Path(wanted) / name).exists() for name in ("plan.json", "runs")):
        table = Table(Path(wanted))
        return _newest(table.runs(), [table], table.folder)
    runs = list_runs(results)
    if not runs:
        return _newest([], list_tables(results), results)
    if not wanted:
        return runs[-1]
    exact = [r for r in runs if wanted in (r.name, r.folder.name, r.folder.parent.name)]
    fitting = exact or [run for run in runs if wanted in run.name]
    experiments = {run.folder.parent.name for run in fitting}
    if not fitting or len(experiments) > 1:
        what = "No run" if not fitting else "More than one run"
        names = ", ".join(run.name for run in (fitting or runs)[-8:])
        raise StoreError(f"{what} in {results} fits {wanted!r}. There are: {names}.")
    return fitting[-1]
