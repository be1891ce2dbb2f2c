"""What changed between two runs or cells, judged by events, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.analysis.contrasts import AT_RECALL, PER_HOUR, Contrast, Difference
from harness.analysis.judging import MIDDLE, RECALLS
from harness.reporting.wording import events as events
from harness.reporting.wording import summary as wording

HEADS = (
    *("cell", "class", "figure", "first", "second"),
    *("difference", "95% interval", "verdict"),
)
NAMES: Mapping[str, str] = {
    "average_precision": "AP",
    **{f"{AT_RECALL}{recall:g}": f"alarms/h at {100 * recall:.0f}%" for recall in RECALLS},
    "precision": "precision",
    "recall": "recall",
    PER_HOUR: "alarms/h",
}


def figures(each: Difference) -> list[str]:
    """Write one difference, under `HEADS`."""
    return [
        each.name,
        each.label,
        NAMES[each.figure],
        _value(each, each.first),
        _value(each, each.second),
        _signed(each, each.difference),
        _interval(each),
        each.verdict or each.reason,
    ]


def _value(each: Difference, value: float | None) -> str:
    if value is None:
        return "not reached" if each.figure.startswith(AT_RECALL) else ""
    if each.is_rate:
        return events.rate(value)
    return wording.share(value) if _is_area(each) else wording.percent(value)


def _signed(each: Difference, value: float | None) -> str:
    if value is None:
        return ""
    if each.is_rate:
        sign = "-" if value < 0 else "+"
        return f"{sign}{events.rate(abs(value))}"
    return f"{value:+.3f}" if _is_area(each) else wording.points(value)


def _interval(each: Difference) -> str:
    if each.corrected_low is None or each.corrected_high is None:
        return ""
    return f"{_signed(each, each.corrected_low)} to {_signed(each, each.corrected_high)}"


def _is_area(each: Difference) -> bool:
    return each.figure == "average_precision"


def headline(found: Contrast) -> str:
    """Say in a sentence what changed in the figure that cells are ranked by."""
    ranking = found.ranking()
    what = f"false alarms an hour at {100 * RECALLS[MIDDLE]:.0f}% recall"
    if not ranking:
        return "No cell has a result in both."
    if len(ranking) == 1:
        return _one(ranking[0], what)
    counts = {
        verdict: sum(each.verdict == verdict for each in ranking)
        for verdict in ("better", "worse", "no clear difference", None)
    }
    untold = f"; of {counts[None]} it cannot be told" if counts[None] else ""
    several = len({each.label for each in ranking}) > 1
    return (
        f"Of {len(ranking)} {'cells and classes' if several else 'shared cells'} "
        f"{counts['better']} became better and {counts['worse']} worse in {what}; "
        f"{counts['no clear difference']} show no clear difference{untold}."
    )


def _one(each: Difference, what: str) -> str:
    if each.verdict is None:
        return f"Which has fewer {what} cannot be told: {each.reason}."
    said = {
        "better": "The second is better",
        "worse": "The second is worse",
        "no clear difference": "No clear difference",
    }[each.verdict]
    return (
        f"{said}: {_signed(each, each.difference)} {what} "
        f"(95% {_interval(each)}, p {each.adjusted:.2g})."
    )


def shown(found: Contrast, everything: bool) -> Sequence[Difference]:
    """Choose what is worth telling: of several cells, those where a figure tells a difference."""
    names = dict.fromkeys((each.name, each.label) for each in found.differences)
    if everything or len(names) == 1:
        return found.differences
    telling = {
        (each.name, each.label) for each in found.differences if each.verdict in ("better", "worse")
    }
    return [each for each in found.differences if (each.name, each.label) in telling]


def remarks(found: Contrast, everything: bool) -> Iterator[str]:
    """Say how to read the figures, and what could not be compared."""
    cells = {(each.name, each.label) for each in found.differences}
    told = {(each.name, each.label) for each in shown(found, everything)}
    if len(cells) > len(told):
        yield (
            f"{len(cells) - len(told)} cells without a clear difference are not shown "
            "(--all shows them)."
        )
    if found.differences:
        yield events.making(found.rules, found.longest_s)
        yield (
            "AP: average precision of windows; alarms/h at 80%: false alarms an hour at that "
            "recall; precision, recall, alarms/h: at the threshold chosen in training for "
            f"{events.chosen_for(found.promise)}."
        )
        yield (
            f"Both are counted in the same draws of {found.units}; it speaks of {found.about}. "
            "Intervals and verdicts are Holm-corrected."
        )
    if found.thinned:
        yield events.thinned()
    for title in found.left_out:
        yield f"not compared: {title}"
    if found.only_first:
        yield f"only in {found.first}: {', '.join(found.only_first)}"
    if found.only_second:
        yield f"only in {found.second}: {', '.join(found.only_second)}"
    for line in found.regressions:
        yield f"regression: {line}"
