"""Long recordings of any container that libsndfile opens, read in blocks and never whole.

A process keeps the last few recordings open, each with the blocks that it decoded last, so that
neighbouring windows cost no decoding twice; both are bounded, whatever the length. A member of
a zip cannot be sought in, so it is unpacked to a temporary file without a name (2 GiB at most),
which ends with its handle.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import zipfile
import zlib
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from harness import BadClip
from plugins.datasets.file_names import AUDIO_SUFFIXES
from plugins.datasets.folders import FolderStore
from plugins.datasets.stores import Store
from plugins.datasets.zips import ZipStore

Samples = NDArray[np.float32]

SUFFIXES = AUDIO_SUFFIXES | {".w64", ".rf64", ".caf", ".au", ".snd"}
BLOCK = 2**18
"""Samples that are decoded together, all channels counted: 131 s at 2 kHz, 5 s at 48 kHz."""

BLOCKS_KEPT = 2
RECORDINGS_KEPT = 4

_STARTS_ANEW = frozenset({"MP3"})
"""Formats whose decoder gives other last bits after another way to the same place."""
_SEEKS_TWICE = frozenset({"OGG"})
"""Formats that are sought rightly from the beginning only."""


class LongRecording:
    """One recording, open; safe to use from several threads, not to share with a fork.

    Parameters
    ----------
    place
        A path, or an open file.

    Raises
    ------
    BadClip
        It is not sound that can be read, or holds no samples.
    """

    def __init__(self, place: Path | IO[bytes]) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._blocks: OrderedDict[int, Samples] = OrderedDict()
        self._file = self._opened()
        self.rate = float(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.promised = int(self._file.frames)
        self._block_frames = max(BLOCK // self.channels, 1)
        if not self.promised:
            self.close()
            raise BadClip("holds no samples, by its header: it may have been cut off when made")
        self.frames = self._find_end()
        if not self.frames:
            self.close()
            raise BadClip("is cut off before its first sample")

    def _opened(self) -> Any:
        import soundfile

        try:
            if isinstance(self._place, Path):
                return soundfile.SoundFile(self._place)
            os.lseek(self._place.fileno(), 0, os.SEEK_SET)
            return soundfile.SoundFile(self._place.fileno(), closefd=False)
        except (soundfile.SoundFileError, RuntimeError, OSError, TypeError) as error:
            raise BadClip(f"is not sound that can be read: {_reason(error)}") from error

    @property
    def duration_s(self) -> float:
        """How long it is, as far as it can be read (s)."""
        return self.frames / self.rate

    def read(self, first: int, count: int) -> Samples:
        """Return samples [shape=(channels, count)] from a place on; 1.0 is full scale.

        Raises
        ------
        BadClip
            They reach over an end, cannot be decoded, or are not finite.
        """
        if first < 0 or count < 1 or first + count > self.frames:
            raise BadClip(
                f"lies from {first / self.rate:g} s to {(first + count) / self.rate:g} s of a "
                f"recording that has {self.duration_s:g} s"
            )
        with self._lock:
            size = self._block_frames
            numbers = range(first // size, (first + count - 1) // size + 1)
            parts = [self._part(number, first, count) for number in numbers]
        samples = np.ascontiguousarray(np.concatenate(parts).T)
        if not np.isfinite(samples).all():
            raise BadClip("holds samples that are not finite numbers (NaN or infinite)")
        return samples

    def _part(self, number: int, first: int, count: int) -> Samples:
        """Return what a block has of the samples wanted [shape=(n, channels)]."""
        begin = number * self._block_frames
        return self._block(number)[max(first - begin, 0) : first + count - begin]

    def _block(self, number: int) -> Samples:
        if number not in self._blocks:
            begin = number * self._block_frames
            wanted = min(self._block_frames, self.frames - begin)
            block = self._decode(begin, wanted)
            if block is None or len(block) < wanted:
                raise BadClip(
                    f"cannot be decoded between {begin / self.rate:g} s and "
                    f"{(begin + wanted) / self.rate:g} s: the recording is damaged there"
                )
            self._blocks[number] = block
            while len(self._blocks) > BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _decode(self, first: int, count: int) -> Samples | None:
        """Seek and read, by a way that gives the same samples whatever was read before."""
        import soundfile

        try:
            if self._file.format in _STARTS_ANEW:
                self._open_again()
            if self._file.format in _SEEKS_TWICE:
                self._file.seek(0)
            self._file.seek(first)
            found: Samples = self._file.read(count, dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, RuntimeError):
            self._open_again()
            return None
        return found

    def _open_again(self) -> None:
        self._file.close()
        self._file = self._opened()

    def _find_end(self) -> int:
        """Return how many samples can be read: fewer than promised where a recorder gave out."""
        if self._readable(self.promised - 1):
            return self.promised
        sound, lost = -1, self.promised - 1
        while lost - sound > 1:
            middle = (sound + lost) // 2
            if self._readable(middle):
                sound = middle
            else:
                lost = middle
        return sound + 1

    def _readable(self, place: int) -> bool:
        found = self._decode(place, 1)
        return found is not None and len(found) == 1

    def close(self) -> None:
        """Close the file; a temporary one is gone then."""
        if hasattr(self, "_file"):
            self._file.close()
        if not isinstance(self._place, Path):
            self._place.close()

    __del__ = close


def _reason(error: Exception) -> str:
    return str(getattr(error, "error_string", "") or error).strip().rstrip(".")


def open_recording(store: Store, name: str) -> LongRecording:
    """Open a recording of a store, or return it as it is still open in this process.

    Raises
    ------
    BadClip
        There is none of that name, or it cannot be read.
    """
    if reason := store.fault(name):
        raise BadClip(reason)
    if isinstance(store, FolderStore):
        place = store.root / name
    elif isinstance(store, ZipStore):
        place = store.path
    else:
        raise BadClip("lies where recordings cannot be read in blocks: unpack it to a folder")
    state = place.stat()
    member = name if isinstance(store, ZipStore) else ""
    times = (state.st_mtime_ns, state.st_ctime_ns)
    return _open(place.absolute(), member, times, state.st_size, os.getpid())


@lru_cache(maxsize=RECORDINGS_KEPT)
def _open(
    place: Path, member: str, times_ns: tuple[int, int], size: int, process: int
) -> LongRecording:
    """Keep recordings open until they change; a forked process opens its own."""
    return LongRecording(unpack(place, member) if member else place)


def unpack(archive: Path, name: str) -> IO[bytes]:
    """Unpack a member of a zip to a temporary file without a name, checked against its CRC.

    Raises
    ------
    BadClip
        It is damaged, or there is no room.
    """
    file = tempfile.TemporaryFile(prefix="sightbench-")  # noqa: SIM115 - its user closes it
    try:
        with zipfile.ZipFile(archive) as opened:
            info = next(i for i in opened.infolist() if i.filename.replace("\\", "/") == name)
            with opened.open(info) as member:
                shutil.copyfileobj(member, file, 2**20)
        file.flush()
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, StopIteration) as error:
        file.close()
        raise BadClip(f"is damaged in the zip: {error}") from error
    except OSError as error:
        file.close()
        raise BadClip(f"cannot be unpacked to a temporary file: {error.strerror}") from error
    return file
