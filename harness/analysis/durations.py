"""What changed in time: a ratio, and whether it is large enough to be told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from harness.measuring.timing import CLIP_STAGES, FIT_STAGES, StageTime
from harness.results.record import Record
from harness.statistics.intervals import spread_of_repetitions

THRESHOLD = 1.25
"""A time changed if it grew by this factor, or shrank by it."""

SMALLEST_MS, SMALLEST_FIT_S = 0.1, 0.1
"""Differences below these are not told, whatever their ratio: clocks and caches make them."""

Pace = Literal["faster", "slower", "no clear change"]


@dataclass(frozen=True, slots=True)
class Duration:
    """One time in two cells.

    Parameters
    ----------
    first, second
        Means of all repetitions; in the unit that the name says.
    ratio
        Second over first.
    low, high
        95% interval of the ratio, from repetitions (splits, seeds); None for a single
        measurement, which has none.
    pace
        "slower" and "faster" where the ratio is beyond `THRESHOLD`, the difference is not tiny
        and the interval, if there is one, leaves out 1.
    """

    first: float
    second: float
    ratio: float
    low: float | None
    high: float | None
    pace: Pace

    def to_json(self) -> dict[str, Any]:
        """Write it as plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def clip_duration(pairs: Sequence[tuple[Record, Record]]) -> Duration | None:
    """Compare the median milliseconds to read, draw and classify one clip.

    A run reads and draws a clip once for all splits and seeds, so these are no repetitions. Times
    of two machines are not compared.
    """
    alike = [(a, b) for a, b in pairs if on_one_machine((a, b), CLIP_STAGES)]
    times = [pair for a, b in alike if (pair := _clip_ms(a, b)) is not None]
    middle = [(median(a for a, _ in times), median(b for _, b in times))] if times else []
    return compare_durations(middle, SMALLEST_MS)


def fit_duration(pairs: Sequence[tuple[Record, Record]]) -> Duration | None:
    """Compare the seconds to learn, folds included; not between two machines."""
    alike = [_fit_s(a, b) for a, b in pairs if on_one_machine((a, b), FIT_STAGES)]
    return compare_durations(alike, SMALLEST_FIT_S)


def on_one_machine(records: Iterable[Record], stages: Sequence[str]) -> bool:
    """Say whether the times of some stages may be compared: one machine measured all of them."""
    return len({host for record in records for host in hosts_of(record, stages)}) <= 1


def hosts_of(record: Record, stages: Sequence[str]) -> set[str]:
    """Return the machines that measured some stages of a cell.

    Older records name none for the machine that the run was started on: it is named "".
    """
    found = {host for time in _stages(record, stages) for host in time.hosts or (record.host,)}
    return found or {record.host}


def compare_durations(
    times: Sequence[tuple[float, float] | None], smallest: float
) -> Duration | None:
    """Compare times in pairs, one a repetition; None where none was measured.

    Student's t on the logarithms of the ratios, as in `spread_of_repetitions`.

    Parameters
    ----------
    smallest
        Differences below it are never called a change.
    """
    known = [pair for pair in times if pair is not None and min(pair) > 0]
    if not known:
        return None
    spread = spread_of_repetitions([math.log(b / a) for a, b in known])
    ratio = math.exp(spread.mean)
    low = None if spread.low is None else math.exp(spread.low)
    high = None if spread.high is None else math.exp(spread.high)
    first, second = (sum(column) / len(known) for column in zip(*known, strict=True))
    tiny = abs(second - first) < smallest
    pace: Pace = "no clear change" if tiny else _pace(ratio, low, high)
    return Duration(first, second, ratio, low, high, pace)


def _pace(ratio: float, low: float | None, high: float | None) -> Pace:
    if ratio >= THRESHOLD and (low is None or low > 1):
        return "slower"
    if ratio <= 1 / THRESHOLD and (high is None or high < 1):
        return "faster"
    return "no clear change"


def _clip_ms(first: Record, second: Record) -> tuple[float, float] | None:
    return _both(
        [ms for s in _stages(first, CLIP_STAGES) if (ms := s.median_ms) is not None],
        [ms for s in _stages(second, CLIP_STAGES) if (ms := s.median_ms) is not None],
    )


def _fit_s(first: Record, second: Record) -> tuple[float, float] | None:
    return _both(
        [stage.total_s for stage in _stages(first, FIT_STAGES)],
        [stage.total_s for stage in _stages(second, FIT_STAGES)],
    )


def _stages(record: Record, names: Sequence[str]) -> list[StageTime]:
    return [record.seconds[name] for name in names if name in record.seconds]


def _both(first: Sequence[float], second: Sequence[float]) -> tuple[float, float] | None:
    return (sum(first), sum(second)) if first and second else None
