"""A detector described: what it was made of and learnt from, with the figures behind it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence

from harness.analysis.rows import Figure, Row
from harness.analysis.rows import Measured as Side
from harness.applying.detector import (
    Decision,
    Detector,
    Hearing,
    Measured,
    MemberMade,
    PluginMade,
    SideFigures,
    Trained,
)
from harness.applying.learning import Lesson, Taught
from harness.applying.restoring import made_of
from harness.applying.wishes import Wish
from harness.clips.splits import Split
from harness.contracts import Plugin, UnlabelledDataset
from harness.errors import PlanError
from harness.measuring import environment
from harness.pictures.stacks import plugins_of
from harness.planning.plan import make_plan
from harness.planning.specs import Spec
from harness.results.clips import ClipsAbout
from harness.results.record import Record
from harness.running.preparation import Ready
from harness.values import Entry


def described(
    wish: Wish, ready: Ready, lessons: Sequence[Lesson], taught: Taught, decision: Decision
) -> Detector:
    """Write down what a detector is, with the figures and the split behind it.

    Raises
    ------
    PlanError
        The background that is wished for is none of the classes.
    """
    split, about, lesson = ready.splits[0], wish.run.clips(), lessons[0]
    hearing, reader = _hearing(ready)
    background = _background(wish, ready, taught.classes)
    learnt = [lesson.entries[row] for row in lesson.rows]
    return Detector(
        run=wish.run.name,
        members=tuple(_member(record, times) for record, times in wish.members),
        picture=ready.resolved.plan.picture,
        plugins=tuple(_plugins(lessons, reader)),
        classes=taught.classes,
        hearing=hearing,
        decision=dataclasses.replace(decision, background=background),
        trained=_trained(wish, about, split, learnt),
        measured=_measured(wish.row, split, wish.chosen),
        environment=environment.describe(1),
        note=wish.run.plan().note,
    )


def _member(record: Record, times: int) -> MemberMade:
    return MemberMade(str(record.cell.representation), str(record.cell.classifier), times)


def _plugins(lessons: Sequence[Lesson], reader: UnlabelledDataset | None) -> Iterable[PluginMade]:
    """Write down all that members are made of, what they share once."""
    found: list[Plugin] = []
    for lesson in lessons:
        drawn = plugins_of(lesson.drawing) if lesson.drawing is not None else ()
        found += [*drawn, lesson.classifier]
    made = map(made_of, found if reader is None else [*found, reader])
    return {(each.kind, each.written): each for each in made}.values()


def _trained(wish: Wish, about: ClipsAbout, split: Split, learnt: Sequence[Entry]) -> Trained:
    return Trained(
        dataset=_without_path(wish),
        summary=about.summary,
        synthetic=about.synthetic,
        clips=len(learnt),
        classes=dict(sorted(Counter(entry.label for entry in learnt).items())),
        side="train" if wish.training_side else "all",
        groups=len({entry.group for entry in learnt} - {None}),
        seed=wish.record.cell.seed,
        split=split.kind,
        split_digest=split.digest(),
        clips_digest=about.digest,
    )


def _without_path(wish: Wish) -> str:
    """Write the dataset down without its places: they are of this machine."""
    plan = wish.run.plan()
    spec = make_plan(plan.choices(), lambda name: False).dataset
    kept = tuple(pair for pair in spec.parameters if pair[0] not in ("path", "labels"))
    return str(Spec(spec.name, kept))


def _hearing(ready: Ready) -> tuple[Hearing, UnlabelledDataset | None]:
    """Say how recordings are cut, and by what; where they cannot be, why."""
    collection = ready.collection
    readings = [collection.readings[row] for row in ready.rows]
    shapes = {(each.length, each.rate, each.channels) for each in readings}
    first = readings[0]
    seconds = first.length / first.rate
    plain = Hearing("", seconds, first.rate, first.channels)
    if len(shapes) > 1:
        why = f"its clips have {len(shapes)} lengths, rates or numbers of channels"
        return dataclasses.replace(plain, why_not=f"{why}; windows of recordings have one"), None
    reader = ready.resolved.dataset.for_recordings(seconds, first.rate)
    if reader is None:
        what = ready.resolved.dataset.name
        return dataclasses.replace(plain, why_not=f"{what} cuts no clips from recordings"), None
    return dataclasses.replace(plain, dataset=str(_in_full(reader))), reader


def _in_full(reader: UnlabelledDataset) -> Spec:
    """Write down all parameters: what is not said today may mean something else tomorrow."""
    values = ((each.name, getattr(reader, each.name)) for each in dataclasses.fields(reader))
    return Spec(reader.name, tuple(pair for pair in values if pair[0] != "path"))


def _background(wish: Wish, ready: Ready, classes: Sequence[str]) -> str:
    """Name the class that stands for nothing."""
    if wish.background is not None:
        if wish.background and wish.background not in classes:
            raise PlanError(
                f"--background {wish.background!r} is none of the classes: {', '.join(classes)}."
            )
        return wish.background
    collection = ready.collection
    marked = {each.label for each in collection.dataset.selections(collection.entries)}
    unmarked = [name for name in classes if name not in marked]
    return unmarked[0] if marked and len(unmarked) == 1 else ""


def _measured(row: Row, split: Split, chosen: str) -> Measured:
    return Measured(
        holdout=_figures(row, "holdout"),
        cv=_figures(row, "cv"),
        low=row.low,
        high=row.high,
        about=row.about,
        train=len(split.train),
        held_out=len(split.holdout),
        chosen=chosen,
    )


def _figures(row: Row, side: Side) -> SideFigures | None:
    names: tuple[Figure, ...] = ("accuracy", "balanced_accuracy", "roc_auc", "log_loss")
    found = [row.mean(side, name) for name in names]
    return SideFigures(*found) if any(value is not None for value in found) else None
