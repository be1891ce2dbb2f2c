"""A file or folder that appears whole or not at all: written beside, flushed to disk, renamed.

A name that a reader sees therefore holds all of its content, even after a power cut.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BESIDE = ".new-"
"""How the names of unfinished files and folders begin; no reader looks at them."""


ABANDONED_S = 24 * 3600
"""What is unfinished for so long was left by a process that was killed: writing takes seconds."""


def sweep_unfinished(folder: Path) -> None:
    """Remove what killed processes left half-written in a folder and in those inside it."""
    for place in (folder, *(path for path in folder.glob("*") if path.is_dir())):
        for path in place.glob(f"{BESIDE}*"):
            with suppress(OSError):
                if time.time() - path.lstat().st_mtime > ABANDONED_S:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


def write_whole(path: Path, content: str | bytes | Iterable[str], *, durable: bool = True) -> None:
    """Write a file, in place of the one of that name if there is one; its folder is made.

    Parameters
    ----------
    content
        All of it, or one text after the other as they are made.
    durable
        Wait until the disk has it; False for what a power cut may take, such as progress.

    Raises
    ------
    OSError
        It cannot be written; the old file, if there was one, is as it was.
    """
    pieces = (content,) if isinstance(content, (str, bytes)) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=BESIDE, dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece.encode("utf-8") if isinstance(piece, str) else piece)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        beside.chmod(0o644)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    if durable:
        _flush(path.parent)


@contextmanager
def whole_folder(home: Path) -> Iterator[Path]:
    """Give a folder to fill; when the block ends without an error it gets its name, `home`.

    Where `home` is there already (somebody else was first with the same) the new one is dropped.

    Raises
    ------
    OSError
        It cannot be written.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=BESIDE, dir=home.parent))
    try:
        yield beside
        for path in beside.iterdir():
            _flush(path)
        _flush(beside)
        beside.chmod(0o755)
        try:
            beside.rename(home)
        except OSError:
            if not home.exists():
                raise
        _flush(home.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _flush(path: Path) -> None:
    """Hand a file, or the names in a folder, to the disk; some systems refuse it for folders."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
