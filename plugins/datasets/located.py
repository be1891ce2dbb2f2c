"""Where the files lie that a table names, and what to try where none of them is found."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath

from plugins.datasets.file_names import climbing
from plugins.datasets.stores import Store

TRIED = 3
"""Missing files for which other places are tried."""
LOOKED_AT = 5000
"""Folders and files that are looked at to find a missing one."""


@dataclass(frozen=True)
class Places:
    """Turns the paths that a table holds into names in its store.

    Parameters
    ----------
    root
        The folder or zip that paths start from, as it was given.
    home
        The table's own folder.
    """

    store: Store
    root: Path
    home: Path

    def locate(self, written: str) -> tuple[str, str | None]:
        """Return a path as a name in the store, and why there is no such file, if so.

        A path that does not exist as it is written is tried with "/" for each backslash, and
        in the Unicode form in which other systems write names.
        """
        first: tuple[str, str | None] | None = None
        for form in _forms(written):
            name = self._inside(form)
            fault = self.store.fault(name)
            if fault is None:
                return name, None
            first = first or (name, fault)
        name, fault = first or (written, "does not exist")
        return name, f"{fault} in {str(self.root)!r}" if fault == "does not exist" else fault

    def _inside(self, written: str) -> str:
        """Return a path as a name under the root; one that leaves it comes back as it is."""
        if Path(written).is_absolute():
            return self._relative(Path(written)) or written
        if ".." in written.split("/"):
            return self._relative(self.home / written) or written
        return written if climbing(written) else PurePosixPath(written).as_posix()

    def _relative(self, path: Path) -> str | None:
        """Return the name of a path that lies under the root, else None."""
        plain = Path(os.path.normpath(path.absolute()))
        return plain.relative_to(self._top).as_posix() if plain.is_relative_to(self._top) else None

    @cached_property
    def _top(self) -> Path:
        return Path(os.path.normpath(self.root.absolute()))

    def advise(self, missing: Sequence[str]) -> str:
        """Say what to try where none of the files that a table names is found."""
        tried = [each.replace("\\", "/") for each in missing[:TRIED]]
        for written in tried:
            for root in self._other_roots(written):
                return f"Is it root={str(root)!r}? {written!r} is found there."
        for written, plain in zip(missing, tried, strict=False):
            if found := self._without_beginning(plain):
                return (
                    f"{found!r} is there: take {written[: -len(found)]!r} off the paths of the "
                    "table."
                )
        for written in tried:
            if found := self._same_name(written):
                return f"A file of that name lies at {found!r}: set root= and the paths to fit."
        return "Say where the paths start: root=FOLDER_OR_ZIP."

    def _other_roots(self, written: str) -> Iterator[Path]:
        """Yield folders from which a path leads to a file: around the root, or its own."""
        path = Path(written)
        if path.is_absolute():
            if path.is_file():
                yield path.parent
            return
        if ".." in path.parts:
            full = Path(os.path.normpath(self.home.absolute() / path))
            shared = os.path.commonpath([full, self.home.absolute()])
            if full.is_file():
                yield Path(shared)
            return
        if climbing(written) or not self.root.is_dir():
            return
        below = (each for each in _walk(self.root) if each.is_dir())
        yield from (each for each in (*self.root.absolute().parents[:3], *below)
                    if _is_file(each / path))  # fmt: skip

    def _without_beginning(self, written: str) -> str | None:
        parts = [part for part in written.split("/") if part]
        tails = ("/".join(parts[start:]) for start in range(1, len(parts)))
        return next((tail for tail in tails if self.store.fault(tail) is None), None)

    def _same_name(self, written: str) -> str | None:
        """Return the first file under the root that is called like a missing one."""
        last = written.rpartition("/")[2]
        if self.root.is_dir():
            found = (str(each) for each in _walk(self.root) if each.name == last)
        else:
            names = (each.name for each in self.store.listing().files)
            found = (name for name in names if name.rpartition("/")[2] == last)
        return next(found, None)


def _forms(written: str) -> Iterator[str]:
    """Yield a path as written and in the ways that other systems write it."""
    seen = set()
    for plain in (written, written.replace("\\", "/")):
        for form in (plain, *(unicodedata.normalize(kind, plain) for kind in ("NFC", "NFD"))):
            if form not in seen:
                seen.add(form)
                yield form


def _walk(root: Path) -> Iterator[Path]:
    """Yield folders and files below a folder, the outer ones first, never too many."""

    def every() -> Iterator[Path]:
        waiting = [root]
        for folder in waiting:
            try:
                children = sorted(folder.iterdir())
            except OSError:
                continue
            yield from children
            waiting += [each for each in children if each.is_dir() and not each.is_symlink()]

    return islice(every(), LOOKED_AT)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
