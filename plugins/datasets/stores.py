"""Where recordings lie: a folder or a zip, read by relative name and never outside of it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

from harness import BadClip, DatasetError
from plugins.datasets.file_names import Listed, climbing, is_junk, natural_order, printable
from plugins.datasets.zips import ZipStore

LARGEST_FILE = 2**31
HEAD_BYTES = 4096


class Store(Protocol):
    """A folder or a zip."""

    def listing(self) -> Sequence[Listed]:
        """List all files but the junk of file managers, in natural order of their names."""

    def fault(self, name: str) -> str | None:
        """Say why there is no such file to read, or None."""

    def read(self, name: str, at_most: int | None = None) -> bytes:
        """Return a file's bytes, or only the first ones; raise BadClip with the reason."""


def open_store(path: str) -> Store:
    """Open a folder or a zip.

    Raises
    ------
    DatasetError
        There is neither at that path.
    """
    root = Path(path).expanduser()
    if root.is_dir():
        return FolderStore(root)
    if not root.exists():
        raise DatasetError(
            f"No folder or zip {str(root)!r} (looked in {Path.cwd()}): check the path."
        )
    if not zipfile.is_zipfile(root):
        raise DatasetError(
            f"{str(root)!r} is neither a folder nor a zip: unpack it, or download it again."
        )
    state = root.stat()
    return _open_zip(root.resolve(), state.st_mtime_ns, state.st_size)


@dataclass(frozen=True)
class FolderStore:
    """The files under a folder; links are followed to files inside it only."""

    root: Path

    def listing(self) -> Sequence[Listed]:
        """List the files; a link to a folder, or out of this one, is listed with its fault."""
        found = [each for each in self._walk(self.root, "") if not is_junk(each.name)]
        return sorted(found, key=lambda each: natural_order(each.name))

    def _walk(self, folder: Path, prefix: str) -> Iterator[Listed]:
        try:
            with os.scandir(folder) as children:
                listed = list(children)
        except OSError as error:
            name = prefix.rstrip("/") or "."
            yield Listed(printable(name), f"is a folder that cannot be listed: {error.strerror}")
            return
        for child in listed:
            name = prefix + child.name
            if child.is_dir(follow_symlinks=False):
                yield from self._walk(folder / child.name, name + "/")
            elif name != (shown := printable(name)):
                yield Listed(shown, "has a name that is not valid Unicode: rename it")
            elif child.is_symlink():
                yield Listed(name, self._link_fault(name))
            else:
                regular = child.is_file(follow_symlinks=False)
                yield Listed(name, None if regular else "is not a regular file")

    @cached_property
    def _real_root(self) -> str:
        return os.path.realpath(self.root)

    @cached_property
    def _folders_inside(self) -> set[str]:
        return set()

    def _is_inside(self, name: str) -> bool:
        """Say whether a file's folder lies under this one, asking once for each folder."""
        folder = name.rpartition("/")[0]
        if folder not in self._folders_inside:
            if climbing(name) or self._link_fault(name):
                return False
            self._folders_inside.add(folder)
        return True

    def _link_fault(self, name: str) -> str | None:
        target = os.path.realpath(self.root / name)
        if os.path.commonpath([self._real_root, target]) != self._real_root:
            return f"is, or lies behind, a link that leaves the folder {str(self.root)!r}"
        if Path(target).is_dir():
            return "is a link to a folder; links to folders are not followed"
        return None if Path(target).is_file() else "is a link to no file"

    def fault(self, name: str) -> str | None:
        """Say why there is no such file to read, or None."""
        if reason := climbing(name):
            return reason
        if reason := self._link_fault(name):
            return "does not exist" if not os.path.lexists(self.root / name) else reason
        return None

    def read(self, name: str, at_most: int | None = None) -> bytes:
        """Return a file's bytes, or only the first ones."""
        path = self.root / name
        if (path.is_symlink() or not self._is_inside(name)) and (reason := self.fault(name)):
            raise BadClip(reason)
        try:
            with path.open("rb", buffering=0) as file:
                if at_most is None and os.fstat(file.fileno()).st_size > LARGEST_FILE:
                    raise BadClip("is larger than 2 GiB: cut it into clips first")
                return file.read(-1 if at_most is None else at_most)
        except OSError as error:
            raise BadClip(f"cannot be read: {error.strerror}") from error


@lru_cache(maxsize=4)
def _open_zip(path: Path, mtime_ns: int, size: int) -> ZipStore:
    """Keep a zip's directory for all datasets of the process, until the file changes."""
    return ZipStore(path)
