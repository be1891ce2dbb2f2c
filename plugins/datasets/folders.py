"""The files under a folder, read by relative name."""

from __future__ import annotations

import os
import stat
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness import BadClip
from plugins.datasets.file_names import (
    Listed,
    climbing,
    is_audio,
    is_hidden,
    natural_order,
    printable,
)
from plugins.datasets.listings import Listing

LARGEST_FILE = 2**31
_PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC if hasattr(os, "O_NOFOLLOW") else 0
"""How a file is opened that must be no link; 0 where a system cannot say so."""

SPECIAL = "is a pipe, a socket or a device"
NOWHERE = "is a link to no file"
CIRCLE = "is a link to a folder that it lies in"
AGAIN = "is a link to a folder that is listed already"


@dataclass(frozen=True)
class FolderStore:
    """The files under a folder.

    Parameters
    ----------
    root
        The folder.
    leave
        Follow links that lead out of it: right where a person named the folder and the names
        of files come from its listing, wrong where names come from a stranger's table.
    """

    root: Path
    leave: bool = False

    def listing(self) -> Listing:
        """List the files. Links to folders are followed, each folder once, never in a circle."""
        return _Walk(self).listing()

    @cached_property
    def real_root(self) -> str:
        """The folder itself, behind all links."""
        return os.path.realpath(self.root)

    @cached_property
    def _folders_inside(self) -> set[str]:
        return set()

    def _is_allowed(self, name: str) -> bool:
        """Say whether a file's folder may be read, asking once for each folder."""
        folder = name.rpartition("/")[0]
        if folder not in self._folders_inside:
            if climbing(name) or self.link_fault(name):
                return False
            self._folders_inside.add(folder)
        return True

    def leads_out(self, name: str) -> bool:
        """Say whether a name lies, behind all links, outside of the folder."""
        return not _lies_in(os.path.realpath(self.root / name), self.real_root)

    def link_fault(self, name: str) -> str | None:
        """Say why a name, behind all links, is no file that may be read, or None."""
        if not self.leave and self.leads_out(name):
            return f"is, or lies behind, a link that leaves the folder {str(self.root)!r}"
        path = self.root / name
        if path.is_dir():
            return "is a folder, not a file"
        if path.is_file():
            return None
        return SPECIAL if path.exists() else NOWHERE

    def fault(self, name: str) -> str | None:
        """Say why there is no such file to read, or None."""
        if reason := climbing(name):
            return reason
        try:
            if reason := self.link_fault(name):
                return reason if os.path.lexists(self.root / name) else "does not exist"
        except OSError as error:
            return f"cannot be looked at: {error.strerror}"
        return None

    def read(self, name: str, at_most: int | None = None) -> bytes:
        """Return a file's bytes, or only the first ones."""
        if name.rpartition("/")[0] in self._folders_inside:
            data = _read_plainly(self.file(name), at_most)
            if data is not None:
                return data
        return self._read_carefully(name, at_most)

    def _read_carefully(self, name: str, at_most: int | None) -> bytes:
        """Read what may be a link, or no file, or may lie outside of the folder."""
        path = self.file(name)
        if (os.path.islink(path) or not self._is_allowed(name)) and (reason := self.fault(name)):  # noqa: PTH114
            raise BadClip(reason)
        try:
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path takes as long again
                if at_most is None and os.fstat(file.fileno()).st_size > LARGEST_FILE:
                    raise BadClip("is larger than 2 GiB: cut it into clips first")
                return file.read(-1 if at_most is None else at_most)
        except OSError as error:
            raise BadClip(f"cannot be read: {error.strerror}") from error

    def file(self, name: str) -> str:
        """Return the path of a file on disk."""
        return f"{self._prefix}{name}"

    @cached_property
    def _prefix(self) -> str:
        return os.path.join(self.root, "")  # noqa: PTH118


def _read_plainly(path: str, at_most: int | None) -> bytes | None:
    """Read a file by as few calls as there can be; None where it is a link, or there is any doubt.

    Raises
    ------
    BadClip
        It is a pipe or a device by now, for which one might wait for ever.
    """
    if not _PLAIN:
        return None
    try:
        file = os.open(path, _PLAIN)
        try:
            state = os.fstat(file)
            if not stat.S_ISREG(state.st_mode) and not stat.S_ISDIR(state.st_mode):
                raise BadClip(SPECIAL)
            if stat.S_ISDIR(state.st_mode) or state.st_size > LARGEST_FILE:
                return None
            if at_most is not None:
                return os.read(file, at_most)
            data = os.read(file, state.st_size + 1)
            return data if len(data) == state.st_size else None
        finally:
            os.close(file)
    except OSError:
        return None


class _Walk:
    """One look at everything under a folder, and behind its links to folders."""

    def __init__(self, store: FolderStore) -> None:
        self.store = store
        self.files: list[Listed] = []
        self.folders: list[str] = []
        self.hidden: list[str] = []
        self.others: list[Listed] = []
        self.outside: list[str] = []
        self._linked: list[str] = []
        self._seen: set[str] = set()

    def listing(self) -> Listing:
        self._go_through("", self.store.real_root)
        while self._linked:  # after all real folders, so that a link never takes their place
            first = min(self._linked, key=natural_order)
            self._linked.remove(first)
            self._follow(first)
        return Listing(
            tuple(sorted(self.files, key=lambda each: (natural_order(each.name), each.name))),
            tuple(sorted(self.folders, key=natural_order)),
            tuple(sorted(self.hidden, key=natural_order)),
            tuple(sorted(self.others, key=lambda each: natural_order(each.name))),
            tuple(sorted(self.outside, key=natural_order)),
        )

    def _go_through(self, name: str, real: str) -> None:
        """Take in a folder and all real folders below it."""
        waiting = deque([(name, real)])
        while waiting:
            prefix, target = waiting.popleft()
            if target in self._seen:
                continue
            self._seen.add(target)
            for child in self._children(prefix):
                full = f"{prefix}/{child.name}" if prefix else child.name
                if self._take(full, child):
                    self.folders.append(printable(full))
                    waiting.append((full, f"{target.rstrip(os.sep)}{os.sep}{child.name}"))

    def _children(self, name: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.store.root / name) as children:
                return list(children)
        except OSError as error:
            reason = f"is a folder that cannot be listed: {error.strerror}"
            self.files.append(Listed(printable(name) or ".", reason))
            return []

    def _take(self, name: str, child: os.DirEntry[str]) -> bool:
        """Put one thing where it belongs; say whether it is a real folder to go through."""
        folder = child.is_dir(follow_symlinks=False)
        shown = printable(name)
        if is_hidden(child.name):
            self.hidden.append(shown + "/" * folder)
        elif folder:
            return True
        elif shown != name:
            self._refuse(shown, "has a name that is not valid Unicode: rename it")
        elif child.is_symlink():
            self._take_link(name)
        elif child.is_file(follow_symlinks=False):
            self.files.append(Listed(name, None))
        else:
            self.others.append(Listed(name, SPECIAL))
        return False

    def _take_link(self, name: str) -> None:
        path = self.store.root / name
        if path.is_dir():
            self._linked.append(name)
        elif not path.is_file():
            self.others.append(Listed(name, SPECIAL if path.exists() else NOWHERE))
        elif reason := self.store.link_fault(name):
            self._refuse(name, reason)
        else:
            self._note_outside(name)
            self.files.append(Listed(name, None))

    def _follow(self, name: str) -> None:
        """Go through the folder that a link leads to."""
        target = os.path.realpath(self.store.root / name)
        if _lies_in(self.store.real_root, target):
            self.others.append(Listed(name, CIRCLE))
        elif target in self._seen:
            self.others.append(Listed(name, AGAIN))
        elif not self.store.leave and self.store.leads_out(name):
            self.files.append(Listed(name, self.store.link_fault(name)))
        else:
            self._note_outside(name)
            self.folders.append(name)
            self._go_through(name, target)

    def _note_outside(self, name: str) -> None:
        if self.store.leads_out(name):
            self.outside.append(name)

    def _refuse(self, name: str, reason: str) -> None:
        """List a recording with its fault; what is no recording stops nothing."""
        (self.files if is_audio(name) else self.others).append(Listed(name, reason))


def _lies_in(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath([folder, path]) == folder
    except ValueError:  # another drive
        return False
