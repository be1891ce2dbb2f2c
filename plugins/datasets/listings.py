"""What a folder or a zip holds, before anybody asks which of it are recordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Listed(NamedTuple):
    """A file of a store by its name with forward slashes, and why it cannot be read if so."""

    name: str
    fault: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in a store, in natural order of the names.

    Parameters
    ----------
    files
        All that may be a recording; with its fault where nobody may pass over it.
    folders
        The folders that are not hidden, empty ones too.
    hidden
        Files and folders (with "/" at their end) that are hidden, or kept by a system; what
        lies in such a folder is not listed.
    others
        What is no file to read: pipes, devices, links to nothing.
    outside
        Links that lead out of the folder and were followed.
    """

    files: tuple[Listed, ...]
    folders: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    others: tuple[Listed, ...] = ()
    outside: tuple[str, ...] = ()
