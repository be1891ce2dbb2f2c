"""A run judged by events, in words: the same for the terminal, Markdown and the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.analysis.judging import MIDDLE, RECALLS, Confirmed, Judged, Judgement, Verdict
from harness.analysis.thresholds import Promise
from harness.reporting.wording import summary as wording
from harness.statistics.drawn import Estimate
from harness.statistics.events import Joining

NAMED = 4
"""More cells than these are counted, not named."""

VERDICTS: Mapping[Verdict, str] = {"kept": "yes", "unclear": "unclear", "broken": "no"}

ALARM_HEADS = ("AP", "in training", *(f"at {100 * recall:.0f}%" for recall in RECALLS))
THRESHOLD_HEADS = ("from", "precision", "recall", "alarms/h", "kept")


def rate(value: float | None) -> str:
    """Write alarms an hour with three figures; empty where there are none."""
    if value is None:
        return ""
    decimals = 0 if value >= 99.5 else 1 if value >= 9.95 else 2
    return f"{value:.{decimals}f}"


def rate_with_interval(found: Estimate | None) -> str:
    """Write a rate, then its interval; one without an upper end says so."""
    if found is None:
        return ""
    if found.low is None:
        return rate(found.value)
    high = "?" if found.high is None else rate(found.high)
    return f"{rate(found.value)} ({rate(found.low)}–{high})"


def share_with_interval(found: Estimate | None) -> str:
    """Write a share in percent, then its interval in whole percents."""
    if found is None:
        return ""
    if found.low is None or found.high is None:
        return wording.percent(found.value)
    return f"{wording.percent(found.value)} ({100 * found.low:.0f}–{100 * found.high:.0f})"


def alarm_figures(row: Judged) -> tuple[str, ...]:
    """Write the figures of a row, under `ALARM_HEADS`."""
    precision = row.average_precision
    return (
        "" if precision is None else wording.share(precision.value),
        rate(row.inside[MIDDLE]),
        *(rate_with_interval(each) or "not reached" for each in row.per_hour),
    )


def threshold_figures(row: Judged) -> tuple[str, ...]:
    """Write what a row comes to at its threshold, under `THRESHOLD_HEADS`; empty without one."""
    at = row.at
    if not isinstance(at, Confirmed):
        return ("",) * len(THRESHOLD_HEADS)
    lowest = min(each.calibrated for each in at.thresholds)
    highest = max(each.calibrated for each in at.thresholds)
    told = f"{lowest:.2f}" if highest - lowest < 0.005 else f"{lowest:.2f}–{highest:.2f}"
    return (
        told,
        share_with_interval(at.precision),
        share_with_interval(at.recall),
        rate_with_interval(at.per_hour),
        "" if at.verdict is None else VERDICTS[at.verdict],
    )


def heading(found: Judgement) -> Iterator[str]:
    """Say what was listened to, and what an event is."""
    for each in found.listened:
        yield (
            f"{each.label}: {_counted(each.selections, 'selection')} in {each.hours:.2f} hours of "
            f"{_counted(each.recordings, 'recording')} held out."
        )
    yield making(found.rules, found.longest_s)


def making(rules: Joining, longest_s: float) -> str:
    """Say what an event is, and when it is right."""
    joined = f"up to {rules.gap_s:g} s apart" if rules.gap_s else "that overlap or touch"
    fewest = f"{rules.shortest} detected windows or more" if rules.shortest > 1 else "windows"
    return (
        f"An event is made of {fewest} {joined}, up to {longest_s:g} s, and is right where "
        "it overlaps a selection; any other is a false alarm."
    )


def alarm_title(label: str) -> str:
    """Name the table of false alarms."""
    return f"{label}: false alarms an hour, by recall"


def chosen_for(promise: Promise | None) -> str:
    """Say what thresholds were chosen for."""
    return "the highest F1 of events" if promise is None else str(promise)


def threshold_title(found: Judgement, label: str) -> str:
    """Name the table of thresholds."""
    return f"{label}: at the threshold chosen in training for {chosen_for(found.promise)}"


def remarks(found: Judgement) -> Iterator[str]:
    """Say what the figures mean and what they leave open."""
    inside = any(row.inside[MIDDLE] is not None for row in found.rows)
    yield (
        "AP: average precision of windows. "
        + (
            f"in training: false alarms an hour at {100 * RECALLS[MIDDLE]:.0f}% recall, "
            "cross-validated; rows are ranked by it, and the holdout confirms."
            if inside
            else "There are no folds inside training: rows are ranked by the holdout itself, "
            "which flatters the first."
        )
    )
    if any(isinstance(row.at, Confirmed) for row in found.rows):
        yield (
            "from: the calibrated probability from which on a window is detected; precision: of "
            "events; recall: of selections."
        )
    yield (f"In brackets: the 95% interval, drawn from {found.units}; it speaks of {found.about}.")
    if found.thinned:
        yield thinned()
    yield from promises(found)
    yield from _mishaps(found)


def thinned() -> str:
    """Say what thinned background means for false alarms."""
    return (
        "Background was thinned: a window that is left stands for those that are not, in hours and "
        "as so many false alarms. Joined to events they would be fewer, so false alarms an hour "
        "are at most what is told; a dataset without background_per_call= gives the figure itself."
    )


def promises(found: Judgement) -> Iterator[str]:
    """Say where the promise is kept on the holdout, and where it is not."""
    if found.promise is None:
        return
    rows = [row for row in found.rows if not row.control and isinstance(row.at, Confirmed)]
    by: dict[Verdict, list[Judged]] = {"kept": [], "unclear": [], "broken": []}
    for row in rows:
        if isinstance(row.at, Confirmed) and row.at.verdict is not None:
            by[row.at.verdict].append(row)
    if not rows:
        return
    yield (
        f"{found.promise}, as chosen inside training, is kept on the holdout by "
        f"{len(by['kept'])} of {_counted(len(rows), 'cell')}."
    )
    if by["broken"]:
        yield f"It is NOT kept by {_named(by['broken'])}."
    if by["unclear"]:
        yield (
            f"It is missed by so little that it can be chance by {_named(by['unclear'])}: the "
            "interval holds it."
        )


def _named(rows: Sequence[Judged]) -> str:
    if len(rows) > NAMED:
        return f"{len(rows)} cells"
    several = len({row.label for row in rows}) > 1
    return "; ".join(f"{row.title} ({row.label})" if several else row.title for row in rows)


def _mishaps(found: Judgement) -> Iterator[str]:
    reasons: dict[str, list[tuple[Judged, str]]] = {}
    real = [row for row in found.rows if not row.control]
    for row in real:
        if not isinstance(row.at, Confirmed):
            why, _, nearest = row.at.reason.partition("; the nearest is ")
            reasons.setdefault(why, []).append((row, nearest))
    for why, found_in in reasons.items():
        rows = [row for row, _ in found_in]
        named = "any cell" if len(rows) == len(real) else _named(rows)
        nearest = ", ".join(each for _, each in found_in[: 2 * NAMED] if each)
        told = f"; the nearest: {nearest}" if nearest else ""
        yield f"No threshold was chosen for {named}: {why}{told}."
    for title, reason in found.left_out:
        yield f"{title}: {reason}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
