"""What a folder or a zip holds, before anybody asks which of it are recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from plugins.datasets.file_names import Listed


@dataclass(frozen=True, slots=True)
class Listing(Sequence[Listed]):
    """What lies in a store, in natural order of the names: a sequence of its files, and more.

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

    @overload
    def __getitem__(self, place: int) -> Listed: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Listed]: ...

    def __getitem__(self, place: int | slice) -> Listed | Sequence[Listed]:
        return self.files[place]

    def __len__(self) -> int:
        return len(self.files)
