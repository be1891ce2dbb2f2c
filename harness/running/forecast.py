"""What a run would do, take and cost, said without starting it or writing anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.contracts import Dataset, Estimate, Plot, RemoteClassifier
from harness.errors import PlanError, SightbenchError, one_line
from harness.pictures.drawing import Drawing
from harness.pictures.keys import drawing_key
from harness.planning.plan import Cell
from harness.planning.specs import Chain
from harness.results.identity import folder_name
from harness.results.store import elsewhere
from harness.running.drawing import BYTES_A_PIXEL
from harness.running.options import Session
from harness.running.preparation import BLOCK_LIMIT_S, Survey
from harness.running.workers import Lost
from harness.values import Entry, Signals

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
    """

    survey: Survey
    finished: int
    pictures: int
    picture_bytes: int
    estimates: Mapping[Cell, Estimate]

    @property
    def cells(self) -> int:
        """How many cells the plan has."""
        return len(self.survey.made)


@dataclass(frozen=True, slots=True)
class SizeTask:
    """Clips to be drawn in memory."""

    dataset: Dataset
    entries: Sequence[Entry]
    drawing: Drawing


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
    finished = set() if session.options.fresh else _finished(survey, session)
    remote = {cell: each for cell, each in _remote(survey).items() if cell not in finished}
    lacking = _lacking(survey, session)
    sent = {cell.representation for cell in remote}
    sizes = {
        chain: _measured(survey, session, chain, drawing)
        for chain, drawing in _drawings(survey).items()
        if chain in sent or isinstance(drawing.representation, Plot)
    }
    return Forecast(
        survey=survey,
        finished=len(finished),
        pictures=sum(lacking.values()),
        picture_bytes=int(_disk_bytes(survey, lacking, sizes)),
        estimates={
            cell: _estimate(survey, cell, classifier, sizes[cell.representation])
            for cell, classifier in remote.items()
        },
    )


def _finished(survey: Survey, session: Session) -> set[Cell]:
    names = {folder_name(cell, made): cell for cell, made in survey.made.items()}
    found = elsewhere(session.options.results, Path(), names)
    return {cell for name, cell in names.items() if name in found}


def _drawings(survey: Survey) -> dict[Chain, Drawing]:
    return {c: d for c, d in survey.resolved.drawings.items() if isinstance(d, Drawing)}


def _lacking(survey: Survey, session: Session) -> dict[Chain, int]:
    """Count the pictures that each drawing lacks in the gallery."""
    contents = {survey.collection.readings[row].content for row in survey.rows}
    gallery = session.options.gallery
    return {
        chain: len(contents - set(gallery.places(drawing_key(drawing))))
        for chain, drawing in _drawings(survey).items()
    }


def _disk_bytes(
    survey: Survey, lacking: Mapping[Chain, int], sizes: Mapping[Chain, float]
) -> float:
    """Add up pictures: packed levels, or the JPEG of a plot."""
    total = 0.0
    for chain, drawing in _drawings(survey).items():
        plotted = isinstance(drawing.representation, Plot)
        packed = drawing.settings.height * drawing.settings.width * BYTES_A_PIXEL
        total += lacking[chain] * (sizes[chain] if plotted else packed)
    return total


def _remote(survey: Survey) -> dict[Cell, RemoteClassifier]:
    found = {}
    for cell in survey.made:
        classifier = survey.resolved.classifiers[cell.classifier]
        drawn = survey.resolved.drawings[cell.representation]
        if isinstance(classifier, RemoteClassifier) and isinstance(drawn, Drawing):
            found[cell] = classifier
    return found


def _measured(survey: Survey, session: Session, chain: Chain, drawing: Drawing) -> float:
    """Draw some clips in memory and return the mean size of a picture as JPEG, in bytes."""
    session.observer.stage(f"measuring pictures of {chain}", None)
    rows = survey.rows[:: max(1, len(survey.rows) // MEASURED)][:MEASURED]
    entries = [survey.collection.entries[row] for row in rows]
    task = SizeTask(survey.resolved.dataset, entries, drawing)
    (size,) = session.workers.in_order(measure_sizes, [task], BLOCK_LIMIT_S)
    if isinstance(size, Lost):
        raise PlanError(f"The pictures of {chain} cannot be measured: {size.reason}.")
    return size


def _estimate(survey: Survey, cell: Cell, classifier: RemoteClassifier, size: float) -> Estimate:
    split = survey.splits[cell.split]
    train = min(cell.train_size or len(split.train), len(split.train))
    return classifier.estimate(train, len(split.holdout), size)
