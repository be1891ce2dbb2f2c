"""Saved predictions laid along their recordings, beside what was marked there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harness.errors import PlanError
from harness.results.predictions import PredictionTable
from harness.results.recordings import Recordings
from harness.results.store import Run
from harness.statistics.alarms import Heard
from harness.statistics.events import Codes, Marks, Numbers, Windows
from harness.values import Missing


class Scene:
    """All windows of a run in their recordings, and all that is marked; arrays, made once.

    Raises
    ------
    PlanError
        Nothing is marked: there are no events.
    """

    def __init__(self, recordings: Recordings) -> None:
        windows = sorted(recordings.windows, key=lambda each: (each.recording, each.start_s))
        self.names = sorted({each.recording for each in windows})
        number = {name: code for code, name in enumerate(self.names)}
        self.rows = {each.clip: row for row, each in enumerate(windows)}
        self.windows = Windows(
            np.array([number[each.recording] for each in windows], dtype=np.intp),
            np.array([each.start_s for each in windows], dtype=np.float64),
            np.array([each.end_s for each in windows], dtype=np.float64),
        )
        spoken = np.array([each.stands_for_s or np.nan for each in windows], dtype=np.float64)
        self.seconds = None if np.isnan(spoken).any() else spoken
        self.weights = np.ones(len(windows)) if self.seconds is None else spoken / spoken.min()
        self._marks = [each for each in recordings.selections if each.recording in number]
        self.labels = sorted({each.label for each in self._marks})
        self._number = number
        if not self.labels:
            raise PlanError(
                "Nothing is marked in the recordings of this run, so there are no events to judge."
            )

    def marks(self, label: str) -> tuple[Marks, Codes]:
        """Return what is marked as a class, and the window (row) that each lies nearest to."""
        own = [each for each in self._marks if each.label == label]
        marks = Marks(
            np.array([self._number[each.recording] for each in own], dtype=np.intp),
            np.array([each.start_s for each in own], dtype=np.float64),
            np.array([each.end_s for each in own], dtype=np.float64),
        )
        return marks, _nearest(self.windows, marks)

    def heard(
        self, table: PredictionTable, label: str, units: Mapping[str, int] | None = None
    ) -> Heard:
        """Lay predictions along the recordings.

        Parameters
        ----------
        table
            Of one side of one cell.
        units
            The number of what each clip is drawn with, by id; those of several tables may be
            numbered together. None for one unit.

        Raises
        ------
        PlanError
            A clip is no window of a recording.
        """
        said = table.predictions
        strange = [id for id in said.ids if id not in self.rows]
        if strange:
            raise PlanError(f"{strange[0]!r} was predicted, and lies in none of the recordings.")
        rows = np.array([self.rows[id] for id in said.ids], dtype=np.intp)
        order = np.argsort(rows, kind="stable")
        drawn = [0 if units is None else units[id] for id in said.ids]
        rows, numbers = rows[order], np.array(drawn, dtype=np.intp)[order]
        chosen = Windows(
            self.windows.recordings[rows], self.windows.start_s[rows], self.windows.end_s[rows]
        )
        marks, nearest = self.marks(label)
        unit_of = np.full(len(self.windows), -1, dtype=np.intp)
        unit_of[rows] = numbers
        return Heard(
            chosen,
            _scores(table, label)[order],
            np.array([table.true[place] == label for place in order], dtype=bool),
            self.weights[rows],
            _covered(chosen) if self.seconds is None else self.seconds[rows],
            numbers,
            marks,
            np.where(nearest >= 0, unit_of[nearest], -1),
            1 if units is None else max(units.values(), default=-1) + 1,
        )


def open_scene(run: Run) -> Scene:
    """Read where the clips of a run lie.

    Raises
    ------
    PlanError
        They lie in no recordings, or nothing is marked there.
    StoreError
        What was kept is damaged.
    """
    found = run.recordings()
    if isinstance(found, Missing):
        raise PlanError(f"There are no events to judge. {found.reason}")
    return Scene(found)


def clips_heard(table: PredictionTable, label: str) -> Heard:
    """Take clips that are cut from no recording, each for an event of its own.

    Precision and recall are those of clips then, and there is no time: alarms an hour are NaN.
    """
    count = len(table.predictions)
    places, zeros = np.arange(count), np.zeros(count)
    positive = np.array([name == label for name in table.true], dtype=bool)
    marks = Marks(places[positive], zeros[positive], zeros[positive] + 1)
    return Heard(
        Windows(places, zeros, zeros + 1),
        _scores(table, label),
        positive,
        np.ones(count),
        zeros,
        np.zeros(count, dtype=np.intp),
        marks,
        np.zeros(len(marks), dtype=np.intp),
        1,
    )


def _scores(table: PredictionTable, label: str) -> Numbers:
    """Return the scores of a class; zero where the classifier has not learnt it."""
    said = table.predictions
    if label not in said.classes:
        return np.where(np.isnan(said.scores).any(axis=1), np.nan, 0.0)
    return np.asarray(said.scores[:, said.classes.index(label)])


def _nearest(windows: Windows, marks: Marks) -> Codes:
    """Return the window whose middle is nearest to each mark's, -1 without any."""
    found = np.full(len(marks), -1, dtype=np.intp)
    middles = (windows.start_s + windows.end_s) / 2
    wanted = (marks.start_s + marks.end_s) / 2
    for code in np.unique(marks.recordings):
        first = int(np.searchsorted(windows.recordings, code, side="left"))
        stop = int(np.searchsorted(windows.recordings, code, side="right"))
        if first == stop:
            continue
        rows = np.flatnonzero(marks.recordings == code)
        after = np.clip(np.searchsorted(middles[first:stop], wanted[rows]) + first, first, stop - 1)
        before = np.maximum(after - 1, first)
        nearer = np.abs(middles[before] - wanted[rows]) <= np.abs(middles[after] - wanted[rows])
        found[rows] = np.where(nearer, before, after)
    return found


def _covered(windows: Windows) -> Numbers:
    """Return the time that each window covers and no later one of its recording does (s)."""
    ends = windows.end_s.copy()
    same = windows.recordings[1:] == windows.recordings[:-1]
    ends[:-1] = np.where(same, np.minimum(ends[:-1], windows.start_s[1:]), ends[:-1])
    return np.asarray(ends - windows.start_s)
