"""The cells of a results folder: each whole, added beside others, believed only when sound.

``cells/<cell>/`` holds ``record.json``, ``predictions.csv``, a failed cell's ``traceback.txt``, a
service's ``*.jsonl``. A cell that is run again gets a folder of its own, ``<cell>~2``; nothing is
ever written over. What is damaged counts as absent, and is named.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from harness.errors import StoreError
from harness.files.documents import read_values, written
from harness.files.whole import whole_folder
from harness.results.predictions import PredictionTable, prediction_text, read_predictions
from harness.results.record import Record, record_digest
from harness.results.scores import correctness

_ATTEMPT = re.compile(r"(?P<name>[^.~][^~]*)(~(?P<number>[2-9]|[1-9][0-9]+))?")


@dataclass(frozen=True, slots=True)
class Kept:
    """A sound record and the folder that it lies in."""

    record: Record
    folder: Path


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of cells."""

    folder: Path

    def names(self) -> list[str]:
        """Name every cell that has a folder; what lies there by other names is not ours."""
        return sorted({name for name, _, _ in self._all()})

    def attempts(self, name: str) -> list[Path]:
        """Return the folders of a cell, the oldest first."""
        first = self.folder / name
        later = sorted((n, path) for other, n, path in self._later(name) if other == name)
        return [*([first] if first.is_dir() else []), *(path for _, path in later)]

    def best(self, name: str) -> Kept | None:
        """Return what counts of a cell: the newest result, or without one the newest failure.

        A failure never hides a result. Damaged records count as absent.
        """
        newest: Kept | None = None
        for path in reversed(self.attempts(name)):
            try:
                kept = Kept(read_sound(path), path)
            except StoreError:
                continue
            if kept.record.status == "ok":
                return kept
            newest = newest or kept
        return newest

    def damaged(self, names: Iterable[str]) -> Iterator[str]:
        """Say of each cell folder that is damaged which it is and why."""
        for name in names:
            for path in self.attempts(name):
                try:
                    read_sound(path)
                except StoreError as error:
                    yield str(error)

    def add(
        self,
        name: str,
        record: Record,
        table: PredictionTable | None,
        traceback: str,
        ledgers: Iterable[Path],
    ) -> Record:
        """Add a cell's folder, whole, and return the record as it stands there.

        Raises
        ------
        OSError
            The disk is full or the folder cannot be written.
        """
        number = len(self.attempts(name)) + 1
        with whole_folder(self.folder / (name if number == 1 else f"{name}~{number}")) as folder:
            if table is not None:
                data = prediction_text(table).encode()
                record = replace(record, predictions=_hash(data))
                (folder / "predictions.csv").write_bytes(data)
            if traceback:
                text = traceback.encode("utf-8", "backslashreplace")
                (folder / "traceback.txt").write_bytes(text)
            values = record.to_json()
            text = written({**values, "digest": record_digest(values)}).encode()
            (folder / "record.json").write_bytes(text)
            for ledger in ledgers:
                shutil.copyfile(ledger, folder / ledger.name)
        return record

    def adopt(self, name: str, path: Path) -> None:
        """Take over a cell from another shelf, as it is.

        Raises
        ------
        OSError
            It cannot be copied.
        """
        with whole_folder(self.folder / name) as folder:
            for each in path.iterdir():
                if each.is_file() and not each.is_symlink():
                    shutil.copyfile(each, folder / each.name)

    def _later(self, name: str) -> Iterator[tuple[str, int, Path]]:
        for path in self.folder.glob(f"{_literal(name)}~*"):
            found = _ATTEMPT.fullmatch(path.name)
            if found and found["number"] and path.is_dir():
                yield found["name"], int(found["number"]), path

    def _all(self) -> Iterator[tuple[str, int, Path]]:
        for path in self.folder.glob("*"):
            found = _ATTEMPT.fullmatch(path.name)
            if found and path.is_dir():
                yield found["name"], int(found["number"] or 1), path


def read_sound(path: Path) -> Record:
    """Read a cell's record and check that it and its predictions are as they were written.

    Raises
    ------
    StoreError
        One of them is missing, damaged, or was changed or renamed since.
    """
    file = path / "record.json"
    values = read_values(file)
    digest = values.pop("digest", None)
    if digest is not None and digest != record_digest(values):
        raise StoreError(f"{file} was changed after it was written.")
    record = Record.from_json(values, str(file))
    if record.predictions and _file_hash(path / "predictions.csv") != record.predictions:
        raise StoreError(f"{path / 'predictions.csv'} was changed after it was written.")
    if record.made is not None and record.made.key != _key(path):
        raise StoreError(f"{path} was renamed: it holds the results of {record.cell}.")
    return record


def _key(path: Path) -> str:
    """Return the part of a folder's name that says what made its cell."""
    return path.name.partition("~")[0].rpartition("__")[2]


def read_table(kept: Kept) -> PredictionTable:
    """Read what a cell predicted, clip by clip; its accuracy must be that of the record.

    Raises
    ------
    StoreError
        There are none, they are damaged, or the record speaks of others.
    """
    path = kept.folder / "predictions.csv"
    table = read_predictions(path)
    said = table.side("holdout")
    right = correctness(said.true, said.predictions.labels)
    accuracy = kept.record.accuracy
    if accuracy is not None and not (len(right) and np.isclose(right.mean(), accuracy)):
        raise StoreError(
            f"{path} does not belong to the record beside it, which says "
            f"{100 * accuracy:.1f}% of the holdout. Take both from a copy, or remove the folder "
            "and run the cell again."
        )
    return table


def table_digest(table: PredictionTable) -> str:
    """Hash predictions as their file would be hashed."""
    return _hash(prediction_text(table).encode())


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _file_hash(path: Path) -> str:
    try:
        return _hash(path.read_bytes())
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error}.") from None


def _literal(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
