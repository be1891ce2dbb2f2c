"""Rows of the .ts format of the UCR / UEA archive.

The format: https://www.aeon-toolkit.org/en/stable/api_reference/file_specifications/ts.html
aeon's own reader keeps a whole set in memory as float64, twice over while it reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness import BadClip, DatasetError
from plugins.datasets.series_values import parse_channels, shown

FORMAT_PAGE = "https://www.aeon-toolkit.org/en/stable/api_reference/file_specifications/ts.html"
YES_NO = {"true": True, "false": False}


@dataclass(frozen=True)
class TsRows:
    """How the rows of one .ts file are to be read.

    Parameters
    ----------
    classes
        The labels that the header lists, without case; empty where it lists none.
    """

    classes: frozenset[str]

    def label(self, line: bytes) -> tuple[str, str | None]:
        """Return a row's label, and what is wrong with it."""
        _, colon, written = line.rpartition(b":")
        label = written.strip().decode("utf-8", "backslashreplace")
        if not colon:
            return "", "has no ':' between its numbers and its label"
        if label in ("", "?"):
            return label, "has no label"
        if self.classes and label.casefold() not in self.classes:
            return label, f"has the label {shown(written.strip())}, which @classLabel does not list"
        return label, None

    def length(self, line: bytes) -> int:
        """Return the number of points of a row."""
        return line.rpartition(b":")[0].partition(b":")[0].count(b",") + 1

    def series(self, line: bytes) -> NDArray[np.float32]:
        """Parse "1,2,3:4,5,6:label" into channels [shape=(channels, n)]."""
        channels, colon, _ = line.rpartition(b":")
        if not colon:
            raise BadClip("has no ':' between its numbers and its label")
        return parse_channels([part.split(b",") for part in channels.split(b":")])


def read_ts_header(name: str, lines: Sequence[bytes]) -> TsRows:
    """Read the lines above @data; refuse what has no class labels, or carries time stamps.

    Raises
    ------
    DatasetError
        With the line that says so.
    """
    classes: frozenset[str] = frozenset()
    for number, line in enumerate(lines, start=1):
        words = line.decode("utf-8", "backslashreplace").strip().casefold().split()
        if not words or words[0] not in ("@classlabel", "@targetlabel", "@timestamps"):
            continue
        where = f"{name!r}, line {number}"
        says = YES_NO.get(words[1] if len(words) > 1 else "")
        if says is None:
            raise DatasetError(f"{where}: after {words[0]} stands neither true nor false.")
        if says is (words[0] == "@targetlabel"):
            if words[0] != "@timestamps":
                raise DatasetError(f"{where}: it has no class labels, so it cannot be used.")
        elif words[0] == "@timestamps":
            raise DatasetError(
                f"{where}: it has time stamps: save it evenly sampled, without them."
            )
        if words[0] == "@classlabel":
            classes = frozenset(words[2:])
    return TsRows(classes)
