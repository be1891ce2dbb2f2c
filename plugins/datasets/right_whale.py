"""The recordings of Kaggle's Marinexplore / Cornell whale detection challenge."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import ClassVar

from harness import BadClip, Dataset, DatasetError, Entry, hookimpl, parameter
from plugins.datasets.file_names import Listed, climbing, is_audio
from plugins.datasets.recordings import Recordings

WHALE, NO_WHALE = "right-whale", "no-right-whale"
LABELS = {"1": WHALE, "0": NO_WHALE}
FOLDERS = {"right_whale": WHALE, "no_right_whale": NO_WHALE}
TABLE = "train.csv"
COLUMNS = ("clip_name", "label")
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

    def suggest_split(self, entries: Sequence[Entry]) -> str:
        """Name blocks of 1,000 clip numbers: neighbours in time share their noise."""
        blocks = {int(entry.position // 1000) for entry in entries if entry.position is not None}
        return "blocked[block=1000]" if len(blocks) >= 10 else ""

    def entries(self) -> Sequence[Entry]:
        """List the clips of `train.csv`, or of the two folders of the official sample."""
        if not self.path:
            raise DatasetError(
                "right-whale needs path=FOLDER_OR_ZIP, for the recordings are not ours to ship: "
                f"log in at {CHALLENGE}, accept the rules, download whale_data.zip from its Data "
                "page, then say right-whale[path=whale_data.zip]."
            )
        files = self._store.listing()
        tables = [each.name for each in files if PurePosixPath(each.name).name == TABLE]
        if tables:
            table = min(tables, key=lambda name: (name.count("/"), name))
            entries = self._from_table(table, files)
        else:
            entries = self._from_folders(files)
        self._note_rates(entries)
        return entries

    def _from_table(self, table: str, files: Sequence[Listed]) -> list[Entry]:
        homes = _homes(files, table)
        seen: dict[str, int] = {}
        entries = []
        for row, fields in self._rows(table):
            entry = _table_entry(row, fields, homes, f"{table} row {row}")
            if entry.id in seen:
                doubled = f"is the clip of row {seen[entry.id]} again"
                entry = replace(entry, id=f"{entry.id} (row {row})", fault=doubled)
            seen.setdefault(entry.id, row)
            entries.append(entry)
        if not entries:
            raise DatasetError(f"{table} in {self.path!r} names no clips: download it again.")
        return entries

    def _rows(self, table: str) -> Iterable[tuple[int, Mapping[str, str | None]]]:
        """Read the rows of `train.csv`, counted as a spreadsheet does: the header is row 1."""
        try:
            text = self._store.read(table).decode("utf-8-sig")
        except (BadClip, UnicodeDecodeError) as error:
            raise DatasetError(f"{table} in {self.path!r} cannot be read: {error}.") from error
        rows = csv.DictReader(io.StringIO(text))
        if not set(COLUMNS) <= set(rows.fieldnames or ()):
            raise DatasetError(
                f"{table} in {self.path!r} has the columns {', '.join(rows.fieldnames or ())}; "
                f"the challenge's has {', '.join(COLUMNS)}."
            )
        return enumerate(rows, start=2)

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
            raise DatasetError(self._wrong_layout([each.name for each in files]))
        if len({entry.id for entry in entries}) < len(entries):
            entries = [replace(entry, id=entry.where) for entry in entries]
        return entries

    def _wrong_layout(self, names: Sequence[str]) -> str:
        inner = [name for name in names if name.casefold().endswith(".zip")]
        remedy = f"unpack {inner[0]} and give its path" if inner else f"get it from {CHALLENGE}"
        return (
            f"{self.path!r} holds neither {TABLE} nor the folders {' and '.join(FOLDERS)} "
            f"of the whale detection challenge: {remedy}."
        )


def _homes(files: Sequence[Listed], table: str) -> Mapping[str, Listed]:
    """Map each clip's bare name to its file, the nearest to `train.csv` if there are several."""
    folder = str(PurePosixPath(table).parent)
    prefix = "" if folder == "." else folder + "/"
    found: dict[str, list[Listed]] = defaultdict(list)
    for each in files:
        if is_audio(each.name):
            found[PurePosixPath(each.name).name].append(each)

    def distance(each: Listed) -> tuple[bool, bool, int]:
        name = each.name
        inside = name.startswith(prefix)
        return not name.startswith(prefix + "train/"), not inside, name.count("/")

    return {name: min(several, key=distance) for name, several in found.items()}


def _table_entry(
    row: int, fields: Mapping[str, str | None], homes: Mapping[str, Listed], where: str
) -> Entry:
    """Make the entry of one row; its fault names what the row or its file lacks."""
    clip = (fields["clip_name"] or "").strip()
    written = (fields["label"] or "").strip()
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
    return Entry(
        id=clip or f"row {row}",
        label=LABELS.get(written, ""),
        position=_clip_number(clip),
        where=where if fault or home is None else home.name,
        fault=fault,
    )


def _clip_number(name: str) -> float | None:
    digits = _NUMBER.search(PurePosixPath(name).stem)
    return float(digits[1]) if digits else None


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [RightWhale]
