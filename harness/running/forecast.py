"""What a run would do, take and cost, said without starting it or writing anything."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.clips.blocks import BLOCK as CLIPS_A_TASK
from harness.contracts import Dataset, Estimate, RemoteClassifier
from harness.errors import PlanError, SightbenchError, one_line
from harness.pictures.stacks import AnyDrawing
from harness.planning.plan import Cell
from harness.planning.ways import Way
from harness.running.options import Session
from harness.running.parts import BYTES_A_PIXEL, parts_of, ways_drawn
from harness.running.preparation import Survey
from harness.running.reading import BLOCK_LIMIT_S
from harness.running.workers import Lost
from harness.values import Entry, Missing, Signals

MEASURED = 16
"""Clips that are drawn in memory to learn the size of their pictures."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run would do.

    Parameters
    ----------
    finished
        Cells that need not be run.
    pictures
        Pictures that would have to be drawn; `picture_bytes` is what they take.
    estimates
        What each cell of a service is about to spend.
    tasks
        How many would go out to workers, by what they do: a few hundred clips to read or draw,
        or cells of one picture set and classifier.
    """

    survey: Survey
    finished: int
    pictures: int
    picture_bytes: int
    estimates: Mapping[Cell, Estimate]
    tasks: Mapping[str, int] = field(default_factory=dict)

    @property
    def cells(self) -> int:
        """How many cells the plan has."""
        return len(self.survey.made)


@dataclass(frozen=True, slots=True)
class SizeTask:
    """Clips to be drawn in memory."""

    dataset: Dataset
    entries: Sequence[Entry]
    drawing: AnyDrawing


def measure_sizes(task: SizeTask) -> float:
    """Draw some clips and return the mean size of their pictures as JPEG, in bytes.

    Raises
    ------
    PlanError
        They cannot be drawn.
    """
    sizes = []
    try:
        for entry in task.entries:
            clip = task.dataset.read(entry)
            signals = Signals(clip.samples[None], clip.rate)
            sizes += [len(jpeg) for jpeg in task.drawing.jpegs(signals)]
    except SightbenchError:
        raise
    except (Exception, SystemExit) as error:  # a stranger's plugin
        raise PlanError(f"{task.drawing.title} cannot be drawn: {one_line(error)}") from None
    return float(np.mean(sizes))


def forecast(survey: Survey, session: Session) -> Forecast:
    """Say what a run would do, take and cost."""
    remote = {cell: each for cell, each in _remote(survey).items() if cell not in survey.finished}
    lacking = _lacking(survey, session)
    sent = {cell.representation for cell in remote}
    sizes = {
        way: _measured(survey, session, way, drawing)
        for way, drawing in ways_drawn(survey.resolved).items()
        if way in sent or drawing.plotted
    }
    return Forecast(
        survey=survey,
        finished=len(survey.finished),
        pictures=sum(lacking.values()),
        picture_bytes=int(_disk_bytes(survey, lacking, sizes)),
        estimates={
            cell: _estimate(survey, cell, classifier, sizes[cell.representation])
            for cell, classifier in remote.items()
        },
        tasks=_tasks(survey, session),
    )


def _tasks(survey: Survey, session: Session) -> dict[str, int]:
    """Count what would go out to workers, as `collect`, `draw` and `run_cells` send it."""
    gallery, readings = session.options.gallery, survey.collection.readings
    contents = np.unique(readings.contents[survey.rows])
    lacking = np.zeros(len(contents), bool)
    for key in parts_of(ways_drawn(survey.resolved)):
        lacking |= gallery.places(key).find(contents) < 0
    cells = [cell for cell in survey.made if cell not in survey.finished]
    together = {(cell.representation, cell.classifier) for cell in cells}
    return {
        "reading": math.ceil(len(survey.collection) / CLIPS_A_TASK),
        "drawing": math.ceil(np.count_nonzero(lacking) / CLIPS_A_TASK),
        "cells": len(together if session.options.timeout_s is None else cells),
    }


def _lacking(survey: Survey, session: Session) -> dict[str, int]:
    """Count the pictures that each drawing, by key, lacks in the gallery."""
    contents = np.unique(survey.collection.readings.contents[survey.rows])
    gallery = session.options.gallery
    return {
        key: int(np.count_nonzero(gallery.places(key).find(contents) < 0))
        for key in parts_of(ways_drawn(survey.resolved))
    }


def _disk_bytes(survey: Survey, lacking: Mapping[str, int], sizes: Mapping[Way, float]) -> float:
    """Add up pictures: packed levels, or the JPEG of a plot."""
    total = 0.0
    for key, (chain, drawing) in parts_of(ways_drawn(survey.resolved)).items():
        packed = drawing.settings.height * drawing.settings.width * BYTES_A_PIXEL
        total += lacking[key] * (sizes[chain] if drawing.plotted else packed)
    return total


def _remote(survey: Survey) -> dict[Cell, RemoteClassifier]:
    found = {}
    for cell in survey.made:
        classifier = survey.resolved.classifiers[cell.classifier]
        if not isinstance(classifier, RemoteClassifier):
            continue
        if not isinstance(survey.resolved.drawings[cell.representation], Missing):
            found[cell] = classifier
    return found


def _measured(survey: Survey, session: Session, way: Way, drawing: AnyDrawing) -> float:
    """Draw some clips in memory and return the mean size of a picture as JPEG, in bytes."""
    session.observer.stage(f"measuring pictures of {way}", None)
    rows = survey.rows[:: max(1, len(survey.rows) // MEASURED)][:MEASURED]
    entries = survey.collection.entries.take(rows)
    task = SizeTask(survey.resolved.dataset, entries, drawing)
    (size,) = session.workers.in_order(measure_sizes, [task], BLOCK_LIMIT_S)
    if isinstance(size, Lost):
        raise PlanError(f"The pictures of {way} cannot be measured: {size.reason}.")
    return size


def _estimate(survey: Survey, cell: Cell, classifier: RemoteClassifier, size: float) -> Estimate:
    split = survey.splits[cell.split]
    train = min(cell.train_size or len(split.train), len(split.train))
    return classifier.estimate(train, len(split.holdout), size)
