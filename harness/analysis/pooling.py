"""All records of one row taken together: one confusion table, one reliability curve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.analysis.rows import Row
from harness.results.scores import ClassScores, Scores
from harness.statistics.calibration import Reliability, ReliabilityBin


@dataclass(frozen=True, slots=True)
class Confusion:
    """Holdout clips by true class (rows) and prediction (columns), over all records of a row."""

    labels: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def per_class(self) -> tuple[ClassScores, ...]:
        """Return precision, recall and F1 of each class; zero where undefined."""
        return tuple(self._class(place) for place in range(len(self.labels)))

    def _class(self, place: int) -> ClassScores:
        hits = self.counts[place][place]
        support = sum(self.counts[place])
        named = sum(row[place] for row in self.counts)
        precision = hits / named if named else 0.0
        recall = hits / support if support else 0.0
        f1 = 2 * hits / (named + support) if named + support else 0.0
        return ClassScores(self.labels[place], precision, recall, f1, support)

    def confused(self) -> list[tuple[str, str, int]]:
        """List true class, prediction and clips of every mistake, the most frequent first."""
        found = [
            (label, column, self.counts[i][j])
            for i, label in enumerate(self.labels)
            for j, column in enumerate(self.columns)
            if i != j and self.counts[i][j]
        ]
        return sorted(found, key=lambda mistake: -mistake[2])


def pool_confusion(row: Row) -> Confusion | None:
    """Add up the holdout confusion tables of a row; None where it has none."""
    tables = [side.confusion for side in _holdouts(row)]
    if not tables:
        return None
    labels = _union(table.labels for table in tables)
    extra = [c for table in tables for c in table.columns[len(table.labels) :]]
    columns = (*labels, *dict.fromkeys(extra))
    counts = [[0] * len(columns) for _ in labels]
    for table in tables:
        known = len(table.labels)
        places = [
            labels.index(name) if at < known else len(labels)
            for at, name in enumerate(table.columns)
        ]
        for label, numbers in zip(table.labels, table.counts, strict=True):
            for place, number in zip(places, numbers, strict=True):
                counts[labels.index(label)][place] += number
    return Confusion(labels, columns, tuple(tuple(line) for line in counts))


def pool_reliability(row: Row) -> Reliability | None:
    """Add up the holdout reliability bins of a row; None where it has no probabilities."""
    tables = [side.reliability for side in _holdouts(row) if side.reliability is not None]
    if not tables:
        return None
    bins = tuple(_bin(same) for same in zip(*(table.bins for table in tables), strict=True))
    clips = sum(each.count for each in bins)
    gaps = sum(
        each.count * abs(each.confidence - each.accuracy)
        for each in bins
        if each.confidence is not None and each.accuracy is not None
    )
    return Reliability(bins, gaps / clips if clips else 0.0)


def _bin(same: Sequence[ReliabilityBin]) -> ReliabilityBin:
    count = sum(each.count for each in same)
    low, high = same[0].low, same[0].high
    if not count:
        return ReliabilityBin(low, high, 0, None, None)
    confidence = sum(each.count * (each.confidence or 0.0) for each in same) / count
    accuracy = sum(each.count * (each.accuracy or 0.0) for each in same) / count
    return ReliabilityBin(low, high, count, confidence, accuracy)


def _holdouts(row: Row) -> list[Scores]:
    return [r.holdout for r in row.records if r.status == "ok" and r.holdout is not None]


def _union(lists: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted({name for names in lists for name in names}))
