"""What changed between two runs or cells, in words: the same for terminal and Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.comparison import Change, Comparison
from harness.analysis.durations import SMALLEST_FIT_S, SMALLEST_MS, THRESHOLD, Duration
from harness.reporting.wording import summary as wording

HEADS = ("cell", "first", "second", "points", "95% interval", "verdict", "ms/clip", "fit s")


def figures(change: Change) -> list[str]:
    """Write one change, under `HEADS`."""
    pair = change.pair
    return [
        change.name,
        wording.percent(change.first),
        wording.percent(change.second),
        wording.points(pair.difference),
        wording.points_interval(change.low, change.high),
        change.verdict,
        _time(change.clip),
        _time(change.fit),
    ]


def _time(time: Duration | None) -> str:
    if time is None:
        return ""
    ratio = f"×{time.ratio:.2f}"
    if time.low is not None and time.high is not None:
        ratio += f" ({time.low:.2f}–{time.high:.2f})"
    return ratio if time.pace == "no clear change" else f"{ratio} {time.pace}"


def shown(comparison: Comparison, everything: bool) -> list[Change]:
    """Choose the changes worth telling, the largest loss of accuracy first."""
    alone = len(comparison.changes) == 1
    chosen = [each for each in comparison.changes if everything or alone or each.told]
    return sorted(chosen, key=lambda change: change.pair.difference)


def headline(comparison: Comparison) -> str:
    """Say in a sentence what changed."""
    changes = comparison.changes
    if not changes:
        return "No cell has a result in both."
    if len(changes) == 1:
        return _one(changes[0])
    counts = {
        verdict: sum(change.verdict == verdict for change in changes)
        for verdict in ("better", "worse", "no clear difference")
    }
    return (
        f"Of {len(changes)} shared cells {counts['better']} became better and {counts['worse']} "
        f"worse; {counts['no clear difference']} show no clear difference."
    )


def _one(change: Change) -> str:
    pair = change.pair
    said = {
        "better": "The second is better",
        "worse": "The second is worse",
        "no clear difference": "No clear difference",
    }[change.verdict]
    interval = wording.points_interval(change.low, change.high)
    return (
        f"{said}: {wording.points(pair.difference)} points (95% {interval}, "
        f"p {change.adjusted:.2g}); only the first got {pair.only_second} of {pair.n} clips "
        f"right that the second did not, only the second {pair.only_first}."
    )


def remarks(comparison: Comparison, everything: bool) -> Iterator[str]:
    """Say how to read the figures, and what could not be compared."""
    hidden = len(comparison.changes) - len(shown(comparison, everything))
    if hidden:
        yield f"{hidden} cells without a clear change are not shown (--all shows them)."
    if comparison.changes:
        methods = " or ".join(dict.fromkeys(c.pair.method for c in comparison.changes))
        abouts = " or ".join(dict.fromkeys(c.pair.about for c in comparison.changes))
        corrected = "; intervals and verdicts Holm-corrected" if len(comparison.changes) > 1 else ""
        yield f"Accuracy: paired clip by clip ({methods}{corrected}); it speaks of {abouts}."
        yield (
            f"Time: second over first; called a change from ×{THRESHOLD:g} or ×{1 / THRESHOLD:g} "
            f"on, and above {SMALLEST_MS:g} ms/clip or {SMALLEST_FIT_S:g} s."
        )
    yield from comparison.remarks
    for title in comparison.left_out:
        yield f"not compared: {title}"
    if comparison.only_first:
        yield f"only in {comparison.first}: {', '.join(comparison.only_first)}"
    if comparison.only_second:
        yield f"only in {comparison.second}: {', '.join(comparison.only_second)}"
    for line in comparison.regressions:
        yield f"regression: {line}"
