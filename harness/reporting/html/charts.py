"""Where marks, lines and ticks lie, in percent of a chart's width and height."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SHAPES = (
    "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0",
    "M-4.5,-4.5h9v9h-9z",
    "M0,-6L5.5,4.5H-5.5z",
    "M0,-6.5L5.5,0L0,6.5L-5.5,0z",
    "M0,6L5.5,-4.5H-5.5z",
    "M-6,-2h4v-4h4v4h4v4h-4v4h-4v-4h-4z",
    "M-5,-3.5L-3.5,-5L5,3.5L3.5,5zM3.5,-5L5,-3.5L-3.5,5L-5,3.5z",
)
"""Marks as SVG paths around (0, 0); with the colours they tell series apart without colour."""

TICKS = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """One axis: what it measures and how values lie on it; ticks at round values, or as told."""

    title: str
    low: float
    high: float
    logarithmic: bool = False
    ticks_at: tuple[float, ...] = ()

    def place(self, value: float) -> float:
        """Return where a value lies, in percent from the low end, never outside."""
        low, high, at = self.low, self.high, value
        if self.logarithmic:
            low, high, at = math.log(low), math.log(high), math.log(max(value, 1e-12))
        share = (at - low) / (high - low)
        return round(100 * min(max(share, 0.0), 1.0), 3)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Return where ticks lie, and what is written at them."""
        wide = self.logarithmic and self.high / self.low >= 10
        found = _log_ticks(self.low, self.high) if wide else self._round_ticks()
        values = self.ticks_at or found
        return [(self.place(value), f"{value:g}") for value in values]

    def _round_ticks(self) -> list[float]:
        step = _round_step((self.high - self.low) / TICKS)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(number * step, 10) for number in range(first, last + 1)]


def linear(title: str, values: Iterable[float], *, floor: float, ceiling: float) -> Scale:
    """Make an axis that holds some values with a little room, within floor and ceiling."""
    found = list(values)
    low, high = min(found), max(found)
    step = _round_step(max(high - low, (ceiling - floor) / 50) / TICKS)
    low, high = math.floor(low / step - 0.2) * step, math.ceil(high / step + 0.2) * step
    return Scale(title, max(low, floor), min(high, ceiling))


def logarithmic(title: str, values: Iterable[float]) -> Scale:
    """Make a logarithmic axis that holds some positive values with a little room."""
    found = [value for value in values if value > 0]
    return Scale(title, min(found) / 1.25, max(found) * 1.25, logarithmic=True)


@dataclass(frozen=True, slots=True)
class Mark:
    """One point: where it lies (from the left, from the top), its series, what it says.

    `low` and `high` are the ends of its interval, from the top; None without.
    """

    x: float
    y: float
    series: int
    words: str
    label: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Straight pieces between points, of one series."""

    series: int
    pieces: tuple[tuple[float, float, float, float], ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that the template draws."""

    title: str
    x: Scale
    y: Scale
    marks: tuple[Mark, ...]
    lines: tuple[Line, ...] = ()
    legend: tuple[tuple[int, str], ...] = field(default=())


def connect(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float, float, float], ...]:
    """Return the pieces between neighbouring points."""
    return tuple((*a, *b) for a, b in pairwise(points))


def interval_ends(
    y: Scale, low: float | None, high: float | None
) -> tuple[float | None, float | None]:
    """Return where an interval of shares ends, from the top; None without."""
    if low is None or high is None:
        return None, None
    return 100 - y.place(100 * low), 100 - y.place(100 * high)


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the points that no other beats in both: cost (less is better) and worth, by cost."""
    order = sorted(range(len(points)), key=lambda at: (points[at][0], -points[at][1]))
    front: list[int] = []
    for at in order:
        if not front or points[at][1] > points[front[-1]][1]:
            front.append(at)
    return front


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)


def _log_ticks(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = [f * 10.0**power for power in decades for f in factors]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) <= TICKS + 2:
            break
    return inside
