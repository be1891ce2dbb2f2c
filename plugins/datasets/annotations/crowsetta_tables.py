"""What the crowsetta package reads: TextGrid, notmat, timit and the like. It is an extra."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from harness import Unavailable
from plugins.datasets.annotations.delimited import NoTable
from plugins.datasets.annotations.selections import UNNAMED, Damaged, Selections, Table

FORMATS = (
    "aud-bbox", "aud-seq", "birdsong-recognition-dataset", "generic-seq", "notmat", "simple-seq",
    "textgrid", "timit", "yarden",
)  # fmt: skip
"""Its formats by its own names, without Raven's, which is read here."""

SUFFIXES = {".textgrid": "textgrid", ".not.mat": "notmat", ".phn": "timit", ".wrd": "timit"}
"""Ends of file names that only one of its formats has."""


def format_of(name: str) -> str:
    """Name the format that a file's name ends like, or say nothing."""
    folded = name.casefold()
    return next((found for suffix, found in SUFFIXES.items() if folded.endswith(suffix)), "")


def read_crowsetta(name: str, data: bytes, format: str) -> Table:
    """Read a file of annotations through crowsetta.

    Raises
    ------
    Unavailable
        crowsetta is not installed.
    NoTable
        It cannot read the file.
    """
    try:
        import crowsetta
    except ImportError as error:
        raise Unavailable(
            f"{name} is read by crowsetta, not installed: pip install 'sightbench[annotations]'"
        ) from error
    with tempfile.TemporaryDirectory(prefix="sightbench-") as folder:
        place = Path(folder) / PurePosixPath(name).name
        place.write_bytes(data)
        try:
            found = crowsetta.Transcriber(format=format).from_file(place).to_annot()
        except Exception as error:  # whatever a stranger's file does to a stranger's reader
            raise NoTable(f"cannot be read by crowsetta as {format}: {error!r}") from error
    parts = found if isinstance(found, list) else [found]
    return _table(name, [row for part in parts for row in _rows(part)])


def _rows(annotation: Any) -> Iterable[tuple[float, float, str, float, float, str]]:
    """Give begin, end, label, lowest and highest frequency and recording of each annotation."""
    file = str(getattr(annotation, "notated_path", "") or "")
    boxes = getattr(annotation, "bboxes", None) or ()
    for box in boxes:
        yield box.onset, box.offset, str(box.label), box.low_freq, box.high_freq, file
    sequences = () if boxes else getattr(annotation, "seq", None) or ()
    for sequence in sequences if isinstance(sequences, list) else [sequences]:
        for part in getattr(sequence, "segments", ()):
            if part.onset_s is None or part.offset_s is None:
                raise NoTable("counts in samples, not in seconds: crowsetta gives no times for it")
            yield part.onset_s, part.offset_s, str(part.label), np.nan, np.nan, file


def _table(name: str, rows: list[tuple[float, float, str, float, float, str]]) -> Table:
    """Keep what has a label; TextGrids have intervals without one between those that have."""
    kept = [row for row in rows if row[2].strip()]
    blank = len(rows) - len(kept)
    starts, ends, labels, lows, highs, files = zip(*kept, strict=True) if kept else ((),) * 6
    selections = Selections.of(
        starts, ends, [each.strip() or UNNAMED for each in labels], low_hz=lows, high_hz=highs
    )
    reversed_ = selections.end_s < selections.start_s
    damaged = tuple(
        Damaged(row + 1, f"ends before it begins: from {start:g} s to {end:g} s", end, start)
        for row, (start, end) in enumerate(zip(starts, ends, strict=True))
        if end < start
    )
    return Table(
        name,
        selections.take(~reversed_),
        np.flatnonzero(~reversed_) + 1,
        tuple(file for file, wrong in zip(files, reversed_, strict=True) if not wrong),
        damaged,
        (f"has {blank} stretches without a label, which count as background",) if blank else (),
    )
