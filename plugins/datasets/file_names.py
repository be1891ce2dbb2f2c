"""The names of files: which are recordings, which are junk, which lead out of their folder."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import NamedTuple

AUDIO_SUFFIXES = frozenset(
    {".wav", ".wave", ".aif", ".aiff", ".aifc", ".flac", ".ogg", ".oga", ".opus", ".mp3"}
)

_DIGITS = re.compile(r"(\d+)")
_DRIVE = re.compile(r"^[A-Za-z]:")


class Listed(NamedTuple):
    """A file of a store by its name with forward slashes, and why it cannot be read if so."""

    name: str
    fault: str | None


def natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key by which "clip9" comes before "clip10"."""
    parts = _DIGITS.split(name)
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts)


def is_junk(name: str) -> bool:
    """Say whether a name is what file managers leave behind, not a recording."""
    parts = name.split("/")
    last = parts[-1].casefold()
    return "__MACOSX" in parts or last.startswith("._") or last in (".ds_store", "thumbs.db")


def is_audio(name: str) -> bool:
    """Say whether a name ends like one of a recording."""
    return PurePosixPath(name).suffix.casefold() in AUDIO_SUFFIXES


def climbing(name: str) -> str | None:
    """Say why a stranger's name must not be followed, or None: it may lead out of the store."""
    plain = name.replace("\\", "/")
    if plain.startswith("/") or _DRIVE.match(plain):
        return "is an absolute path; only paths inside the folder or zip are read"
    if ".." in plain.split("/"):
        return "climbs out of its folder or zip with '..'"
    return "has a NUL character in its name" if "\0" in plain else None


def printable(name: str) -> str:
    """Return a name that can be written as UTF-8; stray bytes become escapes."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
