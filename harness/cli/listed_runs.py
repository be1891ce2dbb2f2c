"""Runs as a list: what each compared and how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from harness.errors import SightbenchError
from harness.files.documents import written
from harness.results.record import Record
from harness.results.store import Run


@dataclass(frozen=True, slots=True)
class Listed:
    """A run in the list.

    Parameters
    ----------
    done, planned
        Cells.
    best
        The cell that cross-validation inside training puts first, or without one the holdout;
        `accuracy` is its holdout accuracy.
    damaged
        Why it cannot be read.
    """

    name: str
    when: str = ""
    dataset: str = ""
    clips: int = 0
    classes: int = 0
    split: str = ""
    done: int = 0
    planned: int = 0
    best: str = ""
    accuracy: float | None = None
    damaged: str = ""


def describe(run: Run) -> Listed:
    """Say what a run compared and how far it is."""
    try:
        about, plan = run.clips(), run.plan()
        records = [record for record in run.records() if record.status == "ok"]
        best = max((each for each in records if not each.control), key=_rank, default=None)
        return Listed(
            name=run.name,
            when=run.asked.when if run.asked else "",
            dataset=about.dataset,
            clips=about.clips,
            classes=len(about.classes),
            split=plan.split or run.split(0).kind,
            done=len(records),
            planned=len(run.cells),
            best="" if best is None else str(best.cell),
            accuracy=None if best is None else best.accuracy,
        )
    except SightbenchError as error:
        return Listed(run.name, damaged=str(error))


def _rank(record: Record) -> tuple[float, float]:
    cv = record.cv.accuracy if record.cv else None
    return (-1.0 if cv is None else cv, record.accuracy or 0.0)


def as_json(runs: Sequence[Run]) -> str:
    """Return the list as JSON, ``{"schema": 1, "runs": [...]}``."""
    listed = [asdict(describe(run)) for run in runs]
    return written({"schema": 1, "runs": listed})


def lines(runs: Sequence[Run], results: Path) -> Iterator[str]:
    """Word the list: a few lines a run, which any width holds."""
    if not runs:
        yield f"There are no runs in {results}. `sightbench run` makes one."
    for each in map(describe, runs):
        yield each.name
        if each.damaged:
            yield f"  damaged: {each.damaged}"
            continue
        yield f"  {_moment(each.when)}{each.clips} clips in {each.classes} classes: {each.dataset}"
        unfinished = "" if each.done == each.planned else "; the same command goes on"
        yield f"  {each.split}, {each.done} of {each.planned} cells{unfinished}"
        if each.accuracy is not None:
            yield f"  best: {each.best}, {100 * each.accuracy:.1f}% of the holdout"


def _moment(when: str) -> str:
    try:
        return f"{datetime.fromisoformat(when):%Y-%m-%d %H:%M}, "
    except ValueError:
        return ""
