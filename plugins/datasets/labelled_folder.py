"""Recordings whose label stands in their path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar

from harness import Dataset, DatasetError, Entry, ParameterError, hookimpl, parameter
from plugins.datasets.file_names import Listed, is_audio
from plugins.datasets.recordings import Recordings

FIELDS = {"label": "[^/]+?", "group": "[^/]+?", "index": r"[0-9]{1,15}", "*": "[^/]*?"}
_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, kw_only=True)
class LabelledFolder(Recordings):
    """Sound files in a folder or zip, labelled by sub-folder or by a pattern of their names.

    Files that end in .wav, .aiff, .flac, .ogg, .mp3 (and the like) are clips; others are left
    out. Without a pattern the label is the first sub-folder, counted from where the files'
    folders begin to differ.

    A pattern is compared with the whole file name without its suffix, or, if it holds a "/",
    with the end of the whole path without its suffix. ``{label}``, ``{group}`` and ``{index}``
    (digits: the clip's position) are read; ``{*}`` stands for anything. None of them spans a "/".
    """

    name: ClassVar[str] = "labelled-folder"

    path: str = parameter(help="folder or zip of recordings")
    label: str = parameter("", "pattern such as '{label}_{group}_{index}'; empty for sub-folders")
    group: str = parameter("", "pattern such as '{group}/{*}', where `label` gives no group")

    def __post_init__(self) -> None:
        super().__post_init__()
        for field in ("label", "group"):
            if pattern := getattr(self, field):
                _check_pattern(self.name, field, pattern)
        if self.group and "{group}" in self.label:
            raise ParameterError(f"{self.name}: both label= and group= say where {{group}} stands.")

    def entries(self) -> Sequence[Entry]:
        """List the sound files in natural order ("clip9" before "clip10")."""
        files = [each for each in self._store.listing() if each.fault or is_audio(each.name)]
        if not files:
            raise DatasetError(
                f"No recordings in {self.path!r}: it should hold .wav, .aiff, .flac, .ogg or .mp3 "
                "files; if they lie inside another zip, unpack that first."
            )
        depth = _common_folders([each.name for each in files if each.fault is None])
        if not self.label and all(_sub_folder(each.name, depth) is None for each in files):
            raise DatasetError(
                f"The recordings in {self.path!r} lie in no sub-folders that could give their "
                "labels: sort them into one folder a class, or give a pattern such as "
                "label='{label}_{group}_{index}'."
            )
        entries = [self._entry(each, place, depth) for place, each in enumerate(files)]
        self._note_rates(entries)
        return entries

    def _entry(self, file: Listed, place: int, depth: int) -> Entry:
        if file.fault:
            return Entry(file.name, "", where=file.name, fault=file.fault)
        fields, fault = self._fields(file.name, depth)
        index = fields.get("index")
        return Entry(
            id=file.name,
            label=fields.get("label", ""),
            group=fields.get("group"),
            position=float(index) if index else float(place),
            where=file.name,
            fault=fault,
        )

    def _fields(self, name: str, depth: int) -> tuple[dict[str, str], str | None]:
        """Read label, group and index out of a file's path, or say what does not fit."""
        fields: dict[str, str] = {}
        for pattern in (self.label, self.group):
            found = _compile(pattern).search(_subject(pattern, name)) if pattern else None
            if pattern and found is None:
                return fields, f"has no label or group: its name does not fit {pattern!r}"
            fields |= found.groupdict() if found else {}
        if not self.label:
            folder = _sub_folder(name, depth)
            if folder is None:
                return fields, "has no label: it lies in no sub-folder that could give one"
            fields["label"] = folder
        return fields, None


def _check_pattern(plugin: str, field: str, pattern: str) -> None:
    """Refuse a pattern that cannot give what it is for."""
    named = _FIELD.findall(pattern)
    unknown = sorted(set(named) - set(FIELDS))
    if unknown or "{" in _FIELD.sub("", pattern) or "}" in _FIELD.sub("", pattern):
        wrong = ", ".join(f"{{{each}}}" for each in unknown) or "a brace without its partner"
        raise ParameterError(
            f"{plugin}: {field}={pattern!r} holds {wrong}; "
            "it takes {label}, {group}, {index} and {*}."
        )
    doubled = sorted({each for each in named if each != "*" and named.count(each) > 1})
    if doubled:
        raise ParameterError(f"{plugin}: {field}={pattern!r} names {{{doubled[0]}}} twice.")
    if field not in named:
        raise ParameterError(f"{plugin}: {field}={pattern!r} does not say where {{{field}}} is.")
    if field == "group" and "label" in named:
        raise ParameterError(f"{plugin}: group={pattern!r} also names {{label}}; use label= alone.")


def _compile(pattern: str) -> re.Pattern[str]:
    parts = _FIELD.split(pattern)
    read = [
        re.escape(part) if place % 2 == 0 else _field_expression(part)
        for place, part in enumerate(parts)
    ]
    begin = r"(?:\A|/)" if "/" in pattern else r"\A"
    return re.compile(begin + "".join(read) + r"\Z")


def _field_expression(field: str) -> str:
    return FIELDS[field] if field == "*" else f"(?P<{field}>{FIELDS[field]})"


def _subject(pattern: str, name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_suffix("")) if "/" in pattern else path.stem


def _common_folders(names: Sequence[str]) -> int:
    """Count the leading folders that all files share, leaving each file at least one folder."""
    folders = [name.split("/")[:-1] for name in names]
    shared = 0
    for level in zip(*folders, strict=False):
        if len(set(level)) > 1:
            break
        shared += 1
    shortest = min((len(each) for each in folders), default=0)
    return max(min(shared, shortest - 1), 0)


def _sub_folder(name: str, depth: int) -> str | None:
    folders = name.split("/")[:-1]
    return folders[depth] if len(folders) > depth else None


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [LabelledFolder]
