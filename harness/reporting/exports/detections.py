"""Detections as tables that other programs open: Raven, Audacity, CSV, Parquet.

Names of recordings are strangers': they never lead out of the folder that is written to, break
no table, and are never obeyed as formulas.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from harness.applying.detecting import Detection
from harness.applying.detector import Detector
from harness.applying.findings import Found, Hour
from harness.files.whole import BESIDE, write_whole
from harness.pictures.naming import picture_name
from harness.results.predictions import shield

COLUMNS = ("recording", "begin_s", "end_s", "label", "score", "windows")
KINDS = ("raven", "audacity", "csv", "parquet", "windows")
"""What can be written; "windows" are the scores of all windows, as Parquet."""


def raven(found: Sequence[Detection], highest_hz: float) -> str:
    """Write a Raven selection table; times to a millionth of a second."""
    headings = ["Selection", "View", "Channel", "Begin Time (s)", "End Time (s)"]
    headings += ["Low Freq (Hz)", "High Freq (Hz)", "Score", "Annotation"]
    rows = ["\t".join(headings)]
    for number, each in enumerate(found, 1):
        times = [f"{each.start_s:.6f}", f"{each.end_s:.6f}", "0.000000", f"{highest_hz:.6f}"]
        cells = [str(number), "Spectrogram 1", "1", *times, f"{each.score:.6f}"]
        rows.append("\t".join([*cells, one_line(each.label)]))
    return "\r\n".join(rows) + "\r\n"


def audacity(found: Sequence[Detection]) -> str:
    """Write Audacity labels."""
    return "".join(
        f"{each.start_s:.6f}\t{each.end_s:.6f}\t{one_line(each.label)}\n" for each in found
    )


def table(found: Iterable[Detection]) -> str:
    """Write all detections as CSV; scores read back exactly."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in found:
        times = (f"{each.start_s:.6f}", f"{each.end_s:.6f}")
        names = (shield(each.recording), *times, shield(each.label))
        writer.writerow((*names, repr(each.score), each.windows))
    return file.getvalue()


def parquet(found: Sequence[Detection]) -> bytes:
    """Write all detections as Parquet."""
    import pyarrow as arrow
    import pyarrow.parquet as written

    columns: dict[str, Any] = {
        "recording": arrow.array([each.recording for each in found], arrow.string()),
        "begin_s": arrow.array([each.start_s for each in found], arrow.float64()),
        "end_s": arrow.array([each.end_s for each in found], arrow.float64()),
        "label": arrow.array([each.label for each in found], arrow.string()),
        "score": arrow.array([each.score for each in found], arrow.float64()),
        "windows": arrow.array([each.windows for each in found], arrow.int64()),
    }
    file = io.BytesIO()
    written.write_table(arrow.table(columns), file)
    return file.getvalue()


def hours(found: Iterable[Hour], wanted: Sequence[str]) -> str:
    """Write the hourly summary as CSV."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    names = [shield(f"detections {name}") for name in wanted]
    writer.writerow(["recording", "hour", "seconds", "windows", "unread", *names])
    for each in found:
        counts = [each.detections[name] for name in wanted]
        about = [shield(each.recording), each.number, f"{each.seconds:.6f}"]
        writer.writerow([*about, each.windows, each.unread, *counts])
    return file.getvalue()


class WindowScores:
    """The scores of all windows as one Parquet file, written recording by recording."""

    def __init__(self, path: Path, detector: Detector) -> None:
        import pyarrow as arrow
        import pyarrow.parquet as written

        self.path, self.classes = path, detector.classes
        self.beside = path.parent / f"{BESIDE}{path.name}"
        scores = [(f"score {name}", arrow.float64()) for name in self.classes]
        self.schema = arrow.schema(
            [("recording", arrow.string()), ("begin_s", arrow.float64()), *scores]
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        self.writer = written.ParquetWriter(self.beside, self.schema)

    def add(self, found: Found) -> None:
        """Write the windows of a recording; what could not be scored is NaN."""
        import pyarrow as arrow

        count, hop_s = len(found.scores), found.heard.recording.hop_s
        begins = np.round(np.arange(count) * hop_s, 6)
        columns = [arrow.array([found.heard.name] * count, arrow.string()), arrow.array(begins)]
        columns += [arrow.array(np.ascontiguousarray(each)) for each in found.scores.T]
        self.writer.write_table(arrow.table(columns, schema=self.schema))

    def close(self) -> None:
        """End the file; it gets its name."""
        self.writer.close()
        self.beside.replace(self.path)


def write_tables(
    output: Path, found: Found, stem: str, kinds: Sequence[str], highest_hz: float
) -> None:
    """Write the tables of one recording that are asked for, each kind in a folder of its own.

    Raises
    ------
    OSError
        They cannot be written.
    """
    if "raven" in kinds:
        text = raven(found.detections, highest_hz)
        write_whole(output / "raven" / f"{stem}.Table.1.selections.txt", text)
    if "audacity" in kinds:
        write_whole(output / "audacity" / f"{stem}.txt", audacity(found.detections))


def stems(names: Sequence[str]) -> dict[str, str]:
    """Name the tables of recordings after them: by the name without suffix, where that is enough.

    Whatever a name says, a table lies inside the folder that is written to.
    """
    safe = {name: "/".join(map(_safe, PurePosixPath(name).parts)) or "recording" for name in names}
    short = {name: str(PurePosixPath(each).with_suffix("")) for name, each in safe.items()}
    alike = Counter(each.casefold() for each in short.values())
    return {
        name: short[name] if alike[short[name].casefold()] == 1 else safe[name] for name in names
    }


def _safe(part: str) -> str:
    odd = part in (".", "..") or any(each in '\\/:*?"<>|' for each in part)
    return picture_name(part) if odd or not part.isprintable() else part


def one_line(text: str) -> str:
    """Return text that breaks no table: tabs, line ends and the like become spaces."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
