"""What reading clips showed, in columns: a clip takes some 150 bytes, a million can be held."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from harness.clips.facts import Facts
from harness.values import Origin

COLUMNS = np.dtype(
    [
        ("length", "<i8"),
        ("rate", "<f8"),
        ("seconds", "<f8"),
        ("channels", "<i4"),
        ("fault", "<i4"),
        ("note", "<i4"),
        ("known", "?"),
        ("recorded", "?"),
        ("level_db", "<f8"),
        ("mixed_db", "<f8"),
        ("peak", "<f8"),
        ("clipped", "<f8"),
        ("origin_rate", "<f8"),
        ("origin_seconds", "<f8"),
        ("origin_channels", "<i4"),
        ("kind", "<i4"),
    ]
)
"""``fault``, ``note`` and ``kind`` are numbers of words; ``mixed_db`` is NaN where it is None;
the last ones tell nothing where ``known`` is false: the facts are None."""
WORDS = ("fault", "note", "kind")


class Reading(NamedTuple):
    """What reading one clip showed; `fault` is set where it cannot be used."""

    content: str = ""
    length: int = 0
    channels: int = 0
    rate: float = 0.0
    seconds: float = 0.0
    fault: str | None = None
    note: str = ""
    facts: Facts | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Readings(Sequence[Reading]):
    """Readings, one a clip, made when they are asked for.

    Parameters
    ----------
    contents : array [shape=(clips,)], bytes
        The content hash of each clip.
    table : array [shape=(clips,)], of `COLUMNS`
    words
        What the numbers of words stand for; the first is empty.
    """

    contents: NDArray[np.bytes_]
    table: NDArray[np.void]
    words: tuple[str, ...] = ("",)

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> Readings:
        """Put readings into columns."""
        found = list(readings)
        numbers = {"": 0}
        rows = [_row(each, numbers) for each in found]
        contents = np.array([each.content for each in found], np.bytes_)
        return cls(contents, np.array(rows, COLUMNS), tuple(numbers))

    @classmethod
    def joined(cls, parts: Iterable[Readings]) -> Readings:
        """Put the readings of several blocks one below the other."""
        numbers, tables, contents = {"": 0}, [np.empty(0, COLUMNS)], [np.empty(0, np.bytes_)]
        for part in parts:
            places = [numbers.setdefault(word, len(numbers)) for word in part.words]
            table = part.table.copy()
            for name in WORDS:
                table[name] = np.array(places, np.int32)[table[name]]
            tables.append(table)
            contents.append(part.contents)
        return cls(np.concatenate(contents), np.concatenate(tables), tuple(numbers))

    def __len__(self) -> int:
        return len(self.table)

    @overload
    def __getitem__(self, row: int) -> Reading: ...

    @overload
    def __getitem__(self, row: slice) -> Readings: ...

    def __getitem__(self, row: int | slice) -> Reading | Readings:
        if isinstance(row, slice):
            return self.take(range(*row.indices(len(self))))
        (values,) = self.table[[row]].tolist()
        return self._reading(self.content(row), values)

    def __iter__(self) -> Iterator[Reading]:
        for content, values in zip(self.texts(), self.table.tolist(), strict=True):
            yield self._reading(content, values)

    def take(self, rows: Sequence[int] | NDArray[np.intp]) -> Readings:
        """Return some rows, in the order given."""
        chosen = np.asarray(rows, np.intp)
        return Readings(self.contents[chosen], self.table[chosen], self.words)

    def content(self, row: int) -> str:
        """Return the content hash of one clip."""
        return bytes(self.contents[row]).decode()

    def texts(self) -> list[str]:
        """Return the content hash of each clip."""
        texts: list[str] = self.contents.astype(np.str_).tolist()
        return texts

    def faults(self) -> dict[int, str]:
        """Return why clips cannot be used, by row."""
        rows = np.flatnonzero(self.table["fault"])
        return {int(row): self.words[self.table["fault"][row]] for row in rows}

    def notes(self) -> dict[int, str]:
        """Return how clips were read that were not as they should be, by row."""
        rows = np.flatnonzero(self.table["note"])
        return {int(row): self.words[self.table["note"][row]] for row in rows}

    def _reading(self, content: str, values: tuple[Any, ...]) -> Reading:
        length, rate, seconds, channels, fault, note, known, *facts = values
        return Reading(
            content,
            length,
            channels,
            rate,
            seconds,
            self.words[fault] or None,
            self.words[note],
            self._facts(*facts) if known else None,
        )

    def _facts(self, recorded: bool, *values: Any) -> Facts:
        level_db, mixed_db, peak, clipped, rate, seconds, channels, kind = values
        origin = Origin(rate, channels, seconds, self.words[kind])
        mixed = None if math.isnan(mixed_db) else mixed_db
        return Facts(origin, recorded, level_db, mixed, peak, clipped)


def _row(reading: Reading, numbers: dict[str, int]) -> tuple[Any, ...]:
    """Return one reading as a row of `COLUMNS`; new words get the next numbers."""
    _, length, channels, rate, seconds, why, told, facts = reading
    fault = numbers.setdefault(why or "", len(numbers))
    note = numbers.setdefault(told, len(numbers))
    known = (length, rate, seconds, channels, fault, note)
    if facts is None:
        return (*known, False, False, 0.0, math.nan, 0.0, 0.0, 0.0, 0.0, 0, 0)
    origin, recorded, level_db, mixed_db, peak, clipped = facts
    return (
        *known,
        True,
        recorded,
        level_db,
        math.nan if mixed_db is None else mixed_db,
        peak,
        clipped,
        origin.rate,
        origin.seconds,
        origin.channels,
        numbers.setdefault(origin.kind, len(numbers)),
    )
