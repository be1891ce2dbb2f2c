"""Where clips lie in the recordings that they are cut from, and what was marked there.

``recordings/<digest>.csv`` beside ``clips.csv``: with it detections of saved predictions are joined
to events and judged by selections, without the recordings. Clips that are no windows have none.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import StoreError
from harness.results.predictions import shield, unshield
from harness.values import Selection

HEADS = ("what", "recording", "start_s", "end_s", "label", "clip", "stands_for_s")


@dataclass(frozen=True, slots=True)
class Window:
    """One clip and where it lies; see `harness.values.Entry`."""

    clip: str
    recording: str
    start_s: float
    end_s: float
    stands_for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Recordings:
    """All clips of a run that are windows of recordings, and what is marked there."""

    windows: tuple[Window, ...]
    selections: tuple[Selection, ...]

    def written(self) -> str:
        """Write them as CSV: a row a window, then a row a selection; numbers read back exactly."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(HEADS)
        for each in self.windows:
            spoken = "" if each.stands_for_s is None else repr(float(each.stands_for_s))
            writer.writerow(
                ["window", *_placed(each), "", shield(each.clip), spoken],
            )
        for mark in self.selections:
            writer.writerow(["selection", *_placed(mark), shield(mark.label), "", ""])
        return text.getvalue()


def _placed(each: Window | Selection) -> list[str]:
    return [shield(each.recording), repr(float(each.start_s)), repr(float(each.end_s))]


def recordings_digest(text: str) -> str:
    """Hash them as they are written."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def recordings_file(folder: Path, digest: str) -> Path:
    """Return where they lie in the folder of a run.

    Raises
    ------
    StoreError
        The digest is none: it comes from a file that anyone can have written.
    """
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise StoreError(f"{folder}: {digest[:80]!r} is no digest of recordings.")
    return folder / "recordings" / f"{digest[:16]}.csv"


def read_recordings(path: Path, digest: str) -> tuple[str, Recordings]:
    """Read them back, as text and as values.

    Raises
    ------
    StoreError
        The file is missing, or was changed after it was written.
    """
    try:
        text = path.read_bytes().decode("utf-8", "surrogatepass")
        if recordings_digest(text) != digest:
            raise StoreError(f"{path} was changed after it was written.")
        rows = list(_rows(text))
        windows = tuple(each for each in rows if isinstance(each, Window))
        return text, Recordings(windows, tuple(e for e in rows if isinstance(e, Selection)))
    except (OSError, ValueError, IndexError) as error:
        raise StoreError(f"{path} cannot be read: {error}.") from None


def _rows(text: str) -> Iterator[Window | Selection]:
    reader = csv.reader(io.StringIO(text, newline=""))
    if tuple(next(reader, ())) != HEADS:
        raise ValueError(f"its first line is not {','.join(HEADS)}")
    for row in reader:
        yield _row(row)


def _row(row: Sequence[str]) -> Window | Selection:
    what, recording, start_s, end_s, label, clip, spoken = row
    name, times = unshield(recording), (float(start_s), float(end_s))
    if what == "selection":
        return Selection(name, *times, unshield(label))
    return Window(unshield(clip), name, *times, float(spoken) if spoken else None)
