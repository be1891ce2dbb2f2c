"""A cheap look at a path, by names alone: what is there, before any dataset is chosen."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from plugins.datasets.file_names import AUDIO_SUFFIXES, hidden_part, suffix_of

MOST_NAMES = 5000
"""A folder of a million files is known by its first ones."""


def glimpse(path: Path) -> list[str]:
    """Name some files of a folder or zip, with forward slashes; empty for anything else."""
    try:
        if path.is_dir():
            names = _walk(path)
        elif path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as file:
                names = (name.replace("\\", "/") for name in file.namelist())
        else:
            return []
        seen = (name for name in names if not name.endswith("/") and hidden_part(name) is None)
        return list(islice(seen, MOST_NAMES))
    except (OSError, zipfile.BadZipFile, ValueError):
        return []


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders.sort()
        # Text, for a `Path` of each of thousands of files takes five times as long.
        home = Path(folder).relative_to(root).as_posix()
        before = "" if home == "." else f"{home}/"
        for file in sorted(files):
            yield f"{before}{file}"


def sounds_of(names: list[str]) -> list[str]:
    """Return the names that are recordings by their suffix."""
    return [name for name in names if suffix_of(name) in AUDIO_SUFFIXES]


def head_of(path: Path, count: int = 65536) -> bytes:
    """Return the first bytes of a file, up to the end of a line; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(count)
    except OSError:
        return b""
    return data if len(data) < count else data[: data.rfind(b"\n") + 1]
