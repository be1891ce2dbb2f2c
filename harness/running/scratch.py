"""Temporary files of a start, in a folder of its own: gone afterwards, also after a kill.

A start holds a lock on its folder while it lives; the next start of anybody sweeps the folders
whose lock is free.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import StoreError

PREFIX = "sightbench-"


@contextmanager
def scratch_folder(home: Path | None = None) -> Iterator[Path]:
    """Give an empty folder for temporary files; it and what killed starts left are removed.

    Parameters
    ----------
    home
        Where it lies; the system's temporary folder if left out.

    Raises
    ------
    StoreError
        It cannot be made.
    """
    from filelock import FileLock

    place = Path(tempfile.gettempdir()) if home is None else home
    try:
        place.mkdir(parents=True, exist_ok=True)
        sweep(place)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    except OSError as error:
        raise StoreError(
            f"{place} cannot hold temporary files: {error}. Name another folder: --cache."
        ) from None
    lock = FileLock(folder.with_suffix(".lock"))
    try:
        with lock:
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    finally:
        _remove(folder.with_suffix(".lock"))


def sweep(place: Path) -> None:
    """Remove the folders of starts that were killed: those whose lock nobody holds."""
    from filelock import FileLock, Timeout

    for path in place.glob(f"{PREFIX}*.lock"):
        folder = path.with_suffix("")
        try:
            with FileLock(path, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except (Timeout, OSError):
            continue
        _remove(path)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
