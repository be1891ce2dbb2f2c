"""How well one fact that is not the signal tells the classes apart: length, rate, level, ..."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.clips.facts import Facts
from harness.clips.readings import Readings

FACTS = ("length", "sample rate", "channels", "level", "file kind")
"""In the order of the columns of `fact_table`."""
BINS = 16
"""Values of a fact are put into at most so many bins of alike many clips."""
GAIN = 0.05
"""A fact that beats always guessing one class by less is not told."""
DEVIATIONS = 4.0
"""A gain must be so many standard deviations of luck; four, for five facts are looked at."""
QUIETEST_DB = -200.0
"""The level of what is constant."""


@dataclass(frozen=True, slots=True)
class Telltale:
    """A fact that tells classes apart by itself.

    Parameters
    ----------
    fact
        "length", "sample rate", "channels", "level" or "file kind".
    accuracy
        Share of clips whose class it names, each judged by the other half of the clips.
    guessing
        Share of clips that always naming the most frequent class gets right.
    """

    fact: str
    accuracy: float
    guessing: float


def fact_table(facts: Sequence[Facts | None]) -> NDArray[np.float64]:
    """Return numbers for what is known of each clip [shape=(clips, 5)], kinds by their place."""
    kinds = sorted({each.origin.kind for each in facts if each is not None})
    return np.array([_row(each, kinds) for each in facts], np.float64).reshape(-1, len(FACTS))


def _row(facts: Facts | None, kinds: Sequence[str]) -> tuple[float, ...]:
    if facts is None:
        return (0.0,) * len(FACTS)
    origin = facts.origin
    level_db = max(facts.level_db, QUIETEST_DB)
    return (origin.seconds, origin.rate, origin.channels, level_db, kinds.index(origin.kind))


def fact_columns(readings: Readings) -> NDArray[np.float64]:
    """Return the `fact_table` of clips that were read."""
    rows, table = readings.table, np.zeros((len(readings), len(FACTS)))
    known = rows["known"]
    table[:, 0], table[:, 1] = rows["origin_seconds"], rows["origin_rate"]
    table[:, 2] = rows["origin_channels"]
    table[:, 3] = np.maximum(rows["level_db"], QUIETEST_DB)
    used = np.unique(rows["kind"][known])
    kinds = sorted(readings.words[number] for number in used)
    places = np.zeros(len(readings.words))
    places[used] = [kinds.index(readings.words[number]) for number in used]
    table[:, 4] = places[rows["kind"]]
    table[~known] = 0.0
    return table


def find_telltales(
    labels: Sequence[str] | NDArray[np.intp], table: NDArray[np.float64]
) -> tuple[Telltale, ...]:
    """Find the facts that tell the classes apart better than luck would, the surest first.

    Parameters
    ----------
    labels
        The class of each clip, or its number.
    table : array [shape=(clips, 5)]
        By `fact_table` or `fact_columns`.
    """
    classes, numbers = np.unique(np.asarray(labels), return_inverse=True)
    count = len(numbers)
    if count < 4 or len(classes) < 2:
        return ()
    guessing = float(np.bincount(numbers).max()) / count
    least = max(GAIN, DEVIATIONS * math.sqrt(guessing * (1 - guessing) / count))
    found = []
    for column, fact in enumerate(FACTS):
        accuracy = _accuracy(table[:, column], numbers)
        if accuracy - guessing >= min(least, 0.95 * (1 - guessing)):
            found.append(Telltale(fact, accuracy, guessing))
    return tuple(sorted(found, key=lambda each: -each.accuracy))


def _accuracy(values: NDArray[np.float64], numbers: NDArray[np.intp]) -> float:
    """Judge each half of the clips, dealt by turns within each class, by the other half."""
    bins, classes = _binned(values), int(numbers.max()) + 1
    many = int(bins.max()) + 1
    order = np.argsort(numbers, kind="stable")
    half = np.empty(len(values), np.intp)
    half[order] = np.arange(len(values)) % 2
    right = 0
    for side in (0, 1):
        pairs = bins[half != side] * classes + numbers[half != side]
        votes = np.bincount(pairs, minlength=many * classes).reshape(many, classes)
        empty = votes.sum(axis=1) == 0
        votes[empty] = np.bincount(numbers[half != side], minlength=classes)
        right += int((votes.argmax(axis=1)[bins[half == side]] == numbers[half == side]).sum())
    return right / len(values)


def _binned(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Number the values; where there are many, neighbours share a number, equal ones always."""
    distinct, places = np.unique(values, return_inverse=True)
    if len(distinct) <= BINS:
        return places
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.searchsorted(edges, values, side="right")
