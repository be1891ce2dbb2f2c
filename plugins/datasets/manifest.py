"""Recordings that a table lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from harness import Dataset, DatasetError, Entry, hookimpl, parameter
from plugins.datasets.column_rules import apply_rules, describe_unused
from plugins.datasets.columns import Columns, Line, read_line
from plugins.datasets.glimpses import head_of
from plugins.datasets.located import Places
from plugins.datasets.recordings import Recordings
from plugins.datasets.sorting_out import counted
from plugins.datasets.spellings import describe_alike, describe_merged
from plugins.datasets.splitting import describe_lone_side, suggest_named
from plugins.datasets.stores import Store, open_store
from plugins.datasets.tables import Row, Table, check_headings, read_table

PARQUET_SUFFIXES = (".parquet", ".pq")
TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".tab")
USUAL = ("path", "label")


@dataclass(frozen=True, kw_only=True)
class Manifest(Recordings):
    """Sound files that a CSV or Parquet table lists: path, label, optional group, side, fold.

    Paths in the table are relative to the table's own folder, or to `root`, and must not leave
    it; backslashes may stand for slashes. Text tables are separated by comma, semicolon, tab or
    pipe, in UTF-8, UTF-16 or Windows' own encoding. `side` is a word such as train, validation
    or test, or empty: such a clip is on no side. Rows keep their order; it is the clips'
    position where no column gives it.

    A column that is filled in some rows only is never passed over: a clip without a group is a
    group of its own, one without a side takes no part in the given split, one without a
    position, or without a fold though it trains, is refused.
    """

    name: ClassVar[str] = "manifest"

    path: str = parameter(help="table, .csv or .parquet")
    root: str = parameter("", "folder or zip that the table's paths start from; empty: the table's")
    path_column: str = parameter("path", "column of the files' paths")
    label_column: str = parameter("label", "column of the classes")
    group_column: str = parameter("group", "column of what must not straddle the split")
    side_column: str = parameter("side", "column of train / holdout")
    fold_column: str = parameter("fold", "column of the official folds")
    position_column: str = parameter("", "column of places in time, numbers; empty: the row's own")

    @classmethod
    def recognises(cls, path: Path) -> float:
        """Know a table with the columns path and label, less surely any table."""
        suffix = path.suffix.casefold()
        if not path.is_file() or suffix not in (*PARQUET_SUFFIXES, *TEXT_SUFFIXES):
            return 0.0
        if suffix in PARQUET_SUFFIXES:
            return 0.9
        try:
            headings = read_table(head_of(path), path.name, USUAL).headings
        except DatasetError:
            return 0.0
        return 0.9 if set(USUAL) <= set(headings) else 0.3 if len(headings) > 1 else 0.0

    @cached_property
    def _home(self) -> Path:
        return Path(self.path).expanduser().parent

    @cached_property
    def _store(self) -> Store:
        return open_store(self.root or str(self._home))

    @property
    def _columns(self) -> Columns:
        return Columns(
            self.path_column,
            self.label_column,
            self.group_column,
            self.side_column,
            self.fold_column,
            self.position_column,
        )

    def entries(self) -> Sequence[Entry]:
        """List the rows; one without file or label, or with a bad side, has its fault.

        Raises
        ------
        DatasetError
            It is no table, has no such column or two of one name, or none of its files exists.
        """
        table = self._table()
        if not table.rows:
            raise DatasetError(f"The table {self.path!r} has no rows.")
        self._check_columns(table.headings)
        root = Path(self.root).expanduser() if self.root else self._home
        places = Places(self._store, root, self._home)
        columns = self._columns
        read = [read_line(row, place, columns, places) for place, row in enumerate(table.rows)]
        lines, remarks = apply_rules(read, columns)
        self._check_found(lines, places)
        entries = [line.entry(Path(self.path).name) for line in lines]
        self.__dict__["_remarks"] = [
            *table.remarks,
            *remarks,
            *describe_lone_side(entries),
            *describe_merged(line.label_cell for line in lines),
            *describe_unused(table, columns),
        ]
        self._note_rates(entries)
        return entries

    def suggest_split(self, entries: Sequence[Entry]) -> str:
        """Name the sides that the table gives, though some rows may name none."""
        return suggest_named(entries)

    def remarks(self, entries: Sequence[Entry]) -> Sequence[str]:
        """Say how columns were understood, and which labels and groups look alike."""
        if "_remarks" not in self.__dict__:
            self.entries()
        return [*self.__dict__["_remarks"], *describe_alike(entries)]

    def _table(self) -> Table:
        table = Path(self.path).expanduser()
        if not table.is_file():
            raise DatasetError(f"No table {str(table)!r} (looked in {Path.cwd()}): check the path.")
        if table.suffix.casefold() in PARQUET_SUFFIXES:
            return _parquet_table(table)
        try:
            data = table.read_bytes()
        except OSError as error:
            raise DatasetError(f"The table {str(table)!r} cannot be read: {error}.") from error
        return read_table(data, self.path, (self.path_column, self.label_column))

    def _check_columns(self, headings: Sequence[str]) -> None:
        """Refuse a table without path and label, or without a column that was asked for."""
        defaults = {each.name: each.default for each in self.__dataclass_fields__.values()}
        for field in (
            "path_column",
            "label_column",
            "group_column",
            "side_column",
            "fold_column",
            "position_column",
        ):
            column = getattr(self, field)
            needed = field in ("path_column", "label_column") or column != defaults[field]
            if column not in headings and needed and column:
                raise DatasetError(
                    f"The table {self.path!r} has no column {column!r}, only "
                    f"{', '.join(filter(None, headings))}: rename one, or say {field}=NAME."
                )

    def _check_found(self, lines: Sequence[Line], places: Places) -> None:
        """Refuse a table of which no file is found, saying where it was looked for."""
        named = [line for line in lines if line.path]
        missing = [line for line in named if line.missing]
        if not named or len(missing) < len(named):
            return
        first = missing[0]
        slashes = ' (also with "/" for each backslash)' if "\\" in first.path else ""
        raise DatasetError(
            f"None of the {counted(len(named), 'file')} that the table {self.path!r} names exists. "
            f"Looked in {str(places.root)!r}{slashes}; the first is {first.path!r}, which "
            f"{first.missing}. {places.advise([line.path for line in missing])}"
        )


def _parquet_table(path: Path) -> Table:
    import pyarrow
    import pyarrow.parquet

    try:
        read = pyarrow.parquet.read_table(path)
        check_headings(read.column_names, str(path))
        rows: list[dict[str, Any]] = read.to_pylist()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise DatasetError(
            f"The table {str(path)!r} cannot be read as Parquet: {error}."
        ) from error
    texts = [{key: _text(value) for key, value in row.items()} for row in rows]
    return Table(
        tuple(read.column_names),
        tuple(Row(number, cells) for number, cells in enumerate(texts, start=2)),
    )


def _text(value: Any) -> str:
    """Return a cell as text; an empty, missing or not-a-number cell as no text."""
    return "" if value is None or value != value else str(value)


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [Manifest]
