"""The names of files: which are recordings, which are hidden, which lead out of their folder."""

from __future__ import annotations

import re
from typing import NamedTuple

AUDIO_SUFFIXES = frozenset(
    {
        ".wav", ".wave", ".wavex", ".bwf", ".rf64", ".w64", ".aif", ".aiff", ".aifc", ".flac",
        ".ogg", ".oga", ".opus", ".mp3", ".mp2", ".mpga", ".au", ".snd", ".caf", ".voc",
        ".nist", ".sph", ".sf", ".ircam", ".paf", ".pvf", ".avr", ".wve", ".svx", ".8svx",
        ".htk", ".sds",
    }
)  # fmt: skip
"""Names that end so are recordings; libsndfile reads what they stand for."""

FOREIGN_SUFFIXES = frozenset(
    {
        ".m4a", ".m4b", ".aac", ".wma", ".wv", ".ape", ".amr", ".ac3", ".mka", ".weba", ".dsf",
        ".dff", ".tta", ".tak", ".spx", ".ra", ".gsm",
    }
)  # fmt: skip
"""Names that end so are recordings, of kinds that libsndfile does not read."""

UNFINISHED_SUFFIXES = frozenset({".part", ".partial", ".crdownload", ".download", ".filepart"})

SYSTEM_NAMES = frozenset(
    {
        "__macosx",
        "__pycache__",
        "$recycle.bin",
        "recycler",
        "#recycle",
        "@recycle",
        "#snapshot",
        "@eadir",
        "@__thumb",
        "lost+found",
        "system volume information",
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "icon\r",
    }
)

_DIGITS = re.compile(r"(\d+)")
_DRIVE = re.compile(r"^[A-Za-z]:")
_ODD = re.compile(r"^[/\\]|^[A-Za-z]:|\.\.|\0")
"""What is in every name that may lead anywhere: few names have it."""


class Listed(NamedTuple):
    """A file of a store by its name with forward slashes, and why it cannot be read if so."""

    name: str
    fault: str | None


def natural_order(name: str) -> tuple[int | str, ...]:
    """Return a sort key by which "clip9" comes before "clip10".

    Text, then by turns a number and text. A number is its length, then its digits: it may be
    longer than `int` reads.
    """
    first, *rest = _DIGITS.split(name)
    if len(rest) == 2 and rest[0].isascii():
        digits = rest[0].lstrip("0")
        return first, len(digits), digits, rest[1]
    key: list[int | str] = [first]
    for number, text in zip(rest[::2], rest[1::2], strict=True):
        plain = number if number.isascii() else "".join(str(int(each)) for each in number)
        digits = plain.lstrip("0")
        key += (len(digits), digits, text)
    return tuple(key)


def is_hidden(part: str) -> bool:
    """Say whether a file or folder of this name is hidden, or kept by an operating system."""
    hidden = part.startswith(".") and part not in (".", "..")
    backup = part.endswith("~") or part.startswith("~$")
    return hidden or backup or part.casefold() in SYSTEM_NAMES


def hidden_part(name: str) -> str | None:
    """Return a path up to its first hidden part, a folder with "/" at its end; None without."""
    parts = name.split("/")
    for place, part in enumerate(parts):
        if is_hidden(part):
            last = place == len(parts) - 1
            return "/".join(parts[: place + 1]) + ("" if last else "/")
    return None


def suffix_of(name: str) -> str:
    """Return the end of a name from its last dot, in small letters; empty without one."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or not suffix or stem.endswith("/") or "/" in suffix:
        return ""
    return (dot + suffix).casefold()


def is_audio(name: str) -> bool:
    """Say whether a name ends like one of a recording that can be read."""
    return suffix_of(name) in AUDIO_SUFFIXES


def climbing(name: str) -> str | None:
    """Say why a stranger's name must not be followed, or None: it may lead out of the store."""
    if not _ODD.search(name):
        return None
    plain = name.replace("\\", "/")
    if plain.startswith("/") or _DRIVE.match(plain):
        return "is an absolute path; only paths inside the folder or zip are read"
    if ".." in plain.split("/"):
        return "climbs out of its folder or zip with '..'"
    return "has a NUL character in its name" if "\0" in plain else None


def printable(name: str) -> str:
    """Return a name that can be written as UTF-8; stray bytes become escapes."""
    if name.isascii():
        return name
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
