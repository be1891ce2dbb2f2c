"""Where recordings lie: a folder or a zip, read by relative name and never outside of it."""

from __future__ import annotations

import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from harness import DatasetError
from plugins.datasets.folders import FolderStore
from plugins.datasets.listings import Listing
from plugins.datasets.zips import ZipStore

HEAD_BYTES = 4096


class Store(Protocol):
    """A folder or a zip."""

    def listing(self) -> Listing:
        """List what is in it; what is hidden, or no file, stands apart from the files."""

    def fault(self, name: str) -> str | None:
        """Say why there is no such file to read, or None."""

    def read(self, name: str, at_most: int | None = None) -> bytes:
        """Return a file's bytes, or only the first ones; raise BadClip with the reason."""

    def file(self, name: str) -> str:
        """Return the path of the file on disk that holds a file: itself, or the zip."""


def open_store(path: str, leave: bool = False) -> Store:
    """Open a folder or a zip; `leave` lets the links of a folder lead out of it.

    Raises
    ------
    DatasetError
        There is neither at that path.
    """
    root = Path(path).expanduser()
    if root.is_dir():
        return FolderStore(root, leave)
    if not root.exists():
        raise DatasetError(
            f"No folder or zip {str(root)!r} (looked in {Path.cwd()}): check the path."
        )
    if not zipfile.is_zipfile(root):
        raise DatasetError(
            f"{str(root)!r} is neither a folder nor a zip: unpack it, or download it again."
        )
    state = root.stat()
    return _open_zip(root.resolve(), state.st_mtime_ns, state.st_ctime_ns, state.st_size)


@lru_cache(maxsize=4)
def _open_zip(path: Path, mtime_ns: int, ctime_ns: int, size: int) -> ZipStore:
    """Keep a zip's directory for all datasets of the process, until the file changes."""
    return ZipStore(path)
