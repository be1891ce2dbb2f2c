"""A cell learns once more, in a worker: written down, made again, and tried before it is kept."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.applying.bundle import Probes
from harness.applying.probes import expect_same, probe
from harness.applying.scoring import Scorer, Together
from harness.clips.entries import Entries
from harness.contracts import Dataset, Fitted, LocalClassifier, Writable
from harness.errors import ClassifierError
from harness.measuring.timing import Stopwatch
from harness.pictures.stacks import AnyDrawing
from harness.running.features import features_of
from harness.running.looking import LookedAt, Recordings, look_at
from harness.running.lots import drawn_by_lot
from harness.running.needs import threads_of
from harness.values import Clip, Entry, Features, Knowledge


@dataclass(frozen=True, slots=True)
class Lesson:
    """A task for a worker: what to learn from, and clips for the self-test.

    Parameters
    ----------
    entries
        Of the clips, in the order of what is seen.
    rows
        Those to learn from, by id.
    probes
        To be read again.
    """

    drawing: AnyDrawing | None
    classifier: LocalClassifier
    seen: LookedAt
    entries: Entries
    rows: tuple[int, ...]
    seed: int
    dataset: Dataset
    probes: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """What came of a lesson."""

    knowledge: Knowledge
    classes: tuple[str, ...]
    probes: Probes
    clips: tuple[Clip, ...]


def learn(task: Lesson) -> Taught:
    """Learn as a cell of the benchmark does, write it down, make it again and try it.

    Raises
    ------
    ClassifierError
        What was learnt cannot be written down, or made again it scores otherwise.
    """
    classifier, entries = task.classifier, task.entries
    with threads_of(classifier), tempfile.TemporaryDirectory(prefix="sightbench-") as scratch:
        watch = Stopwatch()
        if isinstance(task.seen, Recordings):
            found, _ = look_at(classifier, task.seen, watch, Path(scratch))
        else:
            found = features_of(classifier, task.seen, None, watch, Path(scratch))
        about = Features(
            found.values,
            found.ids,
            tuple(entries.groups),
            tuple(entries.column("position")),
        )
        rows, most = np.asarray(task.rows, np.intp), classifier.most_clips
        rows = drawn_by_lot(rows, entries.labels, most, (task.seed, 0))
        labels = np.array(list(entries.labels.take(rows)), dtype=np.str_)
        rng = np.random.default_rng([task.seed, 0])
        fitted = classifier.fit(about.take(rows), labels, rng)
        if not isinstance(fitted, Writable):
            raise ClassifierError(
                f"{classifier.name} can be benchmarked but not kept: what its fit() returns has "
                "no written() (docs/detector.md)."
            )
        knowledge = fitted.written()
        clips = tuple(task.dataset.read(entry) for entry in task.probes)
        classes = tuple(sorted(set(labels.tolist())))
        probes = probe(_alone(task, fitted, classes), clips)
        again = _alone(task, classifier.made_again(knowledge), classes)
        samples = tuple(clip.samples for clip in clips)
        expect_same(again, classifier.name, probes, samples)
    return Taught(knowledge, classes, probes, clips)


def _alone(task: Lesson, fitted: Fitted, classes: tuple[str, ...]) -> Together:
    return Together((Scorer(task.drawing, task.classifier, fitted, classes),), (1,))
