"""What a run says: rows to rank, ties, gains, curves; every table and the report start here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from harness.analysis.averages import Ensemble
from harness.analysis.choice import Choice, Criterion, choose
from harness.analysis.ensembles import MixedRun
from harness.analysis.evidence import Evidence
from harness.analysis.rows import Row
from harness.measuring.environment import Environment
from harness.planning.plan import WrittenPlan
from harness.planning.ways import is_plain
from harness.results.clips import ClipsAbout, SplitAbout
from harness.results.record import Record
from harness.results.store import Run, everything
from harness.statistics.curves import LearningCurve, learning_curve
from harness.statistics.gains import Gain, GainOverall, gains, gains_overall
from harness.statistics.intervals import accuracy_interval, spread_of_repetitions
from harness.statistics.ties import Comparisons, compare_all


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
    choice
        The cell that is chosen; None where no cell that is no control is whole.
    planned
        Cells that were asked for.
    others
        Cells that other commands finished on the same clips and splits; they are not in `rows`.
    damaged
        Cells on disk that cannot be believed, each with its file and the reason.
    ensembles
        Rows that average others, with their members.
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
    choice: Choice | None = None
    planned: int = 0
    others: int = 0
    damaged: tuple[str, ...] = ()
    ensembles: tuple[Ensemble, ...] = ()

    @property
    def finished(self) -> int:
        """Cells of the plan that have come to an end: a result, or the reason why there is none."""
        ended = (record for record in self.records if record.status in ("ok", "skipped"))
        return sum(record.cell in self.run.cells for record in ended)

    def ranked(self) -> tuple[Row, ...]:
        """Order rows by accuracy, the best first; those without figures come last."""
        return tuple(
            sorted(self.rows, key=lambda row: (row.accuracy is None, -(row.accuracy or 0.0)))
        )

    def row(self, representation: str, classifier: str) -> Row | None:
        """Return one row, or None."""
        wanted = (representation, classifier)
        return next((r for r in self.rows if (r.representation, r.classifier) == wanted), None)


def summarise(run: Run, choose_by: Criterion = Criterion.accuracy) -> Summary:
    """Read a run and work out what it says.

    Parameters
    ----------
    choose_by
        What the best cell is chosen by.

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
    compared, shared = _comparable(rows)
    own = [_of(row, shared) for row in compared]
    right = [evidence.correct(each) for each in own]
    groups = evidence.groups(own[0]) if own else None
    comparisons = compare_all(np.stack(right), groups) if len(compared) > 1 else None
    baseline = _baseline(plan, compared)
    names = [(row.representation, row.classifier) for row in compared]
    correct = dict(zip(names, right, strict=True))
    lettered = _lettered(rows, compared, comparisons)
    by_title = {row.title: row for row in lettered}
    compared = [by_title[row.title] for row in compared]
    return Summary(
        run=run,
        data=run.clips(),
        plan=plan,
        environment=run.environment(),
        split=SplitAbout.of(run.splits(), run.labels()),
        rows=tuple(lettered),
        compared=tuple(compared),
        comparisons=comparisons,
        baseline=baseline,
        gains=gains(correct, baseline, groups) if baseline else (),
        overall=gains_overall(correct, baseline, groups) if baseline else (),
        curves=tuple(_curves(pairs, sized, evidence)),
        records=records,
        choice=choose(compared, own, comparisons, evidence, choose_by),
        planned=len(run.cells),
        others=len(everything(run).cells) - len(run.cells),
        damaged=tuple(run.damaged()),
        ensembles=run.ensembles if isinstance(run, MixedRun) else (),
    )


Repetition = tuple[int, int]
"""Split and seed."""


def _comparable(rows: Sequence[Row]) -> tuple[list[Row], frozenset[Repetition]]:
    """Return the rows that can be compared clip by clip, and the repetitions that all of them have.

    Those are the repetitions for which the most cells can be used.
    """
    whole = [
        row for row in rows if row.accuracy is not None and not row.control and row.status == "ok"
    ]
    have = {row.title: _repetitions(row) for row in whole}

    def cells(wanted: frozenset[Repetition]) -> tuple[int, int]:
        usable = sum(wanted <= each for each in have.values())
        return len(wanted) * usable, usable

    shared = max(dict.fromkeys(have.values()), key=cells, default=frozenset())
    return [row for row in whole if shared <= have[row.title]], shared


def _repetitions(row: Row) -> frozenset[Repetition]:
    return frozenset((record.cell.split, record.cell.seed) for record in row.records)


def _of(row: Row, shared: frozenset[Repetition]) -> list[Record]:
    found = [r for r in row.records if (r.cell.split, r.cell.seed) in shared]
    return sorted(found, key=lambda record: (record.cell.split, record.cell.seed))


def _row(key: tuple[str, str], records: Sequence[Record], evidence: Evidence) -> Row:
    done = [record for record in records if record.status == "ok"]
    if not done:
        return Row(*key, tuple(records))
    shared = len({record.cell.split for record in done}) > 1
    accuracies = [accuracy for record in done if (accuracy := record.accuracy) is not None]
    if len(done) == 1 or (not shared and evidence.same(done)):
        return _single(key, records, done[:1], evidence)
    if evidence.each_once(done):
        pooled = _single(key, records, done, evidence)
        return replace(pooled, spread=spread_of_repetitions(accuracies, within=(0.0, 1.0)))
    clips = done[0].clips
    ratio = clips.holdout / clips.train if shared and clips else 0.0
    spread = spread_of_repetitions(accuracies, holdout_to_train=ratio, within=(0.0, 1.0))
    about = f"new splits ({len(done)} here)" if shared else f"new seeds ({len(done)} here)"
    row = Row(*key, tuple(records), spread.mean, spread.low, spread.high, about, spread)
    if spread.deviation == 0:  # equal by chance is no proof that every other one is equal, too
        one = _single(key, records, done, evidence)
        return replace(row, low=one.low, high=one.high, about=one.about)
    return row


def _single(
    key: tuple[str, str], records: Sequence[Record], counted: Sequence[Record], evidence: Evidence
) -> Row:
    """Make a row whose interval speaks of clips, not of repetitions."""
    found = accuracy_interval(evidence.correct(counted), evidence.groups(counted))
    return Row(*key, tuple(records), found.estimate, found.low, found.high, found.about)


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
