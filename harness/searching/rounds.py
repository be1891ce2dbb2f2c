"""One search inside one training side: rounds of proposals, each a race, within a budget."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from harness.analysis.choice import Criterion
from harness.errors import PlanError
from harness.planning.ways import Way, chains_of
from harness.searching.findings import Advantage, Fate, Found, Tried
from harness.searching.proposals import Proposer
from harness.searching.race import cost, judge, places, stages
from harness.searching.trials import Trials
from harness.statistics.choosing import Corrected, correct_choice
from harness.statistics.paired import compare_pair

A_ROUND = 8
"""Candidates of a round: a race of eight leaves two, and what they teach is used at once."""
ELITES = 4
"""New proposals stand on so many of the best."""
PROPOSALS = 12
"""Proposals looked at for each candidate wanted: many repeat others or do not fit."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a search may take, inside one training side.

    Parameters
    ----------
    cells
        Trials, a candidate on a fold each; those that are on disk already count.
    minutes
        Of this start; what is under way is brought to the end of its stage.
    """

    cells: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if self.cells is None and self.minutes is None:
            raise PlanError("A search needs a budget: --cells 60, --minutes 30, or both.")

    def __str__(self) -> str:
        cells = [] if self.cells is None else [f"{self.cells} cells"]
        minutes = [] if self.minutes is None else [f"{self.minutes:g} minutes"]
        return " or ".join([*cells, *minutes])


@dataclass(slots=True)
class Candidate:
    """A way under way: how many folds it ran on, and what became of it."""

    way: Way
    round: int
    folds: tuple[int, ...] = ()
    fate: Fate = "not reached"
    reason: str = ""


@dataclass(slots=True)
class Search:
    """A search inside one training side.

    Parameters
    ----------
    starts
        Where it begins; the first is what the choice is compared with.
    by
        What candidates are ranked by.
    """

    trials: Trials
    proposer: Proposer
    starts: Sequence[Way]
    budget: Budget
    by: Criterion = Criterion.accuracy
    candidates: list[Candidate] = field(default_factory=list)
    cells: int = 0
    rounds: int = 0
    _began: float = field(default_factory=time.monotonic)
    _waiting: list[Way] = field(init=False)

    def __post_init__(self) -> None:
        self._waiting = list(self.starts[1:])

    @property
    def folds(self) -> tuple[int, ...]:
        """All folds inside training."""
        return tuple(range(len(self.trials.splits)))

    def run(self) -> Found:
        """Search until the budget is spent or nothing new is found.

        Raises
        ------
        PlanError
            The start has no result, or the budget does not even allow for it.
        """
        self._admit_start()
        self._run_start()
        while count := self._affordable():
            entrants = self._entrants([each.way for each in self._finalists()[:ELITES]], count)
            if not entrants:
                break
            self._race([Candidate(way, self.rounds) for way in entrants])
            self.rounds += 1
        return self._found()

    def first(self) -> list[Way]:
        """Return the start and the candidates of the first round, without running any."""
        self._admit_start()
        self.cells = len(self.folds)
        start = self.candidates[0].way
        return [start, *self._entrants([start], self._affordable())]

    def _entrants(self, best: Sequence[Way], count: int) -> list[Way]:
        """Take the other ways to start from, then what is proposed; at most so many that fit."""
        first, self._waiting = self._waiting[:count], self._waiting[count:]
        admitted = self.trials.admit(first, count)
        proposals = self.proposer.propose(self.rounds, best, self._beaten())
        looked_at = islice(proposals, PROPOSALS * A_ROUND)
        return [*admitted, *self.trials.admit(looked_at, count - len(admitted))]

    def _admit_start(self) -> None:
        """Refuse a budget or a start that allows for no search."""
        needed = len(self.folds)
        if self.budget.cells is not None and self.budget.cells < needed + cost(1, needed):
            raise PlanError(
                f"--cells {self.budget.cells} is too few for a search: the start alone takes "
                f"{needed}, one on each fold, and a candidate as many again."
            )
        admitted = self.trials.admit(self.starts[:1], 1)
        if not admitted:
            raise PlanError(
                f"{self.starts[0]} cannot be drawn of these clips, or not be seen by the "
                "classifier: start from another way, -r spectrogram."
            )
        self.candidates.append(Candidate(admitted[0], 0))

    def _run_start(self) -> None:
        """Run the start on all folds: everything is compared with it."""
        start = self.candidates[0]
        self._try([start], self.folds)
        if start.fate == "failed":
            raise PlanError(f"{start.way}, the start of the search, has no result: {start.reason}")

    def _affordable(self) -> int:
        """Say how many candidates a round can have."""
        if self._late():
            return 0
        if self.budget.cells is None:
            return A_ROUND
        left = self.budget.cells - self.cells
        counts = range(A_ROUND, 0, -1)
        return next((n for n in counts if cost(n, len(self.folds)) <= left), 0)

    def _late(self) -> bool:
        seconds = time.monotonic() - self._began
        return self.budget.minutes is not None and seconds >= 60 * self.budget.minutes

    def _race(self, entrants: Sequence[Candidate]) -> None:
        """Run candidates on more and more folds, and drop those behind."""
        self.candidates += entrants
        running, plan = list(entrants), stages(len(self.folds))
        for at, added in enumerate(plan):
            if not running or (at and self._late()):
                return
            self._tell(at, len(running), added)
            self._try(running, added)
            running = [each for each in running if each.fate != "failed"]
            if running and at + 1 < len(plan):
                running = self._kept(running, places(len(entrants), at + 1))

    def _kept(self, running: Sequence[Candidate], go_on: int) -> list[Candidate]:
        """Judge candidates, and those that ran on all folds before, on the folds so far."""
        folds = running[0].folds
        ways = [each.way for each in (*running, *self._finalists())]
        correct = np.stack([self.trials.correct(way, folds) for way in ways])
        figures = [self.trials.figure(way, folds, self.by) for way in ways]
        groups = self.trials.groups(ways[0], folds)
        verdicts = judge(correct, figures, groups, len(running), go_on)
        leader = ways[int(np.argmax(figures))]
        for each, verdict in zip(running, verdicts, strict=True):
            if verdict.p is not None:
                each.fate, each.reason = "clearly worse", f"than {leader}: p {verdict.p:.2g}"
            elif not verdict.goes_on:
                each.fate = "behind"
        return [each for each, verdict in zip(running, verdicts, strict=True) if verdict.goes_on]

    def _try(self, running: Sequence[Candidate], folds: Sequence[int]) -> None:
        """Run candidates on some more folds."""
        self.trials.run([each.way for each in running], folds)
        self.cells += len(running) * len(folds)
        for each in running:
            each.reason = self.trials.why_not(each.way, folds)
            if each.reason:
                each.fate = "failed"
                continue
            each.folds += tuple(folds)
            if each.folds == self.folds:
                each.fate = "on all folds"

    def _finalists(self) -> list[Candidate]:
        """Return those that ran on all folds, the best first; of equal ones the earlier."""
        there = [each for each in self.candidates if each.folds == self.folds]
        return sorted(there, key=lambda each: -self._figure(each))

    def _beaten(self) -> set[str]:
        """Name the representations of which every candidate was clearly worse."""
        seen: dict[str, bool] = {}
        for each in self.candidates:
            for name in {chain.representation.name for chain in chains_of(each.way)}:
                seen[name] = seen.get(name, True) and each.fate == "clearly worse"
        return {name for name, worse in seen.items() if worse}

    def _figure(self, candidate: Candidate) -> float:
        return self.trials.figure(candidate.way, candidate.folds, self.by)

    def _tell(self, at: int, count: int, folds: Sequence[int]) -> None:
        last = f" to {folds[-1] + 1}" if len(folds) > 1 else ""
        best = self._finalists()[0]
        self.trials.session.observer.tell(
            f"round {self.rounds + 1}: {count} candidate{'s' * (count != 1)} on fold "
            f"{folds[0] + 1}{last}; best so far {best.way}"
        )

    def _found(self) -> Found:
        finalists = self._finalists()
        start, chosen = self.candidates[0], finalists[0]
        chosen.fate = "chosen"
        inside = None if chosen is start else self._advantage(start, chosen)
        return Found(
            start=str(start.way),
            chosen=str(chosen.way),
            tried=tuple(self._tried(each) for each in self.candidates),
            cells=self.cells,
            rounds=self.rounds,
            inside=inside,
            corrected=self._corrected(finalists),
            finalists=len(finalists),
        )

    def _tried(self, each: Candidate) -> Tried:
        gain = figure = None
        if each.folds:
            figure = self._figure(each)
            figure = figure if np.isfinite(figure) else None
            right = self.trials.correct(each.way, each.folds)
            before = self.trials.correct(self.candidates[0].way, each.folds)
            gain = float(right.mean() - before.mean())
        return Tried(
            str(each.way), each.round, len(each.folds), figure, gain, each.fate, each.reason
        )

    def _advantage(self, start: Candidate, chosen: Candidate) -> Advantage:
        before = self.trials.correct(start.way, self.folds)
        after = self.trials.correct(chosen.way, self.folds)
        groups = self.trials.groups(chosen.way, self.folds)
        pair = compare_pair(after, before, groups)
        return Advantage(float(before.mean()), float(after.mean()), pair)

    def _corrected(self, finalists: Sequence[Candidate]) -> Corrected | None:
        """Correct the accuracy of the best for having been chosen among those that finished."""
        if len(finalists) < 2:
            return None
        table = np.stack([self.trials.correct(each.way, self.folds) for each in finalists])
        groups = self.trials.groups(finalists[0].way, self.folds)
        return correct_choice(table, groups=groups)
