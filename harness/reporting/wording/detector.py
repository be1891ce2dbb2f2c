"""A kept detector in words: what it is, what it learnt from, its figures, the limits of its use."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.applying.bundle import Bundle
from harness.applying.detector import Confirmed, Decision, Detector, Figure, SideFigures
from harness.reporting.wording.summary import percent, share

Rows = list[tuple[str, str]]


def card(bundle: Bundle) -> dict[str, Rows]:
    """Say all that a person should know before using it, by heading."""
    detector = bundle.detector
    return {
        "Detector": list(_made(detector)),
        "Learnt from": list(_learnt(detector)),
        "Figures": list(_figures(detector)),
        "Limits of its use": [("", line) for line in limits(detector)],
        "Kept": list(_kept(bundle)),
    }


def _made(detector: Detector) -> Iterator[tuple[str, str]]:
    yield from _members(detector)
    yield "classes", ", ".join(detector.classes)
    yield "detected", decided(detector.decision, detector.wanted)
    hearing = detector.hearing
    cut = f"windows of {hearing.window_s:g} s at {hearing.rate_hz:g} Hz"
    yield "recordings", f"{cut}: {hearing.dataset}" if hearing.dataset else hearing.why_not
    for each in detector.decision.confirmed:
        yield "promise", promised(each)


def _members(detector: Detector) -> Iterator[tuple[str, str]]:
    """Name the cell, or each cell that is averaged with its share."""
    if len(detector.members) == 1:
        yield "cell", detector.members[0].title
        return
    yield "averages", f"the probabilities of {len(detector.members)} cells"
    whole = sum(detector.times)
    for each in sorted(detector.members, key=lambda member: -member.times):
        yield "member", f"{each.title}, weight {each.times / whole:.2f}"


def decided(decision: Decision, wanted: tuple[str, ...]) -> str:
    """Say when a window is detected."""
    names = ", ".join(wanted) or "nothing"
    if not decision.thresholds:
        return f"{names}, where it is the most probable class"
    each = (f"{name} from {value:.6g} on" for name, value in decision.thresholds.items())
    joined = f"; joined across {decision.gap_s:g} s" if decision.gap_s else ""
    fewest = f"; of {decision.shortest} windows or more" if decision.shortest > 1 else ""
    return f"{', '.join(each)}{joined}{fewest}"


def promised(found: Confirmed) -> str:
    """Say what a threshold was chosen for, and what came of it on held-out recordings."""
    chosen = f"chosen inside training for {found.promise}" if found.promise else "chosen inside"
    figures = (
        ("precision", found.precision, percent),
        ("recall", found.recall, percent),
        ("false alarms an hour", found.per_hour, lambda value: f"{value:.3g}"),
    )
    said = [f"{name} {_interval(each, write)}" for name, each, write in figures if each]
    verdict = f": {found.verdict}" if found.verdict else ""
    return f"{found.label}: {chosen}; held out, by events: {', '.join(said)}{verdict}"


def _interval(figure: Figure, write: Callable[[float], str]) -> str:
    if figure.low is None or figure.high is None:
        return write(figure.value)
    return f"{write(figure.value)} ({write(figure.low)} to {write(figure.high)})"


def _learnt(detector: Detector) -> Iterator[tuple[str, str]]:
    trained = detector.trained
    yield "data", f"{trained.dataset}: {trained.summary}"
    counts = ", ".join(f"{count:,} {name}" for name, count in trained.classes.items())
    groups = f" of {trained.groups} groups" if trained.groups else ""
    side = "the training side alone" if trained.side == "train" else "both sides of the split"
    yield "clips", f"{trained.clips:,}{groups} ({counts}), {side}"
    yield "split", f"{trained.split}, {trained.split_digest[:12]}"
    yield "run", f"{detector.run}, seed {trained.seed}"
    if detector.note:
        yield "note", detector.note


def _figures(detector: Detector) -> Iterator[tuple[str, str]]:
    measured = detector.measured
    yield "chosen", measured.chosen
    if measured.cv is not None:
        yield "inside training", _side(measured.cv)
    if measured.holdout is not None:
        interval = ""
        if measured.low is not None and measured.high is not None:
            low, high = percent(measured.low), percent(measured.high)
            interval = f" (accuracy {low} to {high}, 95%, for {measured.about})"
        yield "held out", f"{_side(measured.holdout)}{interval}"
    yield "measured on", f"{measured.held_out:,} clips, after learning from {measured.train:,}"


def _side(figures: SideFigures) -> str:
    return (
        f"accuracy {percent(figures.accuracy)}, balanced {percent(figures.balanced_accuracy)}, "
        f"AUC {share(figures.roc_auc)}, log loss {share(figures.log_loss)}"
    )


def limits(detector: Detector) -> list[str]:
    """Say what the figures do not promise."""
    trained, hearing = detector.trained, detector.hearing
    found = [
        f"It knows clips of {hearing.window_s:g} s at {hearing.rate_hz:g} Hz in "
        f"{hearing.channels} channel{'s' * (hearing.channels != 1)}, and {len(detector.classes)} "
        "classes; whatever it hears, it names one of them."
    ]
    if trained.synthetic:
        found.append("It learnt from computed clips: of real recordings its figures say nothing.")
    if trained.side == "all":
        found.append(
            "Its figures are those of the cell in the benchmark, before the held-out clips were "
            "learnt from, too."
        )
    found.append(
        f"They speak of clips like {trained.groups} groups of this data, in the same shares of "
        "the classes; where other sites, recorders or seasons differ, so may they."
        if trained.groups
        else "They speak of clips drawn like those of this data, in the same shares of classes."
    )
    if not detector.decision.thresholds:
        found.append(
            "No threshold was chosen: what is rare in recordings may be drowned in false alarms. "
            "Look at some detections, and give apply a --threshold."
        )
    return [*found, *detector.remarks]


def _kept(bundle: Bundle) -> Iterator[tuple[str, str]]:
    detector = bundle.detector
    for plugin in detector.plugins:
        written = f"{plugin.kind}, version {plugin.version}, {plugin.digest[:12]}"
        yield plugin.name, written
    arrays = [array for each in bundle.learnt for array in each.arrays.values()]
    size = sum(array.nbytes for array in arrays)
    yield "learnt", f"{len(arrays)} arrays, {size / 1e6:.2f} MB"
    yield "self-test", f"{len(bundle.probes.probes)} clips"
    versions = ", ".join(f"{name} {v}" for name, v in detector.environment.libraries.items())
    yield "made with", f"Python {detector.environment.python}; {versions}"
    yield "digest", bundle.digest
