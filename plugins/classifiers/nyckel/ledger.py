"""An append-only file of everything that was asked of the service and what it answered.

One JSON object a line, with a digest of the line. A line that a kill cut short is the last one;
it is passed over, and taken away when the next line is written. Nothing in it is secret.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness import ClassifierError, Stopped
from plugins.classifiers.nyckel.lock import LEDGER, ledger_of
from plugins.classifiers.nyckel.meter import Meter

Entry = dict[str, Any]
_CHECK = b', "check": "'
_NEEDED = {
    "cell": ("server", "train"),
    "naming": ("name",),
    "function": ("function",),
    "posting": ("external",),
    "upload": ("external", "sample"),
    "upload-refused": ("external", "clip", "why"),
    "asked": ("external",),
    "unheard": ("external",),
    "answer": ("external",),
    "ask-refused": ("external",),
    "cross-validated": ("sample",),
}
"""Texts without which a line of this kind is of no use."""


class Ledger:
    """Reads and appends lines; safe for threads.

    Parameters
    ----------
    path
        The file; made when missing.
    meter
        Its totals so far are written into every line, so that a kill loses none of them.
    """

    def __init__(self, path: Path, meter: Meter) -> None:
        self.path = path
        self.meter = meter
        self.run = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._file: int | None = None

    def append(self, *entries: Mapping[str, Any], safe: bool = True) -> None:
        """Add lines; with `safe` they are on the disk before this returns.

        Raises
        ------
        Stopped
            The file was deleted meanwhile, or the disk is full: nothing more is to be spent.
        """
        try:
            with self._lock:
                file = self._opened()
                self._write(file, entries)
            # A slow disk must not hold up the other threads' questions.
            if safe:
                os.fsync(file)
        except FileNotFoundError:
            raise Stopped(
                f"nyckel: the ledger {self.path} was deleted while it was in use; nothing more is "
                "asked. Run the same command again to start this cell over."
            ) from None
        except OSError as error:
            raise Stopped(
                f"nyckel: the ledger {self.path} cannot be written ({error.strerror}); nothing "
                "more is asked. Free some space, then run the same command again."
            ) from None

    def _opened(self) -> int:
        """Return the file's descriptor; called with the lock held.

        It stays open: another file cannot take its place without being told apart.
        """
        if self._file is None:
            _mend(self.path)
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            weakref.finalize(self, os.close, self._file)
        if not os.path.samestat(os.fstat(self._file), self.path.stat()):
            raise FileNotFoundError
        return self._file

    def _write(self, file: int, entries: Iterable[Mapping[str, Any]]) -> None:
        """Write whole lines or nothing; called with the lock held."""
        size = os.fstat(file).st_size
        head = {"run": self.run, "at": round(time.time(), 3), "totals": self.meter.totals()}
        data = b"".join(_line({**entry, **head}) for entry in entries)
        try:
            written = os.write(file, data)
            while written < len(data):
                written += os.write(file, data[written:])
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, size)
            raise

    def entries(self) -> Iterator[Entry]:
        """Yield every line, oldest first.

        Raises
        ------
        ClassifierError
            A line is damaged.
        """
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                entry = _read(line)
                if entry is None:
                    raise ClassifierError(
                        f"nyckel: line {number} of the ledger {self.path} is damaged. Mend it, or "
                        "start this cell over with --fresh (what was paid is paid again)."
                    )
                yield entry

    def last(self, what: str) -> Entry | None:
        """Return the newest line of one kind."""
        found = None
        for entry in self.entries():
            if entry.get("what") == what:
                found = entry
        return found

    def by_external(self, *kinds: str) -> dict[str, Entry]:
        """Return the newest line of some kinds for every external id."""
        return {entry["external"]: entry for entry in self.entries() if entry.get("what") in kinds}


def open_ledger(folder: Path, meter: Meter) -> Ledger:
    """Return a job's ledger, made when missing; call it with the job's lock held.

    It is kept beside the folder and shown in it: there it is found by who keeps results, here
    by starts that outlast the folder. One that lies in the folder alone is taken over.
    """
    kept, shown = ledger_of(folder), folder / LEDGER
    folder.mkdir(parents=True, exist_ok=True)
    if not kept.exists() and shown.exists():
        _same(shown, kept)
    _mend(kept)
    show_ledger(folder)
    return Ledger(kept, meter)


def show_ledger(folder: Path) -> None:
    """Let the ledger as it is now be found in the job's folder."""
    kept, shown = ledger_of(folder), folder / LEDGER
    # The folder may be on its way out; the ledger itself is safe.
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if not (shown.exists() and shown.samefile(kept)):
            shown.unlink(missing_ok=True)
            _same(kept, shown)


def _same(there: Path, here: Path) -> None:
    """Give a file a second name, or copy it where the disk knows no such thing."""
    try:
        os.link(there, here)
    except OSError:
        shutil.copyfile(there, here)


def _mend(path: Path) -> None:
    """Make the file, or take away a last line that was cut short."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    path.touch()
    whole = path.read_bytes()
    keep = whole.rfind(b"\n") + 1
    if keep < len(whole):
        os.truncate(path, keep)
    if new:
        _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """Have a new file's name on the disk before anything is paid for."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _line(entry: Entry) -> bytes:
    body = json.dumps(entry, allow_nan=False).encode()
    return body[:-1] + _CHECK + _digest(body) + b'"}\n'


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=8).hexdigest().encode()


def _read(line: bytes) -> Entry | None:
    """Return a line's entry, None where it is not as it was written."""
    start, mark, digest = line.rpartition(_CHECK)
    if mark and digest != _digest(start + b"}") + b'"}\n':
        return None
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("what"), str):
        return None
    needed = _NEEDED.get(entry["what"], ())
    return entry if all(isinstance(entry.get(key), str) for key in needed) else None


def unanswered(entries: Iterable[Entry], asked: str, answered: frozenset[str]) -> dict[str, int]:
    """Return the external ids whose newest question has no line that says what came of it.

    The number is how often such a question was left open over all starts.
    """
    open_now: dict[str, bool] = {}
    times: dict[str, int] = {}
    for entry in entries:
        what = entry.get("what")
        if what == asked:
            external = entry["external"]
            if open_now.get(external):
                times[external] = times.get(external, 0) + 1
            open_now[external] = True
        elif what in answered:
            open_now[entry["external"]] = False
    for external, is_open in open_now.items():
        if is_open:
            times[external] = times.get(external, 0) + 1
    return times
