"""Recordings whose label stands in their path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from harness import Dataset, DatasetError, Entry, ParameterError, hookimpl, parameter
from plugins.datasets.file_names import Listed
from plugins.datasets.folder_levels import Levels, find_levels
from plugins.datasets.glimpses import glimpse, sounds_of
from plugins.datasets.listings import Listing
from plugins.datasets.name_patterns import check_pattern, fields_of, match
from plugins.datasets.recordings import Recordings
from plugins.datasets.side_words import fold_of, role_of
from plugins.datasets.sorting_out import (
    counted,
    describe_left_out,
    some,
    sort_out,
)
from plugins.datasets.spellings import clean, describe_alike, describe_merged
from plugins.datasets.splitting import describe_lone_side, suggest_named
from plugins.datasets.stores import Store, open_store


@dataclass(frozen=True, kw_only=True)
class LabelledFolder(Recordings):
    """Sound files in a folder or zip, labelled by sub-folder or by a pattern of their names.

    Whatever libsndfile reads is a clip, by its suffix or, where that says nothing, by its first
    bytes. Hidden files and folders, and those of operating systems, are left out.

    Without a pattern the label is the first sub-folder, counted from where the files' folders
    begin to differ. Folders that are all called train, validation, test (and the like) or fold1,
    fold2, ... are sides and folds, above or below the classes.

    A pattern is compared with the whole file name without its suffix, or, if it holds a "/",
    with the end of the whole path without its suffix. ``{label}``, ``{group}``, ``{fold}`` and
    ``{index}`` (digits: the clip's position) are read; ``{*}`` stands for anything. None of them
    spans a "/".
    """

    name: ClassVar[str] = "labelled-folder"

    path: str = parameter(help="folder or zip of recordings")
    label: str = parameter("", "pattern such as '{label}_{group}_{index}'; empty for sub-folders")
    group: str = parameter("", "pattern such as '{group}/{*}', where `label` gives no group")

    def __post_init__(self) -> None:
        super().__post_init__()
        for field in ("label", "group"):
            if pattern := getattr(self, field):
                check_pattern(self.name, field, pattern)
        doubled = set(fields_of(self.label)) & set(fields_of(self.group)) - {"*"}
        if doubled:
            field = min(doubled)
            raise ParameterError(
                f"{self.name}: both label= and group= say where {{{field}}} stands."
            )

    @classmethod
    def recognises(cls, path: Path) -> float:
        """Know a folder or zip with recordings in two sub-folders or more, less surely any."""
        sounds = sounds_of(glimpse(path))
        homes = {name.rpartition("/")[0] for name in sounds}
        return 0.6 if len(homes) > 1 else 0.3 if sounds else 0.0

    @cached_property
    def _store(self) -> Store:
        return open_store(self.path, leave=True)

    def entries(self) -> Sequence[Entry]:
        """List the recordings in natural order ("clip9" before "clip10")."""
        listing = self._store.listing()
        found = sort_out(self._store, listing)
        left_out = describe_left_out(listing, found, self.path)
        if not found.recordings:
            raise DatasetError(self._nothing_there(left_out))
        read = _Reading(self, found.recordings)
        if not self.label and read.levels.label is None:
            raise DatasetError(self._no_classes(read.levels))
        entries = read.entries()
        self.__dict__["_remarks"] = [
            *read.levels.remarks,
            *read.remarks,
            *describe_lone_side(entries),
            *describe_merged(read.written),
            *self._describe_classless(listing, read),
            *left_out,
        ]
        self._note_rates(entries)
        return entries

    def suggest_split(self, entries: Sequence[Entry]) -> str:
        """Name the sides that the folders give, though some clips may lie in none of them."""
        return suggest_named(entries)

    def remarks(self, entries: Sequence[Entry]) -> Sequence[str]:
        """Say how the folders were understood, what was left out, and which labels look alike."""
        if "_remarks" not in self.__dict__:
            self.entries()
        return [*self.__dict__["_remarks"], *describe_alike(entries)]

    def _nothing_there(self, left_out: Sequence[str]) -> str:
        seen = " ".join(["", *left_out])
        return (
            f"No recordings in {self.path!r}: it should hold .wav, .aiff, .flac, .ogg or .mp3 "
            f"files; if they lie inside another zip, unpack that first.{seen}"
        )

    def _no_classes(self, levels: Levels) -> str:
        understood = " ".join(["", *levels.remarks])
        return (
            f"The recordings in {self.path!r} lie in no sub-folders that could give their "
            "labels: sort them into one folder a class, or give a pattern such as "
            f"label='{{label}}_{{group}}_{{index}}' or label='{{label}}/{{*}}'.{understood}"
        )

    def _describe_classless(self, listing: Listing, read: _Reading) -> list[str]:
        """Name the folders that stand beside the classes and hold no recording."""
        level = read.levels.label
        if self.label or level is None:
            return []
        folders = [each for each in listing.folders if each.count("/") == level]
        homes = {"/".join(_folders(each.name)[: level + 1]) for each in read.files}
        empty = [
            each for each in folders if each not in homes and _stands_beside(each, homes)
            and clean(each.rpartition("/")[2]) not in read.labels
        ]  # fmt: skip
        if not empty:
            return []
        verb = "hold" if len(empty) > 1 else "holds"
        return [
            f"{counted(len(empty), 'folder')} beside the classes {verb} no recording, so "
            f"{'they are' if len(empty) > 1 else 'it is'} no class: {some(empty)}."
        ]


class _Reading:
    """The fields of all recordings, read out of their paths."""

    def __init__(self, dataset: LabelledFolder, files: Sequence[Listed]) -> None:
        self.dataset = dataset
        self.files = files
        self.remarks: list[str] = []
        self.written: list[str] = []
        self.labels: set[str] = set()
        self.folders = [_folders(each.name) for each in files if _is_placed(each)]
        self.levels = find_levels(self.folders, labelled=bool(dataset.label))
        self._drop_parts_that_are_labels()

    def entries(self) -> list[Entry]:
        unlabelled = self._unlabelled_parts()
        kept = [each for each in self.files if not self._lies_in(each, unlabelled)]
        return [self._entry(each, place) for place, each in enumerate(kept)]

    def _entry(self, file: Listed, place: int) -> Entry:
        if file.fault:
            return Entry(file.name, "", where=file.name, fault=file.fault)
        fields, fault = self._fields(file.name)
        folders = _folders(file.name)
        side, torn = self.levels.side(folders)
        index, fold = fields.get("index"), fields.get("fold", "")
        label = clean(fields.get("label", ""))
        if fault is None and not label:
            fault = "has no label: what should give it holds only spaces"
        self.written += [fields["label"]] if label else []
        self.labels.add(label)
        return Entry(
            id=file.name,
            label=label,
            group=clean(fields.get("group", "")) or None,
            position=float(index) if index else float(place),
            side=side,
            where=file.name,
            fault=fault or torn,
            fold=fold_of(role_of(fold)) or fold or self.levels.fold(folders),
        )

    def _fields(self, name: str) -> tuple[dict[str, str], str | None]:
        """Read label, group, fold and index out of a file's path, or say what does not fit."""
        fields: dict[str, str] = {}
        for pattern in (self.dataset.label, self.dataset.group):
            found = match(pattern, name) if pattern else {}
            if found is None:
                return fields, f"has no label or group: its name does not fit {pattern!r}"
            fields |= found
        if not self.dataset.label:
            folder = self._class_folder(name)
            if folder is None:
                return fields, "has no label: it lies in no sub-folder that could give one"
            fields["label"] = folder
        return fields, None

    def _class_folder(self, name: str) -> str | None:
        folders, level = _folders(name), self.levels.label
        return folders[level] if level is not None and len(folders) > level else None

    def _drop_parts_that_are_labels(self) -> None:
        """Take no side from folders whose names a pattern reads as labels."""
        if not self.dataset.label or not self.levels.parts:
            return
        names = [each.name for each in self.files if not each.fault]
        labels = {self._fields(name)[0].get("label", "") for name in names} - {""}
        if labels and all(role_of(label) for label in labels):
            self.levels = Levels(None, (), frozenset(), ())

    def _unlabelled_parts(self) -> set[tuple[str, ...]]:
        """Find sides of which no clip has a class: a test set whose labels are kept secret."""
        if self.dataset.label or not self.levels.parts:
            return set()
        counts: dict[tuple[str, ...], list[bool]] = {}
        for file in self.files:
            if _is_placed(file) and (part := self._part(file.name)):
                counts.setdefault(part, []).append(self._class_folder(file.name) is None)
        secret = {part for part, without in counts.items() if all(without)}
        for part in sorted(secret):
            self.remarks.append(
                f"Left out: {counted(len(counts[part]), 'recording')} in {'/'.join(part)!r}, "
                "which lie in no class folder."
            )
        return secret

    def _part(self, name: str) -> tuple[str, ...]:
        """Return the folders of a file down to the last that names a side above its class."""
        folders, label = _folders(name), self.levels.label or 0
        above = [at for at in self.levels.parts if at < min(label, len(folders))]
        return folders[: above[-1] + 1] if above else ()

    def _lies_in(self, file: Listed, parts: set[tuple[str, ...]]) -> bool:
        return bool(parts) and file.fault is None and self._part(file.name) in parts


def _folders(name: str) -> tuple[str, ...]:
    return tuple(name.split("/")[:-1])


def _is_placed(file: Listed) -> bool:
    """Say whether a file's folders may be trusted to tell of the others."""
    return file.fault is None


def _stands_beside(folder: str, homes: set[str]) -> bool:
    """Say whether a folder has the parent of a class folder."""
    parent = folder.rpartition("/")[0]
    return any(home.rpartition("/")[0] == parent for home in homes)


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [LabelledFolder]
