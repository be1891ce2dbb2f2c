"""What disks, power cuts and other programs do to files."""

from __future__ import annotations

import os
from pathlib import Path


def emptied(path: Path) -> None:
    """Renamed, but its content never reached the disk."""
    path.write_bytes(b"")


def zeroed(path: Path) -> None:
    """Its length reached the disk, its content did not."""
    path.write_bytes(bytes(path.stat().st_size))


def cut(path: Path) -> None:
    """Its end is missing."""
    os.truncate(path, path.stat().st_size - 7)


def cut_early(path: Path) -> None:
    """Little is left of it."""
    os.truncate(path, 200)


def lengthened(path: Path) -> None:
    """Something was added at its end."""
    path.write_bytes(path.read_bytes() + b"more")


def end_zeroed(path: Path) -> None:
    """Its last page did not reach the disk."""
    data = path.read_bytes()
    path.write_bytes(data[:-40] + bytes(40))


def edited(path: Path) -> None:
    """A number in its index was changed."""
    data = path.read_bytes()
    at = data.index(b'"checksums": [') + 14
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def made_a_folder(path: Path) -> None:
    """A folder has its name."""
    path.unlink()
    path.mkdir()
    (path / "index.json").write_text("{}")


def made_a_pipe(path: Path) -> None:
    """A pipe has its name: to open it would wait for ever."""
    path.unlink()
    os.mkfifo(path)


def made_a_link(path: Path) -> None:
    """A link to nothing has its name."""
    path.unlink()
    path.symlink_to(path.parent / "nothing")


def removed(path: Path) -> None:
    """It is gone."""
    path.unlink()


WHOLE = (
    emptied, zeroed, cut, cut_early, lengthened, edited, made_a_folder, made_a_pipe, made_a_link,
)  # fmt: skip
"""Seen by the size and the index of a file alone."""
DAMAGES = (*WHOLE, end_zeroed, removed)
