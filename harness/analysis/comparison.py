"""Two runs, or two cells of one run: what changed in accuracy and in time, clip by clip."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from harness.analysis.durations import THRESHOLD, Duration, clip_duration, fit_duration
from harness.analysis.evidence import Evidence
from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.errors import StoreError
from harness.measuring.environment import Environment
from harness.planning.ways import SIGNAL
from harness.results.record import Record
from harness.statistics.corrections import holm, holm_confidences
from harness.statistics.gains import Verdict, agree, judge
from harness.statistics.paired import PairedComparison, compare_pair, widen_interval


@dataclass(frozen=True, slots=True)
class Change:
    """One cell before and after, or two cells.

    Parameters
    ----------
    name
        The cell, or both.
    first, second
        Accuracy on the same holdout clips.
    pair
        Second minus first.
    adjusted
        Its p-value after Holm's correction over all changes.
    low, high
        Its interval after the same correction.
    clip, fit
        Milliseconds a clip and seconds to learn; None where they were not measured.
    """

    name: str
    first: float
    second: float
    pair: PairedComparison
    adjusted: float
    verdict: Verdict
    low: float
    high: float
    clip: Duration | None
    fit: Duration | None

    @property
    def told(self) -> bool:
        """Say whether anything is worth telling."""
        times = (self.clip, self.fit)
        slower = any(t is not None and t.pace != "no clear change" for t in times)
        return slower or self.verdict != "no clear difference"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from a first thing to a second.

    Parameters
    ----------
    first, second
        The runs, or the cells.
    changes
        In the order of the first run.
    only_first, only_second
        Cells that one of two runs does not have.
    regressions
        What is worse without doubt: accuracy, a cell that ran and now fails or was never
        reached, a repeated time whose whole interval is beyond the threshold.
    left_out
        Cells that cannot be compared, with the reason.
    remarks
        What a reader must know of the figures.
    """

    first: str
    second: str
    changes: tuple[Change, ...]
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()
    regressions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())


def compare_cells(summary: Summary, first: Row, second: Row) -> Comparison:
    """Compare two cells on the same clips and splits.

    Raises
    ------
    StoreError
        One of them has no result.
    """
    check_pair(first, second)
    evidence = Evidence(summary.run)
    name = f"{first.title} → {second.title}"
    pairs = [(name, matched_records(first, second))]
    changes = _changes(pairs, evidence, evidence)
    return Comparison(
        first=first.title,
        second=second.title,
        changes=changes,
        regressions=_regressions(changes),
        remarks=tuple(_remarks(pairs, ())),
    )


def compare_runs(first: Summary, second: Summary) -> Comparison:
    """Compare all cells that two runs share; controls are no part of it.

    Raises
    ------
    StoreError
        The runs are of different data or splits, or share no cell.
    """
    shared, only_first, only_second = shared_cells(first, second)
    matched = {title: matched_records(*both) for title, both in shared.items()}
    pairs = [(title, records) for title, records in matched.items() if records]
    changes = _changes(pairs, Evidence(first.run), Evidence(second.run))
    return Comparison(
        first=first.run.name,
        second=second.run.name,
        changes=changes,
        only_first=only_first,
        only_second=only_second,
        regressions=(*_regressions(changes), *lost_cells(first, second, shared)),
        left_out=tuple(
            f"{title}: {why_not(*both, first, second)}"
            for title, both in shared.items()
            if not matched[title]
        ),
        remarks=tuple(_remarks(pairs, (first.environment, second.environment))),
    )


def shared_cells(
    first: Summary, second: Summary
) -> tuple[dict[str, tuple[Row, Row]], tuple[str, ...], tuple[str, ...]]:
    """Return the cells that two runs share, by title, and those that one of them has alone.

    Raises
    ------
    StoreError
        The runs are of different data or splits, or share no cell.
    """
    check_same_holdout(first, second)
    rows = {row.title: row for row in first.rows if not row.control}
    others = {row.title: row for row in second.rows if not row.control}
    shared = {title: (row, others[title]) for title, row in rows.items() if title in others}
    if not shared:
        raise StoreError(
            f"{first.run.name} and {second.run.name} have no cell in common, so there is nothing "
            f"to compare. The first has {_some(rows)}; the second has {_some(others)}."
        )
    only_first = tuple(title for title in rows if title not in others)
    return shared, only_first, tuple(title for title in others if title not in rows)


def check_pair(first: Row, second: Row) -> None:
    """Refuse cells that cannot be compared.

    Raises
    ------
    StoreError
        One of them has no result, or both are the same.
    """
    for row in (first, second):
        if row.status != "ok":
            raise StoreError(f"{row.title} has no result to compare: {row.status}, {row.reason}")
    if first is second:
        raise StoreError(f"{first.title} is compared with itself: name two cells.")


def lost_cells(
    first: Summary, second: Summary, shared: Mapping[str, tuple[Row, Row]]
) -> Iterable[str]:
    """Name cells that gave a result before and give none now, though they are planned."""
    for title, (one, other) in shared.items():
        if one.status == "ok" and other.status != "ok":
            yield f"{title}: {other.status} in {second.run.name}, {other.reason}"
    for row in first.rows:
        if row.title not in shared and not row.control and _planned(second, row):
            yield f"{row.title}: not run yet in {second.run.name}"


def check_same_holdout(first: Summary, second: Summary) -> None:
    """Refuse runs whose clips cannot be compared one by one.

    Raises
    ------
    StoreError
        Other data, or another split; the message says which.
    """
    names = f"{first.run.name} and {second.run.name}"
    if first.data.digest != second.data.digest:
        raise StoreError(
            f"{names} cannot be compared clip by clip: they are of different data, "
            f"{_data(first)} and {_data(second)}. To rank cells over several datasets: --ranks."
        )
    for number, (one, other) in enumerate(
        zip(first.split.digests, second.split.digests, strict=False)
    ):
        if one != other:
            a, b = first.run.split(number), second.run.split(number)
            held = set(a.holdout) != set(b.holdout)
            what = "hold out other clips" if held else "train on other clips, or on other folds"
            raise StoreError(
                f"{names} cannot be compared clip by clip: their splits (number {number}) {what}: "
                f"{a.kind}, {len(a.holdout)} held out, {a.fold_count} folds, and {b.kind}, "
                f"{len(b.holdout)} held out, {b.fold_count} folds. Run one again with the "
                f"other's: --split {first.run.split_file(number)}"
            )


def _data(summary: Summary) -> str:
    data = summary.data
    return f"{data.dataset} ({data.clips} clips, digest {data.digest[:12]})"


def _some(titles: Iterable[str]) -> str:
    found = list(titles)
    return ", ".join(found[:3]) + (", …" if len(found) > 3 else "") or "none"


def _planned(summary: Summary, row: Row) -> bool:
    return (
        row.representation in (*summary.plan.representations, str(SIGNAL))
        and row.classifier in summary.plan.classifiers
    )


def why_not(one: Row, other: Row, first: Summary, second: Summary) -> str:
    """Say why a cell of two runs cannot be compared."""
    for row, summary in ((one, first), (other, second)):
        if row.status != "ok":
            return f"{row.status} in {summary.run.name}, {row.reason}"
    return "no split is in both runs"


def matched_records(first: Row, second: Row) -> list[tuple[Record, Record]]:
    """Put records of the same split side by side, seeds in order; none where a row is not ok."""
    if not first.status == second.status == "ok":
        return []
    there: dict[int, list[Record]] = defaultdict(list)
    for record in sorted(second.records, key=lambda r: r.cell.seed):
        there[record.cell.split].append(record)
    pairs = []
    for record in sorted(first.records, key=lambda r: (r.cell.split, r.cell.seed)):
        if there[record.cell.split]:
            pairs.append((record, there[record.cell.split].pop(0)))
    return pairs


Pairs = Sequence[tuple[str, Sequence[tuple[Record, Record]]]]


def _changes(pairs: Pairs, first: Evidence, second: Evidence) -> tuple[Change, ...]:
    judged = []
    for _, records in pairs:
        one = first.correct([a for a, _ in records])
        other = second.correct([b for _, b in records])
        groups = first.groups([a for a, _ in records])
        judged.append((_mean(one), _mean(other), compare_pair(other, one, groups), groups))
    p_values = [pair.p for _, _, pair, _ in judged]
    corrected = zip(holm(p_values).tolist(), holm_confidences(p_values).tolist(), strict=True)
    changes = []
    for (name, records), found, (p, sure) in zip(pairs, judged, corrected, strict=True):
        before, after, pair, groups = found
        low, high = widen_interval(pair, sure, groups)
        verdict = judge(low, high, p)
        times = clip_duration(records), fit_duration(records)
        interval = agree(low, high, verdict)
        changes.append(Change(name, before, after, pair, p, verdict, *interval, *times))
    return tuple(changes)


def _mean(correct: NDArray[np.bool_]) -> float:
    return float(correct.mean())


def _regressions(changes: Sequence[Change]) -> tuple[str, ...]:
    worse = [
        f"{c.name}: accuracy {100 * c.pair.difference:+.1f} points"
        for c in changes
        if c.verdict == "worse"
    ]
    for change in changes:
        for what, time in (("ms/clip", change.clip), ("fit s", change.fit)):
            if time is not None and time.low is not None and time.low >= THRESHOLD:
                worse.append(f"{change.name}: {what} ×{time.ratio:.2f}")
    return tuple(worse)


def _remarks(pairs: Pairs, environments: Sequence[Environment]) -> Iterable[str]:
    seeds = [(a.cell.seed, b.cell.seed) for _, records in pairs for a, b in records]
    if any(a != b for a, b in seeds):
        yield "Seeds differ between the two; they were paired in order."
    if all(len(records) == 1 for _, records in pairs):
        yield "Each time was measured once: it has no interval (--splits and --seeds repeat)."
    if len(environments) == 2:
        first, second = environments
        others = [
            f"{name} {getattr(first, name)} and {getattr(second, name)}"
            for name in ("machine", "processor", "processors", "jobs")
            if getattr(first, name) != getattr(second, name)
        ]
        if others:
            yield f"Times were measured under other conditions: {', '.join(others)}."
        yield "Reading and drawing are timed when a picture is first drawn: runs that share a " + (
            "cache share these times."
        )
