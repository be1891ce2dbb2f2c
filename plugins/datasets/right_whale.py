"""The recordings of Kaggle's Marinexplore / Cornell whale detection challenge."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import ClassVar

from harness import BadClip, Dataset, DatasetError, Entry, hookimpl, parameter
from plugins.datasets.file_names import Listed, climbing, is_audio, suffix_of
from plugins.datasets.glimpses import glimpse, sounds_of
from plugins.datasets.listings import Listing
from plugins.datasets.recordings import Recordings
from plugins.datasets.sorting_out import counted, describe_left_out, some, sort_out
from plugins.datasets.stores import Store, open_store
from plugins.datasets.tables import Row, read_table

WHALE, NO_WHALE = "right-whale", "no-right-whale"
LABELS = {"1": WHALE, "0": NO_WHALE, "1.0": WHALE, "0.0": NO_WHALE}
FOLDERS = {"right_whale": WHALE, "no_right_whale": NO_WHALE}
TABLE = "train.csv"
COLUMNS = ("clip_name", "label")
ENOUGH_BLOCKS = 10
"""Runs of 1,000 clips from which on they are held out as wholes."""
CHALLENGE = "https://www.kaggle.com/c/whale-detection-challenge"

_NUMBER = re.compile(r"(\d+)$")


@dataclass(frozen=True, kw_only=True)
class RightWhale(Recordings):
    """Right whale up-calls of Kaggle's Marinexplore / Cornell challenge: 30,000 clips of 2 s.

    Reads the challenge's own layout (`train.csv` beside `train/*.aiff`, nested in `data/` or
    not) and that of its official sample (`right_whale/`, `no_right_whale/`), as a folder or as
    the zip that was downloaded. Clips stand in the order of `train.csv`, their ids are its clip
    names, their positions the clip numbers, which follow recording time.
    """

    name: ClassVar[str] = "right-whale"

    path: str = parameter("", "folder or zip of the challenge, as downloaded from Kaggle")
    rate: float | None = parameter(
        2000.0, "resample all clips to this rate; none for the lowest", unit="Hz", low=1.0
    )

    @classmethod
    def recognises(cls, path: Path) -> float:
        """Know the challenge by `train.csv` above clips in `train/`, or by its two folders."""
        names = glimpse(path)
        homes = {PurePosixPath(name).parent.name.casefold() for name in sounds_of(names)}
        tables = {PurePosixPath(name).name.casefold() for name in names}
        whole = TABLE in tables and "train" in homes
        return 0.9 if whole or (homes and homes <= set(FOLDERS)) else 0.0

    @cached_property
    def _store(self) -> Store:
        return open_store(self.path, leave=True)

    def suggest_split(self, entries: Sequence[Entry]) -> str:
        """Name blocks of 1,000 clip numbers: neighbours in time share their noise."""
        blocks: set[int] = set()
        for entry in entries:
            if entry.position is not None:
                blocks.add(int(entry.position // 1000))
            if len(blocks) >= ENOUGH_BLOCKS:
                return "blocked[block=1000]"
        return ""

    def entries(self) -> Sequence[Entry]:
        """List the clips of `train.csv`, or of the two folders of the official sample."""
        if not self.path:
            raise DatasetError(
                "right-whale needs path=FOLDER_OR_ZIP, for the recordings are not ours to ship: "
                f"log in at {CHALLENGE}, accept the rules, download whale_data.zip from its Data "
                "page, then say right-whale[path=whale_data.zip]."
            )
        listing = self._store.listing()
        files = listing.files
        table = self._find_table(files)
        entries = self._from_table(table, files) if table else self._from_folders(files)
        self.__dict__["_remarks"] = self._describe(listing, entries)
        self._note_rates(entries)
        return entries

    def remarks(self, entries: Sequence[Entry]) -> Sequence[str]:
        """Say what of the folder or zip is no clip of the challenge's training set."""
        if "_remarks" not in self.__dict__:
            self.entries()
        found: list[str] = self.__dict__["_remarks"]
        return found

    def _find_table(self, files: Sequence[Listed]) -> str | None:
        """Return the `train.csv` nearest to the top, else another table with its columns."""
        sheets = [each.name for each in files if suffix_of(each.name) == ".csv" and not each.fault]
        sheets.sort(key=lambda name: (name.count("/"), name))
        named = [each for each in sheets if PurePosixPath(each).name.casefold() == TABLE]
        return next(iter(named), None) or next(filter(self._has_columns, sheets), None)

    def _has_columns(self, name: str) -> bool:
        try:
            head = self._store.read(name, 200).decode("utf-8", "replace")
        except BadClip:
            return False
        return all(column in head.partition("\n")[0] for column in COLUMNS)

    def _from_table(self, table: str, files: Sequence[Listed]) -> list[Entry]:
        homes = _homes(files, table)
        seen: dict[str, int] = {}
        entries = []
        for row in self._rows(table):
            entry = _table_entry(row, homes, table)
            if entry.id in seen:
                doubled = f"is the clip of row {seen[entry.id]} again"
                entry = replace(entry, id=f"{entry.id} (row {row.number})", fault=doubled)
            seen.setdefault(entry.id, row.number)
            entries.append(entry)
        if not entries:
            raise DatasetError(f"{table} in {self.path!r} names no clips: download it again.")
        if not any(entry.id in homes for entry in entries):
            raise DatasetError(self._clips_elsewhere(table, entries, files))
        return entries

    def _rows(self, table: str) -> Sequence[Row]:
        """Read the rows of `train.csv`, counted as an editor does: the header is row 1."""
        try:
            data = self._store.read(table)
        except BadClip as error:
            raise DatasetError(f"{table} in {self.path!r} cannot be read: {error}.") from error
        read = read_table(data, table, COLUMNS)
        if not set(COLUMNS) <= set(read.headings):
            raise DatasetError(
                f"{table} in {self.path!r} has the columns {', '.join(read.headings)}; "
                f"the challenge's has {', '.join(COLUMNS)}."
            )
        return read.rows

    def _from_folders(self, files: Sequence[Listed]) -> list[Entry]:
        entries = [
            Entry(
                id=PurePosixPath(each.name).name,
                label=FOLDERS[folder],
                position=_clip_number(each.name),
                where=each.name,
                fault=each.fault,
            )
            for each in files
            if (folder := PurePosixPath(each.name).parent.name) in FOLDERS and is_audio(each.name)
        ]
        if not entries:
            raise DatasetError(self._wrong_layout(files))
        if len({entry.id for entry in entries}) < len(entries):
            entries = [replace(entry, id=entry.where) for entry in entries]
        return entries

    def _describe(self, listing: Listing, entries: Sequence[Entry]) -> list[str]:
        used = {entry.where for entry in entries}
        found = sort_out(self._store, listing)
        unnamed = [each.name for each in found.recordings if each.name not in used]
        said = []
        if unnamed:
            said.append(
                f"Left out: {counted(len(unnamed), 'recording')} that no row of {TABLE} names "
                f"({some(unnamed)})."
            )
        return said + describe_left_out(listing, found, self.path)

    def _clips_elsewhere(
        self, table: str, entries: Sequence[Entry], files: Sequence[Listed]
    ) -> str:
        inner = _inner_zips(files)
        sounds = sum(is_audio(each.name) for each in files)
        if inner:
            remedy = (
                f"they lie in {inner[0]!r} inside it, which is not read: unpack {self.path!r}, "
                f"then {inner[0]!r}, and give the folder that holds both train.csv and the clips."
            )
        else:
            remedy = (
                f"it holds {counted(sounds, 'other recording')}: put the clips beside {TABLE}, "
                f"or get them from {CHALLENGE}."
            )
        return (
            f"{self.path!r} holds {table}, but none of the {counted(len(entries), 'clip')} that "
            f"it names ({some([entry.id for entry in entries])}); {remedy}"
        )

    def _wrong_layout(self, files: Sequence[Listed]) -> str:
        inner = _inner_zips(files)
        above = Path(self.path).expanduser().absolute().parent
        if inner:
            remedy = f"unpack {inner[0]} and give its path"
        elif (above / TABLE).is_file():
            packed = Path(self.path).is_file()
            remedy = f"{TABLE} lies beside it: " + (
                f"unpack it there and give the folder path={str(above)!r}"
                if packed
                else f"give the folder that holds both, path={str(above)!r}"
            )
        else:
            remedy = f"get it from {CHALLENGE}"
        return (
            f"{self.path!r} holds neither {TABLE} nor the folders {' and '.join(FOLDERS)} "
            f"of the whale detection challenge: {remedy}."
        )


def _inner_zips(files: Sequence[Listed]) -> list[str]:
    """Return the zips inside, those first that are called as if they held the recordings."""
    inner = [each.name for each in files if suffix_of(each.name) == ".zip"]
    return sorted(inner, key=lambda name: not re.search("train|whale_data", name.casefold()))


def _homes(files: Sequence[Listed], table: str) -> Mapping[str, Listed]:
    """Map each clip's bare name to its file, the nearest to `train.csv` if there are several."""
    folder = str(PurePosixPath(table).parent)
    prefix = "" if folder == "." else folder + "/"
    found: dict[str, list[Listed]] = defaultdict(list)
    for each in files:
        if is_audio(each.name):
            found[each.name.rpartition("/")[2]].append(each)

    def distance(each: Listed) -> tuple[bool, bool, int]:
        name = each.name
        inside = name.startswith(prefix)
        return not name.startswith(prefix + "train/"), not inside, name.count("/")

    return {
        name: several[0] if len(several) == 1 else min(several, key=distance)
        for name, several in found.items()
    }


def _table_entry(row: Row, homes: Mapping[str, Listed], table: str) -> Entry:
    """Make the entry of one row; its fault names what the row or its file lacks."""
    clip, written = [row.cells.get(column, "").strip() for column in COLUMNS]
    home = homes.get(clip)
    fault = home.fault if home else f"does not exist, though {TABLE} names it"
    if not clip:
        fault = "names no clip"
    elif reason := climbing(clip):
        fault = reason
    elif not written:
        fault = "has no label"
    elif written not in LABELS:
        fault = f"has the label {written!r}; it must be 1 (right whale) or 0"
    elif row.fault:
        fault = row.fault
    where = home.name if home else ""
    if fault or home is None:
        place = f"row {row.number} of {table}"
        where = f"{clip} ({place})" if clip else place
    return Entry(
        id=clip or f"row {row.number}",
        label=LABELS.get(written, ""),
        position=_clip_number(clip),
        where=where,
        fault=fault,
    )


def _clip_number(name: str) -> float | None:
    last = name.rpartition("/")[2]
    stem, _, suffix = last.rpartition(".")
    digits = _NUMBER.search(stem if stem and suffix else last)
    return float(digits[1]) if digits else None


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [RightWhale]
