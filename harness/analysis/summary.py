"""What a run says: rows to rank, ties, gains, curves; every table and the report start here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from harness.analysis.evidence import Evidence
from harness.measuring.environment import Environment
from harness.planning.plan import WrittenPlan
from harness.planning.ways import is_plain
from harness.results.clips import ClipsAbout, SplitAbout
from harness.results.record import Record
from harness.results.store import Run
from harness.statistics.curves import LearningCurve, learning_curve
from harness.statistics.gains import Gain, GainOverall, gains, gains_overall
from harness.statistics.intervals import Spread, accuracy_interval, spread_of_repetitions
from harness.statistics.ties import Comparisons, compare_all

Measured = Literal["cv", "holdout"]
Figure = Literal[
    "accuracy",
    "accuracy_completed",
    "balanced_accuracy",
    "brier",
    "coverage",
    "log_loss",
    "macro_f1",
    "roc_auc",
]
"""The figures of `Scores` that are averaged over repetitions."""


@dataclass(frozen=True, slots=True)
class Row:
    """One representation with one classifier, over all splits and seeds of the run.

    Parameters
    ----------
    records
        With all training clips; one a split and seed.
    accuracy, low, high
        Mean holdout accuracy and its 95% interval, over all clips where splits hold each out
        once; None where no record is ok.
    about
        What the interval speaks of: "new clips like these", "new groups", "new splits".
    spread
        Between splits and seeds; None for a single one.
    letters
        Rows that share a letter cannot be told apart; empty for controls and failures.
    """

    representation: str
    classifier: str
    records: tuple[Record, ...]
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    about: str = ""
    spread: Spread | None = None
    letters: str = ""

    @property
    def title(self) -> str:
        """Representation and classifier in one."""
        return f"{self.representation} × {self.classifier}"

    @property
    def control(self) -> bool:
        """Say whether the classifier is a yardstick."""
        return self.records[0].control

    @property
    def remote(self) -> bool:
        """Say whether the classifier is a service."""
        return self.records[0].remote

    @property
    def status(self) -> str:
        """The worst that happened: failed, partial, skipped, or ok."""
        states = {record.status for record in self.records}
        return next(s for s in ("failed", "partial", "skipped", "ok") if s in states)

    @property
    def reason(self) -> str:
        """Why the row is not ok, in one line."""
        return next((r.reason for r in self.records if r.status != "ok"), "")

    def mean(self, side: Measured, figure: Figure) -> float | None:
        """Average a figure of one side over the records that have it."""
        sides = [record.cv if side == "cv" else record.holdout for record in self.records]
        values = [v for s in sides if s is not None and (v := getattr(s, figure)) is not None]
        return float(np.mean(values)) if values else None

    def milliseconds(self, *stages: str) -> float | None:
        """Add up the median milliseconds a clip of some stages."""
        found = [
            sum(r.seconds[s].median_ms or 0.0 for s in stages if s in r.seconds)
            for r in self.records
            if r.seconds
        ]
        return float(np.median(found)) if found else None

    def total_seconds(self, *stages: str) -> float | None:
        """Add up the seconds of some stages, the mean of all records."""
        found = [
            sum(r.seconds[s].total_s for s in stages if s in r.seconds)
            for r in self.records
            if r.seconds
        ]
        return float(np.mean(found)) if found else None


@dataclass(frozen=True, slots=True)
class Curve:
    """The learning curve of one representation with one classifier.

    Parameters
    ----------
    seconds
        To learn from each size, by training clips.
    """

    representation: str
    classifier: str
    curve: LearningCurve
    seconds: Mapping[int, float]


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What a run says.

    Parameters
    ----------
    data, plan, environment
        As the run wrote them down.
    split
        The kind of split, as written; its digest and sizes.
    rows
        In the order of the plan.
    comparisons
        Of the `compared` rows with each other; None where fewer than two can be.
    gains, overall
        Of representations over the baseline, the first plain one of the plan.
    curves
        Where the plan has training sizes.
    planned
        Cells that were asked for.
    damaged
        Cells on disk that cannot be believed, each with its file and the reason.
    """

    run: Run
    data: ClipsAbout
    plan: WrittenPlan
    environment: Environment
    split: SplitAbout
    rows: tuple[Row, ...]
    compared: tuple[Row, ...] = ()
    comparisons: Comparisons | None = None
    baseline: str = ""
    gains: tuple[Gain, ...] = ()
    overall: tuple[GainOverall, ...] = ()
    curves: tuple[Curve, ...] = ()
    records: tuple[Record, ...] = field(default=())
    planned: int = 0
    damaged: tuple[str, ...] = ()

    @property
    def finished(self) -> int:
        """Cells of the plan that have come to an end: a result, or the reason why there is none."""
        return sum(record.status in ("ok", "skipped") for record in self.records)

    def ranked(self) -> tuple[Row, ...]:
        """Order rows by accuracy, the best first; those without figures come last."""
        return tuple(
            sorted(self.rows, key=lambda row: (row.accuracy is None, -(row.accuracy or 0.0)))
        )

    def best(self) -> Row | None:
        """Return the row of highest accuracy that is no control."""
        real = [row for row in self.ranked() if row.accuracy is not None and not row.control]
        return real[0] if real else None

    def row(self, representation: str, classifier: str) -> Row | None:
        """Return one row, or None."""
        wanted = (representation, classifier)
        return next((r for r in self.rows if (r.representation, r.classifier) == wanted), None)


def summarise(run: Run) -> Summary:
    """Read a run and work out what it says.

    Raises
    ------
    StoreError
        The run is not whole.
    """
    plan = run.plan()
    records = tuple(run.records())
    evidence = Evidence(run)
    pairs: dict[tuple[str, str], list[Record]] = defaultdict(list)
    sized: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        key = (str(record.cell.representation), str(record.cell.classifier))
        (pairs if record.cell.train_size is None else sized)[key].append(record)
    rows = [_row(key, found, evidence) for key, found in pairs.items()]
    compared = [row for row in rows if row.accuracy is not None and not row.control and _ok(row)]
    whole = max((len(row.records) for row in compared), default=0)
    compared = [row for row in compared if len(row.records) == whole]
    comparisons = _compare(compared, evidence)
    baseline = _baseline(plan, compared)
    correct = {(r.representation, r.classifier): evidence.correct(r.records) for r in compared}
    groups = evidence.groups(compared[0].records) if compared else None
    return Summary(
        run=run,
        data=run.clips(),
        plan=plan,
        environment=run.environment(),
        split=SplitAbout.of(run.splits(), run.labels()),
        rows=tuple(_lettered(rows, compared, comparisons)),
        compared=tuple(compared),
        comparisons=comparisons,
        baseline=baseline,
        gains=gains(correct, baseline, groups) if baseline else (),
        overall=gains_overall(correct, baseline, groups) if baseline else (),
        curves=tuple(_curves(pairs, sized, evidence)),
        records=records,
        planned=len(run.cells),
        damaged=tuple(run.damaged()),
    )


def _ok(row: Row) -> bool:
    return all(record.status == "ok" for record in row.records)


def _row(key: tuple[str, str], records: Sequence[Record], evidence: Evidence) -> Row:
    done = [record for record in records if record.status == "ok"]
    if not done:
        return Row(*key, tuple(records))
    if len(done) == 1 or evidence.each_once(done):
        right = evidence.correct(done)
        found = accuracy_interval(right, evidence.groups(done))
        spread = _spread(done) if len(done) > 1 else None
        low, high = found.low, found.high
        return Row(*key, tuple(records), found.estimate, low, high, found.about, spread)
    clips = done[0].clips
    shared = len({record.cell.split for record in done}) > 1
    ratio = clips.holdout / clips.train if shared and clips else 0.0
    spread = _spread(done, ratio)
    about = f"new splits ({len(done)} here)" if shared else f"new seeds ({len(done)} here)"
    return Row(*key, tuple(records), spread.mean, spread.low, spread.high, about, spread)


def _spread(done: Sequence[Record], holdout_to_train: float = 0.0) -> Spread:
    accuracies = [accuracy for record in done if (accuracy := record.accuracy) is not None]
    return spread_of_repetitions(accuracies, holdout_to_train=holdout_to_train)


def _compare(rows: Sequence[Row], evidence: Evidence) -> Comparisons | None:
    if len(rows) < 2:
        return None
    table = np.stack([evidence.correct(row.records) for row in rows])
    return compare_all(table, evidence.groups(rows[0].records))


def _lettered(
    rows: Sequence[Row], compared: Sequence[Row], comparisons: Comparisons | None
) -> list[Row]:
    if comparisons is None:
        return list(rows)
    letters = dict(zip((row.title for row in compared), comparisons.letters, strict=True))
    return [replace(row, letters=letters.get(row.title, "")) for row in rows]


def _baseline(plan: WrittenPlan, compared: Sequence[Row]) -> str:
    """Name what gains are measured over: the plain spectrogram, or else the first plain picture."""
    there = {row.representation for row in compared}
    plain = [text for text in plan.representations if text in there and is_plain(text)]
    return next((text for text in plain if text == "spectrogram"), plain[0] if plain else "")


def _curves(
    pairs: Mapping[tuple[str, str], Sequence[Record]],
    sized: Mapping[tuple[str, str], Sequence[Record]],
    evidence: Evidence,
) -> list[Curve]:
    """Draw a learning curve on the first split and seed of each pair that has sizes."""
    curves = []
    for key, found in sized.items():
        records = [r for r in (*found, *pairs.get(key, ())) if r.status == "ok" and not r.control]
        if not records:
            continue
        first = (records[0].cell.split, min(record.cell.seed for record in records))
        one = [r for r in records if (r.cell.split, r.cell.seed) == first]
        by_size = {r.clips.train: r for r in one if r.clips is not None}
        if len(by_size) < 2:
            continue
        right = [evidence.correct([record]) for record in by_size.values()]
        curve = learning_curve(list(by_size), right, evidence.groups(one[:1]))
        seconds = {size: r.seconds["fit"].total_s for size, r in by_size.items()}
        curves.append(Curve(*key, curve, seconds))
    return curves
