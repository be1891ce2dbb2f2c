"""What a run says, in words: the same sentences for the terminal and the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.analysis.choice import Choice, Criterion
from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.measuring.timing import CLIP_STAGES, FIT_STAGES
from harness.planning.ways import SIGNAL
from harness.reporting.wording import clips
from harness.reporting.wording.ensembles import ensemble_remarks
from harness.reporting.wording.signals import signal_remarks
from harness.results.clips import SplitAbout
from harness.statistics.gains import Verdict
from harness.statistics.power import fewest_to_tell


def percent(share: float | None) -> str:
    """Write a share in percent, with one decimal; empty where there is none."""
    return "" if share is None else f"{100 * share:.1f}"


def share(value: float | None) -> str:
    """Write an area under the curve; empty where there is none."""
    return "" if value is None else f"{value:.3f}"


def number(value: float | None, decimals: int) -> str:
    """Write a number; empty where there is none."""
    return "" if value is None else f"{value:.{decimals}f}"


def interval(low: float | None, high: float | None) -> str:
    """Write an interval in percent."""
    return "" if low is None or high is None else f"{100 * low:.1f}–{100 * high:.1f}"


def points(difference: float) -> str:
    """Write a difference of shares in points, with its sign."""
    return f"{100 * difference:+.1f}"


def points_interval(low: float, high: float) -> str:
    """Write an interval of a difference in points; an end that is not zero does not look so."""
    return f"{_end(low)} to {_end(high)}"


def _end(value: float) -> str:
    written = points(value)
    if value and written in ("+0.0", "-0.0"):
        return f"{100 * value:+.1g}"
    return written


NAMED_CLASSES = 6
"""More classes than these are counted, not named."""

RANKED_HEADS = ("cv", "holdout", "95% interval", "ties", "AUC", "ms/clip", "fit s")


def ranked_figures(row: Row) -> tuple[str, ...]:
    """Write the figures of a row that has some, under `RANKED_HEADS`."""
    return (
        percent(row.mean("cv", "accuracy")),
        percent(row.accuracy),
        interval(row.low, row.high),
        row.letters,
        share(row.mean("holdout", "roc_auc")),
        number(row.milliseconds(*CLIP_STAGES), 2),
        number(row.total_seconds(*FIT_STAGES), 1),
    )


def source(summary: Summary) -> str:
    """Say what clips a run is about, and that they are synthetic if they are."""
    data, plan = summary.data, summary.plan
    remarks = ["SYNTHETIC"] if data.synthetic else []
    remarks += [plan.note] if plan.note else []
    named = f"{plan.dataset} ({'; '.join(remarks)})" if remarks else plan.dataset
    return f"{named}: {data.clips} clips ({_classes(data.classes)})"


def _classes(counts: Mapping[str, int]) -> str:
    """Name a few classes with their clips; of many, say how many they are."""
    if len(counts) <= NAMED_CLASSES:
        return ", ".join(f"{count} {name}" for name, count in counts.items())
    fewest, most = min(counts.values()), max(counts.values())
    each = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    return f"{len(counts)} classes, {each} clips each"


def split(about: SplitAbout) -> str:
    """Say how clips were split."""
    several = f"{about.count} splits, " if about.count > 1 else ""
    several += "each clip held out once, " if about.each_once else ""
    units = f" in {about.units} groups" if about.units else ""
    folds = f", {about.folds} folds" if about.folds else ", no folds"
    dropped = f", {about.dropped} copies or overlaps left out" if about.dropped else ""
    return (
        f"{several}{about.kind}: {about.train} train, {about.holdout} held out{units}"
        f"{folds}{dropped}"
    )


def heading(summary: Summary) -> Iterator[str]:
    """Say what was compared on what, and the short answer."""
    yield source(summary)
    yield split(summary.split)
    yield from clips.left_out(summary.data.left_out)
    yield from unfinished(summary)
    yield headline(summary)


def unfinished(summary: Summary) -> Iterator[str]:
    """Say how many cells there are of those that were asked for, and which rows have fewer."""
    if summary.finished < summary.planned:
        yield f"{summary.finished} of {summary.planned} cells; the same command goes on."
    sizes = {row.title: len({r.cell.split for r in row.records}) for row in summary.rows}
    most = max(sizes.values(), default=0)
    fewer = [title for title, size in sizes.items() if size < most]
    if fewer:
        yield (
            f"{len(fewer)} of {len(sizes)} rows ran on fewer than {most} splits, so their figures "
            f"are of fewer clips and can only be compared on those: {fewer[0]} on "
            f"{sizes[fewer[0]]}{', …' if len(fewer) > 1 else ''}."
        )


CRITERIA: Mapping[Criterion, str] = {
    Criterion.accuracy: "accuracy",
    Criterion.balanced: "balanced accuracy",
    Criterion.area: "AUC",
    Criterion.log_loss: "log loss",
}


def chosen_by(choice: Choice) -> str:
    """Write the figure that a choice was made by."""
    shares = (Criterion.accuracy, Criterion.balanced)
    value = f"{percent(choice.value)}%" if choice.by in shares else share(choice.value)
    named = "" if choice.by is Criterion.accuracy else f"{CRITERIA[choice.by]} "
    return f"{named}{value}"


def headline(summary: Summary) -> str:
    """Say in a few sentences which cell is chosen, how, and what the holdout says of it."""
    choice = summary.choice
    if choice is None:
        some = any(row.accuracy is not None for row in summary.rows)
        return "No cell but controls has a whole result." if some else "No cell has a result."
    return " ".join([*(_blind(choice) if choice.side == "cv" else _seen(choice)), *_rivals(choice)])


def _blind(choice: Choice) -> Iterator[str]:
    row = choice.row
    if choice.others:
        yield f"Chosen in training: {row.title} (cross-validated {chosen_by(choice)})."
    else:
        yield f"The only cell: {row.title} (cross-validated {chosen_by(choice)})."
    yield f"On the holdout: {percent(row.accuracy)}%{_sure(row)}{_highest(choice)}."


def _seen(choice: Choice) -> Iterator[str]:
    row, figure = choice.row, f"{percent(choice.row.accuracy)}%{_sure(choice.row)}"
    if not choice.others:
        yield f"The only cell: {row.title}, {figure} of the holdout."
        return
    by = "" if choice.by is Criterion.accuracy else f" by {chosen_by(choice)}"
    yield f"Picked on the holdout{by}, as there are no folds: {row.title}, {figure}."
    if choice.corrected is not None:
        found = choice.corrected
        yield (
            f"Corrected for having looked: {percent(found.estimate)}% "
            f"({interval(found.low, found.high)})."
        )


def _sure(row: Row) -> str:
    return f" (95% {interval(row.low, row.high)}, {row.about})" if row.low is not None else ""


def _highest(choice: Choice) -> str:
    if not choice.others or not choice.telling:
        return ""
    if choice.highest.title == choice.row.title:
        return ", the highest there"
    return f"; highest there: {choice.highest.title}, {percent(choice.highest.accuracy)}%"


def _rivals(choice: Choice) -> Iterator[str]:
    if not choice.others:
        return
    if not choice.telling:
        yield (
            f"{choice.clips} independent holdout clips are too few to tell {choice.others + 1} "
            f"cells apart: below {choice.fewest} even a clean sweep can be chance."
        )
    elif choice.ties:
        some = f"{len(choice.ties)} of {choice.others} others" if choice.others > 1 else "The other"
        yield f"{some} cannot be told from it."
    else:
        yield f"{'All others' if choice.others > 1 else 'The other'} can be told from it."
    if choice.unjudged:
        yield f"{choice.unjudged} cells had no such figure and were no candidates."


def remarks(summary: Summary) -> Iterator[str]:
    """Say what the ranking means: ties, what could be detected, what an interval is about."""
    found = summary.comparisons
    if found is not None:
        text = f"Rows that share a letter cannot be told apart ({found.method}, Holm-corrected)."
        if found.detectable is not None:
            text += (
                f" The smallest difference that this holdout would find in four cases of five is "
                f"about {100 * found.detectable:.1f} points."
            )
        yield text
    yield from signal_remarks(summary)
    yield from ensemble_remarks(summary)
    kinds = sorted({row.about for row in summary.rows if row.about})
    if kinds:
        yield f"The 95% interval speaks of {' or '.join(kinds)}."
    yield "ms/clip: median to read, draw and classify one clip; fit s: to learn, folds included."
    yield from spreads(summary)
    yield from twins(summary)
    yield from lots(summary)
    yield from clips.bookkeeping(summary)
    partial = [row for row in summary.rows if (row.mean("holdout", "coverage") or 1.0) < 1.0]
    for row in partial:
        yield (
            f"{row.title}: {percent(row.mean('holdout', 'coverage'))}% of predictions were "
            f"completed; {percent(row.mean('holdout', 'accuracy_completed'))}% of those are right "
            "(failed ones count as wrong above)."
        )


def mishaps(summary: Summary) -> Iterator[str]:
    """Say why rows have no figures, or not all."""
    for line in summary.damaged:
        yield f"damaged, counts as absent: {line} The same command makes it again."
    for row in summary.rows:
        if row.status != "ok":
            yield f"{row.title}: {row.status}: {row.reason}"


def spreads(summary: Summary) -> Iterator[str]:
    """Say how far results differ between splits or seeds."""
    spread = None if summary.choice is None else summary.choice.row.spread
    if spread is not None:
        each = ", ".join(percent(value) for value in spread.values)
        yield (
            f"Between repetitions the choice goes from {percent(spread.smallest)} to "
            f"{percent(spread.largest)}: {each}."
        )


def twins(summary: Summary) -> Iterator[str]:
    """Say where the same picture is on both sides."""
    for representation in dict.fromkeys(row.representation for row in summary.rows):
        rows = [row for row in summary.rows if row.representation == representation]
        count = max(record.twins for row in rows for record in row.records)
        if count:
            what = "signal" if representation == str(SIGNAL) else "picture"
            yield f"{representation}: {count} holdout {what}s equal a training {what}."


def lots(summary: Summary) -> Iterator[str]:
    """Say which classifiers learnt from some of the training clips alone."""
    found = {
        record.cell.classifier: (record.learnt, record.clips.train)
        for row in summary.rows
        for record in row.records
        if record.learnt is not None and record.clips is not None
    }
    for classifier, (learnt, train) in found.items():
        yield f"{classifier} learnt from {learnt:,} of {train:,} training clips, drawn by lot."


def too_few(summary: Summary) -> int:
    """Return from how many holdout clips or groups on a gain could show; 0 if they are enough."""
    choice = summary.choice
    fewest = fewest_to_tell(len(summary.gains))
    return fewest if choice is not None and choice.clips < fewest else 0


def verdict(summary: Summary, found: Verdict) -> str:
    """Write a verdict, or that there are too few clips for any."""
    return "too few clips" if too_few(summary) else found


def gain_remarks(summary: Summary) -> Iterator[str]:
    """Say how gains were judged, and whether they depend on the classifier."""
    if len(summary.gains) > 1:
        yield (
            f"Intervals and verdicts are both corrected for {len(summary.gains)} comparisons "
            "(Holm; means for themselves): an interval leaves out zero where the verdict tells a "
            "difference, and only there."
        )
    if fewest := too_few(summary):
        yield (
            f"No verdict: below {fewest} independent holdout clips even a clean sweep can be "
            "chance."
        )
        return
    depending = [each.representation for each in summary.overall if each.depends]
    if depending:
        yield f"The gain depends on the classifier for {', '.join(depending)}."
    elif any(each.depends is not None for each in summary.overall):
        yield "No gain can be shown to depend on the classifier."
