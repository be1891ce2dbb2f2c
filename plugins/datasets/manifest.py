"""Recordings that a table lists."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Literal

from harness import Dataset, DatasetError, Entry, hookimpl, parameter
from plugins.datasets.file_names import climbing
from plugins.datasets.recordings import Recordings
from plugins.datasets.stores import Store, open_store

SIDES: Mapping[str, Literal["train", "holdout"]] = {"train": "train", "holdout": "holdout"}
PARQUET_SUFFIXES = (".parquet", ".pq")


@dataclass(frozen=True, kw_only=True)
class Manifest(Recordings):
    """Sound files that a CSV or Parquet table lists: path, label, optional group and side.

    Paths in the table are relative to the table's own folder, or to `root`, and must not leave
    it. `side` is "train", "holdout" or empty. Rows keep their order; it is the clips' position.
    """

    name: ClassVar[str] = "manifest"

    path: str = parameter(help="table, .csv or .parquet")
    root: str = parameter("", "folder or zip that the table's paths start from; empty: the table's")
    path_column: str = parameter("path", "column of the files' paths")
    label_column: str = parameter("label", "column of the classes")
    group_column: str = parameter("group", "column of what must not straddle the split")
    side_column: str = parameter("side", "column of train / holdout")

    @cached_property
    def _store(self) -> Store:
        return open_store(self.root or str(Path(self.path).expanduser().parent))

    def entries(self) -> Sequence[Entry]:
        """List the rows; one without file or label, or with a bad side, has its fault."""
        rows = self._rows()
        if not rows:
            raise DatasetError(f"The table {self.path!r} has no rows.")
        self._check_columns(rows[0])
        seen: dict[str, int] = {}
        entries = []
        for number, row in enumerate(rows, start=2):
            entry = self._entry(row, number)
            if entry.id in seen:
                doubled = f"is the file of row {seen[entry.id]} again (row {number} of the table)"
                entry = replace(entry, id=f"{entry.id} (row {number})", fault=doubled)
            seen.setdefault(entry.id, number)
            entries.append(entry)
        self._note_rates(entries)
        return entries

    def _rows(self) -> list[dict[str, Any]]:
        table = Path(self.path).expanduser()
        if not table.is_file():
            raise DatasetError(f"No table {str(table)!r} (looked in {Path.cwd()}): check the path.")
        if table.suffix.casefold() in PARQUET_SUFFIXES:
            return _parquet_rows(table)
        return _csv_rows(table)

    def _check_columns(self, row: Mapping[str, Any]) -> None:
        """Refuse a table without path and label, or without a column that was asked for."""
        for field in ("path_column", "label_column", "group_column", "side_column"):
            column = getattr(self, field)
            needed = field in ("path_column", "label_column")
            if column not in row and (needed or column != field.removesuffix("_column")):
                raise DatasetError(
                    f"The table {self.path!r} has no column {column!r}, only "
                    f"{', '.join(map(str, row))}: rename one, or say {field}=NAME."
                )

    def _entry(self, row: Mapping[str, Any], number: int) -> Entry:
        written, label, group, side = (
            _text(row.get(column))
            for column in (
                self.path_column,
                self.label_column,
                self.group_column,
                self.side_column,
            )
        )
        name = self._inside(written)
        fault = "has no path" if not written else self._store.fault(name)
        if fault is None and not label:
            fault = "has no label"
        if fault is None and side and side not in SIDES:
            fault = f"has the side {side!r}; it must be {' or '.join(SIDES)}, or empty"
        return Entry(
            id=name or f"row {number}",
            label=label,
            group=group or None,
            position=float(number - 2),
            side=SIDES.get(side),
            where=name if fault is None else f"{self.path} row {number}",
            fault=f"{fault} (row {number} of the table)" if fault else None,
        )

    def _inside(self, written: str) -> str:
        """Return a path as a name under the root; one that leaves it comes back as it is."""
        if not written:
            return ""
        if Path(written).is_absolute():
            return self._relative(written)
        plain = written.replace("\\", "/") if os.sep == "\\" else written
        return plain if climbing(plain) else PurePosixPath(plain).as_posix()

    def _relative(self, written: str) -> str:
        """Return an absolute path as a name under the root, if it lies there."""
        root = Path(self.root or Path(self.path).expanduser().parent).expanduser().absolute()
        path = Path(written)
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else written


def _csv_rows(table: Path) -> list[dict[str, Any]]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except UnicodeDecodeError as error:
        raise DatasetError(f"The table {str(table)!r} is not UTF-8 text: {error}.") from error
    except (csv.Error, OSError) as error:
        raise DatasetError(f"The table {str(table)!r} cannot be read: {error}.") from error


def _parquet_rows(table: Path) -> list[dict[str, Any]]:
    import pyarrow
    import pyarrow.parquet

    try:
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(table).to_pylist()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise DatasetError(
            f"The table {str(table)!r} cannot be read as Parquet: {error}."
        ) from error
    return rows


def _text(value: Any) -> str:
    """Return a cell as text; an empty, missing or not-a-number cell as no text."""
    return "" if value is None or value != value else str(value).strip()


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [Manifest]
