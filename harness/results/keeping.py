"""Results kept in order: a command's results removed, those of another machine merged.

What another command asked for is never removed. What is merged comes from a stranger: only what
reads back soundly is taken, by names that stay inside the folder, and no link is followed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from harness.clips.splits import Split, read_split
from harness.errors import SightbenchError, StoreError
from harness.files.documents import read_document, write_document
from harness.results.asked import Asked
from harness.results.clips import ClipsAbout
from harness.results.recordings import read_recordings, recordings_file
from harness.results.shelf import Kept, Shelf, read_table
from harness.results.store import Run, Table, open_table


@dataclass(frozen=True, slots=True)
class Removal:
    """What removing a run takes away.

    Parameters
    ----------
    folders
        Of cells that no other run asks for.
    shared
        Cells that stay, because another run asks for them.
    whole
        Nothing else lies on these clips: the whole folder goes.
    """

    run: Run
    folders: tuple[Path, ...]
    shared: int
    whole: bool


def plan_removal(run: Run) -> Removal:
    """Say what removing a run would take away; nothing is removed yet.

    Raises
    ------
    StoreError
        It lies behind a link, or what another run asks for cannot be read.
    """
    if run.folder.is_symlink() or (run.folder / "cells").is_symlink():
        raise StoreError(f"{run.folder} is a link: remove the run where it lies.")
    others = _others(run)
    asked = {name for other in others for name in other.cells.values()}
    names = set(run.cells.values())
    mine = sorted(names - asked)
    left = set(run.shelf.names()) - names - asked
    folders = tuple(path for name in mine for path in run.shelf.attempts(name))
    return Removal(run, folders, len(names & asked), not others and not left)


def remove(removal: Removal) -> None:
    """Remove a run: what it asked for first, then its cells; others stay as they are.

    Raises
    ------
    StoreError
        A cell is being worked on, or something cannot be removed.
    """
    run = removal.run
    _expect_idle(run)
    try:
        if removal.whole:
            shutil.rmtree(run.folder)
            with suppress(OSError):
                run.folder.parent.rmdir()
            return
        if run.asked is not None:
            (run.folder / "runs" / f"{run.asked.key}.json").unlink(missing_ok=True)
        for folder in removal.folders:
            shutil.rmtree(folder)
            shutil.rmtree(run.folder / "work" / folder.name, ignore_errors=True)
        _name_newest(Table(run.folder))
    except OSError as error:
        raise StoreError(f"{run.name} cannot be removed: {error}.") from None


def _others(run: Run) -> list[Run]:
    """Return the other runs on the same clips, all of which must be readable."""
    if run.asked is None:
        return []
    found = []
    for path in sorted((run.folder / "runs").glob("[!.]*.json")):
        if path.stem != run.asked.key:
            found.append(Run(run.folder, read_document(Asked, path)))
    return found


def _expect_idle(run: Run) -> None:
    from filelock import FileLock, Timeout

    for path in sorted((run.folder / "locks").glob("*.lock")):
        try:
            with FileLock(path, timeout=0):
                continue
        except Timeout:
            raise StoreError(f"{run.folder} is being worked on: wait, or stop it first.") from None


def _name_newest(table: Table) -> None:
    """Let plan.json and environment.json tell of the newest run that is there."""
    runs = [run for run in table.runs() if run.asked is not None]
    if runs and runs[-1].asked is not None:
        write_document(table.folder / "plan.json", runs[-1].asked.plan)
        write_document(table.folder / "environment.json", runs[-1].asked.environment)


@dataclass(slots=True)
class Merged:
    """What came of merging: runs and cells that were taken, and what was refused and why."""

    runs: list[str] = field(default_factory=list)
    cells: int = 0
    known: int = 0
    refused: list[str] = field(default_factory=list)


def merge(results: Path, other: Path) -> Merged:
    """Take over what another machine's results folder holds; that folder stays as it is.

    Raises
    ------
    StoreError
        There are no results there, or these cannot be written.
    """
    if other.resolve() == results.resolve():
        raise StoreError(f"{other} is the results folder itself.")
    tables = list(_tables(other))
    if not tables:
        raise StoreError(f"There are no runs in {other}: name a results folder.")
    merged = Merged()
    for table in tables:
        try:
            _merge_table(results, table, merged)
        except OSError as error:
            raise StoreError(
                f"{results} cannot be written: {error}. Name another folder: --results."
            ) from None
        except SightbenchError as error:
            merged.refused.append(f"{table}: {error}")
    return merged


def _tables(other: Path) -> Iterator[Path]:
    """Find the folders of clips, whether all results are named or one folder of them."""
    for pattern in ("runs", "*/runs", "*/*/runs"):
        for path in sorted(other.glob(pattern)):
            if not any(each.is_symlink() for each in (path, path.parent, path.parent.parent)):
                yield path.parent


def _merge_table(results: Path, folder: Path, merged: Merged) -> None:
    about = read_document(ClipsAbout, _own(folder / "data.json"))
    if folder.name.rpartition("-")[2] != about.digest[:8]:
        raise StoreError("its clips are not those that its name says")
    clips = _own(folder / "clips.csv").read_text(encoding="utf-8")
    runs = list(_sound_runs(folder, merged))
    if not runs:
        return
    table = open_table(results, folder.parent.name, about.digest)
    if not (table.folder / "data.json").exists():
        table.describe(about, clips)
    for asked, splits in runs:
        merged.cells += _take_cells(folder, table, asked, merged)
        if not (table.folder / "runs" / f"{asked.key}.json").exists():
            _take_recordings(folder, table, asked, merged)
            table.ask(asked, splits)
            merged.runs.append(Run(table.folder, asked).name)
    _name_newest(table)


def _take_recordings(folder: Path, table: Table, asked: Asked, merged: Merged) -> None:
    """Copy what is marked in the recordings; without it a run is shown, but not by events."""
    if not asked.recordings:
        return
    try:
        file = _own(recordings_file(_own(folder), asked.recordings))
        _own(file.parent)
        table.mark(read_recordings(file, asked.recordings)[0])
    except SightbenchError as error:
        merged.refused.append(str(error))


def _sound_runs(folder: Path, merged: Merged) -> Iterator[tuple[Asked, list[Split]]]:
    for path in sorted((folder / "runs").glob("[!.]*.json")):
        try:
            asked = read_document(Asked, _own(path))
            if asked.key != path.stem:
                raise StoreError(f"{path} was changed after it was written.")
            for each in asked.cells:
                each.cell()
            run = Run(folder, asked)
            numbers = range(len(asked.splits))
            for number in numbers:
                read_split(_own(run.split_file(number)))
            yield asked, [run.split(number) for number in numbers]
        except SightbenchError as error:
            merged.refused.append(str(error))


def _take_cells(folder: Path, table: Table, asked: Asked, merged: Merged) -> int:
    """Copy the cells that count and are not known here; return how many."""
    there, here = Shelf(folder / "cells"), Shelf(table.folder / "cells")
    taken = 0
    for each in asked.cells:
        try:
            kept = _sound_cell(there, each.folder)
        except SightbenchError as error:
            merged.refused.append(str(error))
            continue
        known = here.best(each.folder)
        if kept is None:
            continue
        if known is not None and (known.record.status == "ok" or kept.record.status != "ok"):
            merged.known += 1
            continue
        number = len(here.attempts(each.folder)) + 1
        here.adopt(each.folder if number == 1 else f"{each.folder}~{number}", kept.folder)
        taken += 1
    return taken


def _sound_cell(shelf: Shelf, name: str) -> Kept | None:
    """Read what counts of a cell; it must be whole, what its name says, and free of links.

    Raises
    ------
    StoreError
        It is not.
    """
    _own(shelf.folder)
    for path in shelf.attempts(name):
        for each in (path, *path.iterdir()):
            _own(each)
    kept = shelf.best(name)
    if kept is None:
        return None
    made = kept.record.made
    if made is None or made.key != name.rpartition("__")[2]:
        raise StoreError(f"{kept.folder} is not the cell that its name says.")
    if kept.record.status == "ok":
        read_table(kept)
    return kept


def _own(path: Path) -> Path:
    """Refuse a link: what it leads to is not of this folder."""
    if path.is_symlink():
        raise StoreError(f"{path} is a link, which is not followed.")
    return path
