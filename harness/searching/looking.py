"""The one look at the holdout: the start and the choice of each split, as ordinary cells.

Nothing of a holdout was drawn, learnt from or asked before. What is run here is what
``sightbench run`` runs of the same plan, so the command to type finds it finished.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.evidence import Evidence
from harness.clips.collection import Collection
from harness.clips.splits import Split
from harness.errors import PlanError
from harness.measuring import environment
from harness.planning.plan import Cell, Plan
from harness.planning.ways import Way
from harness.registry.catalogue import Catalogue
from harness.registry.resolution import Resolved, resolve_drawing
from harness.results.asked import Asked
from harness.results.identity import Made, folder_name
from harness.results.record import Record
from harness.results.store import Run, Table
from harness.running.cells import run_cells
from harness.running.drawing import draw
from harness.running.options import Session
from harness.running.preparation import Ready, mark_recordings, what_makes
from harness.searching.findings import Advantage
from harness.statistics.paired import compare_pair


@dataclass(frozen=True, slots=True)
class Looking:
    """What a look at holdouts needs.

    Parameters
    ----------
    splits
        The outer ones, by number.
    """

    resolved: Resolved
    catalogue: Catalogue
    collection: Collection
    splits: tuple[Split, ...]
    table: Table
    session: Session

    def look(self, ways: Mapping[int, Sequence[Way]]) -> Run:
        """Run the ways of each split on that split; return all as one run, written down.

        Raises
        ------
        PlanError
            A cell has no result.
        """
        made: dict[Cell, Made] = {}
        for number, chosen in ways.items():
            made |= self._run(number, list(dict.fromkeys(chosen)))
        folders = {cell: folder_name(cell, each) for cell, each in made.items()}
        run = self.table.ask(self._asked(self.plan(ways), folders, self.splits), self.splits)
        for cell in run.cells:
            record = run.record(cell)
            if record is None or record.status != "ok":
                why = record.reason if record else "it was not reached"
                raise PlanError(f"{cell} has no result on the holdout: {why}.")
        return run

    def plan(self, ways: Mapping[int, Sequence[Way]]) -> Plan:
        """Return the plan of a look: the ways of all splits, each once."""
        every = dict.fromkeys(way for chosen in ways.values() for way in chosen)
        return dataclasses.replace(
            self.resolved.plan, representations=tuple(every), splits=len(self.splits)
        )

    def _run(self, number: int, ways: Sequence[Way]) -> dict[Cell, Made]:
        """Run some ways on one split; what is finished already is not run again."""
        splits = (self.splits[number],)
        plan = dataclasses.replace(self.resolved.plan, representations=tuple(ways), splits=1)
        drawings = dict(resolve_drawing(self.catalogue, way, plan) for way in ways)
        resolved = dataclasses.replace(self.resolved, plan=plan, drawings=drawings)
        made = what_makes(resolved, self.collection, splits)
        folders = {cell: folder_name(cell, each) for cell, each in made.items()}
        run = self.table.open(self._asked(plan, folders, splits), splits)
        ready = Ready(resolved, self.collection, splits, run, made)
        records = [run.record(cell) for cell in run.cells]
        if not all(record is not None and record.status == "ok" for record in records):
            albums = draw(ready, self.session)
            for _ in run_cells(ready, albums, self.session):
                pass
        return {dataclasses.replace(cell, split=number): each for cell, each in made.items()}

    def _asked(self, plan: Plan, folders: Mapping[Cell, str], splits: Sequence[Split]) -> Asked:
        here = environment.describe(self.session.options.jobs)
        marked = mark_recordings(self.table, self.collection)
        return Asked.of(plan, splits, folders, here, marked)


def advantage(run: Run, pairs: Mapping[int, tuple[Way, Way]]) -> Advantage | None:
    """Compare choices with starts, all holdouts one after another; None where all are the same.

    Parameters
    ----------
    pairs
        The start and the choice, by the number of the split.
    """
    if all(start == chosen for start, chosen in pairs.values()):
        return None
    evidence = Evidence(run)
    before, after = (
        [_record(run, number, pair[side]) for number, pair in pairs.items()] for side in (0, 1)
    )
    right, more = evidence.correct(before), evidence.correct(after)
    pair = compare_pair(more, right, evidence.groups(after))
    return Advantage(float(right.mean()), float(more.mean()), pair)


def holdout_accuracy(run: Run, number: int, way: Way) -> float:
    """Return the accuracy of a way on the holdout of one split."""
    accuracy = _record(run, number, way).accuracy
    assert accuracy is not None
    return accuracy


def earlier_looks(run: Run, number: int) -> int:
    """Count other cells of the same clips that have a figure on a holdout: it was seen before."""
    assert run.asked is not None
    digest, own = run.asked.splits[number], set(run.cells.values())
    kept = (run.shelf.best(name) for name in run.shelf.names() if name not in own)
    made = (each.record.made for each in kept if each is not None and each.record.holdout)
    return sum(each is not None and each.split == digest for each in made)


def _record(run: Run, number: int, way: Way) -> Record:
    for cell in run.cells:
        if (cell.split, cell.representation) == (number, way):
            record = run.record(cell)
            assert record is not None
            return record
    raise KeyError(number)
