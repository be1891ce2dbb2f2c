"""What reading clips showed, remembered from one start to the next, as git knows unchanged files.

A clip is known again by its stamp: id, place, and of every file that it stands on (`Basis`) the
path, size, inode, device and times, that of the last change of the inode (ctime) with them: who
puts the old time back on changed bytes changes that. A file that changed within `RACY_NS` of
being looked at has no stamp, for a clock may be too coarse to tell a second change from the first.
When in doubt a clip is read again; and what is drawn is hashed once more as it is drawn.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.clips.readings import COLUMNS, WORDS, Readings
from harness.contracts import Dataset
from harness.errors import Spoilt, StoreError
from harness.pictures.rows import Rows, opened
from harness.pictures.storeroom import Storeroom
from harness.sources.digests import plugin_key
from harness.sources.libraries import library_version
from harness.values import Basis, Entry

RACY_NS = 2_000_000_000
"""The coarsest times of files are those of FAT: two seconds."""
STAMP_BYTES = 16
_PARTS = ("stamps", "contents", "table", "words")

Stamps = NDArray[np.bytes_]
"""One a clip [shape=(clips,)]; empty where a clip must be read."""


@dataclass(frozen=True)
class Memory:
    """What earlier readings of a dataset showed.

    Parameters
    ----------
    room
        Keeps them on disk; None, like no dataset, remembers nothing.
    title
        The name of the dataset, for a person.
    fresh
        Recall nothing: all is read again.
    kept
        Whether what is read now is remembered.
    """

    room: Storeroom | None = None
    dataset: Dataset | None = None
    title: str = ""
    fresh: bool = False
    kept: bool = True

    @classmethod
    def of(
        cls,
        room: Storeroom,
        dataset: Dataset,
        title: str,
        *,
        fresh: bool = False,
        kept: bool = True,
    ) -> Memory:
        """Return what is remembered of a dataset; nothing of one that does not say its basis."""
        return cls(room, dataset, title, fresh, kept) if says_basis(dataset) else cls()

    @cached_property
    def key(self) -> str:
        """Of the dataset: everything that its clips depend on but files.

        Half the time of a start goes by before a first clip is read, and a tenth of that into
        this: it is only made where anything is kept.
        """
        return "" if self.dataset is None else memory_key(self.dataset)

    def is_empty(self) -> bool:
        """Say, without opening anything, whether nothing is there to be recalled."""
        return (
            self.room is None
            or self.fresh
            or self.room.holds_nothing()
            or self.room.is_empty(self.key)
        )

    def stamps(self, dataset: Dataset, entries: Sequence[Entry]) -> Stamps:
        """Look at the files that clips stand on, before any of them is read."""
        if self.room is None:
            return np.zeros(len(entries), f"S{STAMP_BYTES}")
        look = _Look()
        stamps = (look.stamp(dataset, entry) for entry in entries)
        return np.fromiter(stamps, f"S{STAMP_BYTES}", len(entries))

    def recall(self, stamps: Stamps) -> tuple[Readings, NDArray[np.bool_]]:
        """Return what is known of clips, and of which it is [shape=(clips,)]."""
        found = None if self.fresh else self._read()
        if found is None:
            return Readings.of(()), np.zeros(len(stamps), bool)
        kept, known = found
        order = np.argsort(kept)
        places = order[np.searchsorted(kept, stamps, sorter=order).clip(max=len(kept) - 1)]
        alike = (kept[places] == stamps) & (stamps != b"")
        return known.take(places[alike]), alike

    def keep(self, stamps: Stamps, readings: Readings) -> None:
        """Remember what reading showed, in place of all that was known; no bad clip is."""
        if self.room is None or not self.kept:
            return
        rows = np.flatnonzero((stamps != b"") & (readings.table["fault"] == 0))
        if not len(rows):
            return
        kept = readings if len(rows) == len(readings) else readings.take(rows)
        arrays = (stamps[rows], kept.contents, kept.table)
        words = json.dumps(kept.words).encode()
        data = (*(np.ascontiguousarray(each).tobytes() for each in arrays), words)
        try:
            self.room.add(self.key, Rows(_PARTS, data, {"rows": len(rows)}))
        except StoreError:  # no place for it is no fault of the clips: they are read each time
            return
        self.room.name(self.key, self.title)

    def _read(self) -> tuple[Stamps, Readings] | None:
        """Read what is kept; None where there is none, or it is damaged."""
        if self.room is None:
            return None
        for path in self.room.home(self.key).glob("chunk-*"):
            try:
                with opened(path) as file:
                    found = _arrays(*(file.row(place) for place in range(len(_PARTS))))
            except (Spoilt, ValueError, TypeError, KeyError, IndexError):
                continue
            self.room.use(self.key, [path.name])
            return found
        return None


def _arrays(stamps: bytes, contents: bytes, table: bytes, words: bytes) -> tuple[Stamps, Readings]:
    """Make readings of what was kept; raise ValueError where parts do not fit together."""
    rows = np.frombuffer(table, COLUMNS)
    if not len(rows):
        raise ValueError("it holds nothing")
    texts = tuple(map(str, json.loads(words)))
    marks = np.frombuffer(stamps, f"S{STAMP_BYTES}")
    hashes = np.frombuffer(contents, f"S{len(contents) // len(rows)}")
    if not len(rows) == len(marks) == len(hashes):
        raise ValueError("its parts are of several lengths")
    if any((rows[name] < 0).any() or rows[name].max() >= len(texts) for name in WORDS):
        raise ValueError("it names words that it does not hold")
    return marks, Readings(hashes, rows, texts)


class _Look:
    """One look at the files of a dataset; neighbours mostly stand on one file, or each on its own.

    Times that are younger than its beginning, less `RACY_NS`, are not believed.
    """

    def __init__(self) -> None:
        self.settled_ns = time.time_ns() - RACY_NS
        self.last = ("", "")

    def stamp(self, dataset: Dataset, entry: Entry) -> bytes:
        """Say by what a clip is known again; nothing where it must be read."""
        try:
            basis = dataset.basis(entry)
            if not isinstance(basis, Basis):
                return b""
            states = [self._state(path) for path in basis.files]
            words = (entry.id, entry.where, repr(entry.span), basis.words, *states)
            text = "\0".join(words).encode("utf-8", "surrogatepass")
        except (Exception, SystemExit):  # a stranger's dataset: its clips are read each time
            return b""
        return hashlib.blake2b(text, digest_size=STAMP_BYTES).digest() if all(states) else b""

    def _state(self, path: str) -> str:
        """Say how a file is; nothing where that does not tell whether it will have changed."""
        if path != self.last[0]:
            self.last = (path, self._looked_at(path))
        return self.last[1]

    def _looked_at(self, path: str) -> str:
        try:
            now = os.stat(path)  # noqa: PTH116
        except (OSError, ValueError):
            return ""
        if now.st_mtime_ns > self.settled_ns or now.st_ctime_ns > self.settled_ns:
            return ""
        place = f"{now.st_dev} {now.st_ino} {now.st_size}"
        home = os.path.abspath(path)  # noqa: PTH100 - links are followed by `stat`
        return f"{home} {place} {now.st_mtime_ns} {now.st_ctime_ns}"


def says_basis(dataset: Dataset) -> bool:
    """Say whether a dataset names what its clips stand on, and means its own way to read them.

    A class that reads in another way than the one that it inherits must say so itself.
    """
    line = type(dataset).__mro__
    says = next(place for place, cls in enumerate(line) if "basis" in vars(cls))
    reads = next(place for place, cls in enumerate(line) if "read" in vars(cls))
    return line[says] is not Dataset and says <= reads


def memory_key(dataset: Dataset) -> str:
    """Name a dataset by all that readings of it depend on but files and entries."""
    parts = [plugin_key(dataset, files=False), _own_source(), library_version("numpy")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


@cache
def _own_source() -> str:
    """Hash what makes readings of clips and puts them into columns."""
    here = Path(__file__).parent
    names = ("blocks.py", "facts.py", "readings.py", "remembering.py")
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in names)).hexdigest()
