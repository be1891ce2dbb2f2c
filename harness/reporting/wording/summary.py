"""What a run says, in words: the same sentences for the terminal and the report."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.summary import Row, Summary
from harness.measuring.timing import CLIP_STAGES, FIT_STAGES
from harness.planning.ways import SIGNAL
from harness.reporting.wording import clips
from harness.reporting.wording.signals import signal_remarks
from harness.results.clips import SplitAbout


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
    counts = ", ".join(f"{count} {name}" for name, count in list(data.classes.items())[:6])
    more = len(data.classes) - 6
    counts += f" and {more} more classes" if more > 0 else ""
    return f"{named}: {data.clips} clips ({counts})"


def split(about: SplitAbout) -> str:
    """Say how clips were split."""
    several = f"{about.count} splits, " if about.count > 1 else ""
    several += "each clip held out once, " if about.each_once else ""
    units = f" from {about.units} groups or blocks" if about.units else ""
    folds = f", {about.folds} folds inside training" if about.folds else ""
    dropped = f", {about.dropped} copies or overlaps left out" if about.dropped else ""
    return (
        f"{several}{about.kind}: {about.train} clips train, {about.holdout} are held "
        f"out{units}{folds}{dropped}"
    )


def heading(summary: Summary) -> Iterator[str]:
    """Say what was compared on what, and the short answer."""
    yield source(summary)
    yield split(summary.split)
    yield from clips.left_out(summary.data.left_out)
    yield headline(summary)


def headline(summary: Summary) -> str:
    """Say in a sentence or two which cell is best and what cannot be told from it."""
    best = summary.best()
    if best is None or best.accuracy is None:
        return "No cell has a result."
    ties = tied(summary)
    sure = f" (95% {interval(best.low, best.high)}, {best.about})" if best.low is not None else ""
    text = f"Best: {best.title}, {percent(best.accuracy)}% of the holdout{sure}."
    if summary.comparisons is None:
        return text
    if not ties:
        return f"{text} It is better than every other cell."
    return f"{text} {len(ties)} of the other {len(summary.compared) - 1} cannot be told from it."


def tied(summary: Summary) -> list[Row]:
    """Return the rows that cannot be told from the best, without the best."""
    found = summary.comparisons
    if found is None:
        return []
    pairs = zip(summary.compared, found.tied_with_best, strict=True)
    return [row for place, (row, tie) in enumerate(pairs) if tie and place != found.best]


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
    kinds = sorted({row.about for row in summary.rows if row.about})
    if kinds:
        yield f"The 95% interval speaks of {' or '.join(kinds)}."
    yield "ms/clip: median to read, draw and classify one clip; fit s: to learn, folds included."
    yield from spreads(summary)
    yield from twins(summary)
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
    if summary.finished < summary.planned:
        yield f"{summary.finished} of {summary.planned} cells; the same command goes on."
    for line in summary.damaged:
        yield f"damaged, counts as absent: {line} The same command makes it again."
    for row in summary.rows:
        if row.status != "ok":
            yield f"{row.title}: {row.status}: {row.reason}"


def spreads(summary: Summary) -> Iterator[str]:
    """Say how far results differ between splits or seeds."""
    best = summary.best()
    if best is not None and best.spread is not None:
        each = ", ".join(percent(value) for value in best.spread.values)
        yield f"Between repetitions the best cell goes from {percent(best.spread.smallest)} to " + (
            f"{percent(best.spread.largest)}: {each}."
        )


def twins(summary: Summary) -> Iterator[str]:
    """Say where the same picture is on both sides."""
    for representation in dict.fromkeys(row.representation for row in summary.rows):
        rows = [row for row in summary.rows if row.representation == representation]
        count = max(record.twins for row in rows for record in row.records)
        if count:
            what = "signal" if representation == str(SIGNAL) else "picture"
            yield f"{representation}: {count} holdout {what}s equal a training {what}."


def gain_remarks(summary: Summary) -> Iterator[str]:
    """Say whether gains depend on the classifier."""
    depending = [each.representation for each in summary.overall if each.depends]
    if depending:
        yield f"The gain depends on the classifier for {', '.join(depending)}."
    elif any(each.depends is not None for each in summary.overall):
        yield "No gain can be shown to depend on the classifier."
